//! `bert train CORPUS`: a sub-command for each corpus that a task has.

use std::any::Any;
use std::ops::ControlFlow;
use std::path::PathBuf;

use bert_tasks::{Corpus, Entry, Files, Task, TaskVisitor, find_corpus, visit_tasks};
use bert_train::{Recipe, RunError};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::config_file::{ConfigFile, Table};
use super::error::CommandError;
use super::flag::flag;
use super::flags::{
    AnyFlags, FileFlags, Flags, RecipeFlags, RunFlags, RunOptions, Section, ShowFlags, TaskGroup,
};

/// The order in which help lists the flags that are about the run itself.
const ORDER: [&str; 11] = [
    "model",
    "data",
    "dev",
    "hold_out",
    "output",
    "overwrite",
    "resume",
    "device",
    "config",
    "watch",
    "log",
];

/// What `bert train CORPUS` was given.
#[derive(Debug)]
pub struct TrainCorpus {
    /// The corpus' name.
    pub name: String,
    /// Flags about the run itself.
    pub args: TrainArgs,
    /// Flags of the recipe.
    pub recipe: RecipeFlags,
    /// Flags of the task's options, where it has any.
    pub options: Option<Box<dyn AnyFlags>>,
    /// The settings file, once it has been read.
    file: Option<ConfigFile>,
}

/// Flags about the run itself.
#[derive(Args, Debug)]
pub struct TrainArgs {
    #[command(flatten)]
    pub run: RunFlags,
    #[command(flatten)]
    pub files: FileFlags,
    /// Replace the run in --output.
    #[arg(long)]
    pub overwrite: bool,
    /// File with settings, such as the run.toml of a run; flags given here override it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub show: ShowFlags,
}

impl TrainCorpus {
    /// Reads the file of `--config`, where one was given: its settings fill in for the flags that were not given.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn read_config<K: Task>(&mut self, entry: &Entry<K>, corpus: &Corpus<K>) -> Result<(), CommandError> {
        let Some(path) = &self.args.config else {
            return Ok(());
        };
        let usual = usual_options(corpus);
        let fixed = |section: &dyn Section| -> Vec<&'static str> {
            let names = section.names().iter().copied();
            names.filter(|name| !has_flag(entry, corpus, name)).collect()
        };
        let table = |name, groups| Table {
            name,
            groups,
            fixed: vec![],
            values: None,
        };
        let mut tables = vec![
            table(
                "",
                vec![&mut self.args.run as &mut dyn Section, &mut self.args.show],
            ),
            Table {
                fixed: fixed(&self.args.files),
                ..table("files", vec![&mut self.args.files])
            },
            table("recipe", vec![&mut self.recipe]),
        ];
        let mut options = table("options", vec![]);
        if let Some(flags) = &mut self.options {
            options.fixed = fixed(flags.as_ref());
            options.values = Some((flags.none(), &usual as &dyn Any));
            options.groups = vec![flags.as_mut()];
        }
        tables.push(options);
        let file = ConfigFile::read(path, corpus.name, &mut tables).map_err(|error| match error {
            error @ RunError::Line { .. } => CommandError::from(error),
            error => CommandError::from(error).about("config"),
        })?;
        let both = self.args.overwrite && self.run().resume;
        if both
            && let Some(error) = file.error("resume", |name| {
                format!("{name} cannot be combined with --overwrite")
            })
        {
            return Err(error.into());
        }
        self.file = Some(file);
        Ok(())
    }

    /// The options of the run itself.
    pub fn run(&self) -> RunOptions {
        let mut run = RunOptions::default();
        self.args.run.apply(&mut run);
        run
    }

    /// The data files.
    pub fn files(&self) -> Files {
        let mut files = Files::default();
        self.args.files.apply(&mut files);
        files
    }

    /// The recipe, for a run that starts from a pre-trained model or, as demos can, from a new one.
    pub fn recipe<K: Task>(&self, corpus: &Corpus<K>) -> Recipe {
        let mut recipe = match (&corpus.demo, &self.args.run.model) {
            (Some(demo), None) => Recipe::of_demo(demo),
            _ => Recipe::of_task::<K>(),
        };
        self.recipe.apply(&mut recipe);
        recipe
    }

    /// The options of the corpus' task.
    pub fn options<K: Task>(&self, corpus: &Corpus<K>) -> K::Options {
        let mut options = usual_options(corpus);
        if let Some(flags) = &self.options {
            flags.apply_to(&mut options);
        }
        options
    }

    /// The same error, with the line of the settings file if it is about a value from there.
    pub fn located(&self, error: CommandError) -> CommandError {
        match &self.file {
            Some(file) => error.located(file),
            None => error,
        }
    }
}

/// The options of the corpus' task where none is given.
fn usual_options<K: Task>(corpus: &Corpus<K>) -> K::Options {
    let mut options = K::Options::default();
    (corpus.preset)(&mut options);
    options
}

/// Whether the flag has a meaning for the corpus: one of its files or of its options.
fn has_flag<K: Task>(entry: &Entry<K>, corpus: &Corpus<K>, id: &str) -> bool {
    match id {
        "data" | "dev" => corpus.demo.is_none(),
        "hold_out" => entry.own == Some(corpus.name),
        option => entry.has_option(corpus, option),
    }
}

/// What lists of corpora say about one.
pub fn about<K: Task>(entry: &Entry<K>, corpus: &Corpus<K>) -> String {
    let about = corpus.about;
    match corpus.demo {
        Some(_) => format!("{about}; needs no files and no model"),
        None if entry.own == Some(corpus.name) => {
            let (first, rest) = about.split_at(1);
            format!("Your own data: {}{rest}", first.to_lowercase())
        }
        None => about.into(),
    }
}

/// The sub-command of a corpus.
fn command<K: Task>(entry: &Entry<K>, corpus: &Corpus<K>) -> Command {
    let pairs = match entry.has_option(corpus, "pairs") {
        true => " (pairs with --pairs)",
        false => "",
    };
    let about = about(entry, corpus);
    // First the arguments: they bring a description of their own.
    let mut command = TrainArgs::augment_args(Command::new(corpus.name))
        .long_about(format!("{about}{pairs}.\n\nData: {}.", corpus.format))
        .about(about);
    let usual = RunFlags::args(&RunOptions::default());
    let device = usual.into_iter().find(|flag| flag.get_id() == "device");
    let device = device.expect("it is one of them");
    command = command.mut_arg("device", |_| device);
    let recipe = match &corpus.demo {
        Some(demo) => Recipe::of_demo(demo),
        None => Recipe::of_task::<K>(),
    };
    command = command.args(
        RecipeFlags::args(&recipe)
            .into_iter()
            .map(|flag| flag.help_heading("Recipe")),
    );
    let group = TaskGroup::for_options::<K::Options>();
    for flag in group
        .map(|group| group.args(&usual_options(corpus)))
        .unwrap_or_default()
    {
        // All are declared, since the task reads all; those without a meaning here are refused below.
        let hide = !has_flag(entry, corpus, flag.get_id().as_str());
        command = command.arg(flag.hide(hide).help_heading("The task"));
    }
    for name in FileFlags::default().names() {
        command = command.mut_arg(name, |flag| flag.hide(!has_flag(entry, corpus, name)));
    }
    for (order, name) in ORDER.iter().enumerate() {
        command = command.mut_arg(name, |flag| flag.display_order(order));
    }
    command
}

impl Subcommand for TrainCorpus {
    fn augment_subcommands(command: Command) -> Command {
        struct AddCorpora(Command);
        impl TaskVisitor for AddCorpora {
            type Output = ();
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
                for corpus in entry.corpora {
                    let all = std::mem::take(&mut self.0);
                    self.0 = all.subcommand(self::command(entry, corpus));
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
        struct Parse<'a>(&'a str, &'a ArgMatches);
        impl TaskVisitor for Parse<'_> {
            type Output = Result<TrainCorpus, clap::Error>;
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
                match entry.corpus(self.0) {
                    Some(corpus) => ControlFlow::Break(parse(entry, corpus, self.1)),
                    None => ControlFlow::Continue(()),
                }
            }
        }
        visit_tasks(&mut Parse(name, matches)).expect("clap has checked the name")
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn parse<K: Task>(
    entry: &Entry<K>,
    corpus: &Corpus<K>,
    matches: &ArgMatches,
) -> Result<TrainCorpus, clap::Error> {
    let group = TaskGroup::for_options::<K::Options>();
    let options = group.map(|group| group.parse(matches)).transpose()?;
    let args = TrainArgs::from_arg_matches(matches)?;
    let given = options.iter().flat_map(|options| options.given());
    if let Some(name) = given
        .chain(args.files.given())
        .find(|name| !has_flag(entry, corpus, name))
    {
        let text = format!("{} does not use {}\n", corpus.name, flag(name));
        return Err(clap::Error::raw(ErrorKind::InvalidValue, text));
    }
    Ok(TrainCorpus {
        name: corpus.name.into(),
        args,
        recipe: RecipeFlags::from_arg_matches(matches)?,
        options,
        file: None,
    })
}
