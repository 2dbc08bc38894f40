//! Options as flags: those of the recipe and of tasks, which are declared where they belong.

use std::ops::ControlFlow;

use bert_tasks::{Entry, Options, Task, TaskVisitor, visit_tasks};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

/// The options of all tasks, for commands that learn from a folder which task it is.
#[derive(Clone, Debug)]
pub struct AnyOptions(ArgMatches);

impl AnyOptions {
    /// `base`, with what was said on the command line.
    pub fn over<T: Options>(&self, base: &T) -> T {
        overlay(base, &self.0)
    }
}

/// `base`, with what was said on the command line in its place.
pub fn overlay<T: Options>(base: &T, matches: &ArgMatches) -> T {
    let given = fields(&T::from_arg_matches(matches).expect("clap has checked them"));
    let mut all = fields(base);
    for (name, value) in given {
        if matches.value_source(&name) == Some(ValueSource::CommandLine) {
            all.insert(name, value);
        }
    }
    serde_json::from_value(all.into()).expect("each field is one of these options")
}

/// The first option that was said on the command line and is another in `base`.
pub fn changed<T: Options>(base: &T, matches: &ArgMatches) -> Option<String> {
    let (before, after) = (fields(base), fields(&overlay(base, matches)));
    let mut changed = after
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value));
    changed.next().map(|(name, _)| name)
}

/// A set of options by their names.
pub(super) fn fields<T: Options>(options: &T) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(options) {
        Ok(serde_json::Value::Object(fields)) => fields,
        other => unreachable!("options are fields, not {other:?}"),
    }
}

/// The options of the task that `name` is a corpus of, where nothing is said.
pub(super) fn usual_options(name: &str) -> serde_json::Map<String, serde_json::Value> {
    struct Usual<'a>(&'a str);
    impl TaskVisitor for Usual<'_> {
        type Output = serde_json::Map<String, serde_json::Value>;
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
            let Some(corpus) = entry.corpus(self.0) else {
                return ControlFlow::Continue(());
            };
            let mut options = K::Options::defaults();
            (corpus.preset)(&mut options);
            ControlFlow::Break(fields(&options))
        }
    }
    visit_tasks(&mut Usual(name)).unwrap_or_default()
}

/// The flags of a set of options.
pub(super) fn flags<T: Args>() -> Vec<Arg> {
    T::augment_args(Command::new("flags"))
        .get_arguments()
        .cloned()
        .collect()
}

impl Args for AnyOptions {
    fn augment_args(command: Command) -> Command {
        struct AddFlags(Command);
        impl TaskVisitor for AddFlags {
            type Output = ();
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
                for flag in flags::<K::Options>() {
                    if self
                        .0
                        .get_arguments()
                        .all(|known| known.get_id() != flag.get_id())
                    {
                        let command = std::mem::take(&mut self.0);
                        let hide = entry.training_options.contains(&flag.get_id().as_str());
                        self.0 = command.arg(flag.hide(hide).help_heading("Options of single tasks"));
                    }
                }
                ControlFlow::Continue(())
            }
        }
        let mut add = AddFlags(command);
        visit_tasks(&mut add);
        add.0
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AnyOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(matches.clone()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = matches.clone();
        Ok(())
    }
}
