//! `bert train CORPUS`: a sub-command for each corpus that a task has.

use std::ops::ControlFlow;

use bert_tasks::{Corpus, Entry, Files, Task, TaskVisitor, find_corpus, visit_tasks};
use bert_train::Recipe;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use serde_json::Value;

use super::arguments::TrainArgs;
use super::options::{fields, flags};

/// `bert train CORPUS`: each corpus is a sub-command with the options of its task.
#[derive(Clone, Debug)]
pub struct TrainCorpus {
    pub name: String,
    pub args: TrainArgs,
    /// Recipe and the task's options, which `overlay` takes from here.
    pub matches: ArgMatches,
}

/// Whether the flag has a meaning for the corpus: one of its files or of its options.
fn has_flag<K: Task>(entry: &Entry<K>, corpus: &Corpus<K>, id: &str) -> bool {
    match id {
        "data" | "dev" => corpus.demo.is_none(),
        option => entry.has_option(corpus, option),
    }
}

impl Subcommand for TrainCorpus {
    fn augment_subcommands(command: Command) -> Command {
        struct AddCorpora(Command);
        impl TaskVisitor for AddCorpora {
            type Output = ();
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
                for corpus in entry.corpora {
                    // First the arguments: they bring a description of their own.
                    let mut train = TrainArgs::augment_args(Command::new(corpus.name))
                        .about(corpus.about)
                        .long_about(format!("{}.\n\nData: {}.", corpus.about, corpus.format));
                    let usual = match &corpus.demo {
                        Some(demo) => Recipe::demo(demo.epochs, demo.max_length),
                        None => Recipe::of_task::<K>(),
                    };
                    let usual = fields(&usual);
                    train = train.args(flags::<Recipe>().into_iter().map(|flag| {
                        let flag = flag.help_heading("Recipe");
                        match &usual[flag.get_id().as_str()] {
                            Value::Null | Value::Array(_) => flag,
                            Value::String(name) => flag.default_value(name.clone()),
                            value => flag.default_value(value.to_string()),
                        }
                    }));
                    for flag in flags::<K::Options>() {
                        // All are declared, since the task reads all; those without a meaning here are refused below.
                        let hide = !has_flag(entry, corpus, flag.get_id().as_str());
                        train = train.arg(flag.hide(hide).help_heading("The task"));
                    }
                    for flag in flags::<Files>() {
                        let hide = !has_flag(entry, corpus, flag.get_id().as_str());
                        train = train.mut_arg(flag.get_id(), |flag| flag.hide(hide));
                    }
                    let command = std::mem::take(&mut self.0);
                    self.0 = command.subcommand(train);
                }
                ControlFlow::Continue(())
            }
        }
        let mut add = AddCorpora(command);
        visit_tasks(&mut add);
        add.0
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand_value_name("CORPUS")
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        find_corpus(name).is_some()
    }
}

impl FromArgMatches for TrainCorpus {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Some((name, matches)) = matches.subcommand() else {
            return Err(clap::Error::raw(ErrorKind::MissingSubcommand, "which corpus?\n"));
        };
        struct Refuse<'a>(&'a str, &'a ArgMatches);
        impl TaskVisitor for Refuse<'_> {
            type Output = clap::Error;
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<clap::Error> {
                let Some(corpus) = entry.corpus(self.0) else {
                    return ControlFlow::Continue(());
                };
                for flag in flags::<K::Options>().into_iter().chain(flags::<Files>()) {
                    let id = flag.get_id().as_str();
                    let said = self.1.value_source(id) == Some(ValueSource::CommandLine);
                    if said && !has_flag(entry, corpus, id) {
                        let text = format!("--{} means nothing for {}\n", id.replace('_', "-"), corpus.name);
                        return ControlFlow::Break(clap::Error::raw(ErrorKind::UnknownArgument, text));
                    }
                }
                ControlFlow::Continue(())
            }
        }
        match visit_tasks(&mut Refuse(name, matches)) {
            Some(error) => Err(error),
            None => Ok(Self {
                name: name.into(),
                args: TrainArgs::from_arg_matches(matches)?,
                matches: matches.clone(),
            }),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
