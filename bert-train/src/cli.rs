//! The command line, declared once.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::options::at_least_one;
use bert_tasks::{Files, Options, Task, TaskVisitor, visit_tasks};
use bert_train::Recipe;
use bert_train::fine_tuned::corpus;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use serde_json::Value;

use crate::commands::{self, CommandError};
use crate::config_file::{ConfigFile, sections};

/// Fine-tune BERT, on any GPU or none.
///
/// Start with `bert train demo`: it needs no model, no data and no network.
#[derive(Parser, Debug)]
#[command(name = "bert", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Fine-tune a pre-trained BERT.
    ///
    /// Examples:
    ///   bert train demo
    ///   bert train cola --model bert-base-uncased --data data/cola --output runs/cola
    ///   bert train classify --model bert-base-uncased --data reviews.csv --output runs/reviews
    #[command(verbatim_doc_comment)]
    Train(Train),
    /// Go on with a run that was stopped, killed or cut off, from its newest whole checkpoint.
    Resume(Resume),
    /// Judge a fine-tuned model by labelled examples.
    Eval(Eval),
    /// Answer for texts: from arguments, from a file, or from standard input, one a line.
    ///
    /// Writes one JSON object for each to standard output.
    Predict(Predict),
    /// Say what a model folder or a run folder holds.
    Info(Info),
    /// Fetch a pre-trained model from the Hugging Face hub into its cache, and print the folder.
    ///
    /// HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE mean what they mean elsewhere.
    Fetch(Fetch),
    /// Make a page of a run, or of several side by side, to look at and to show.
    ///
    /// One HTML file that asks for no other: settings, curves, metrics with confidence intervals, where the model errs.
    Report(Report),
    /// List the tasks, the corpora that `bert train` knows, their files and metrics.
    Tasks(Tasks),
    /// Print a shell's completions: bert completions bash > /etc/bash_completion.d/bert
    Completions(Completions),
    /// Print the manual page, or write the pages of all commands into a folder.
    Man(ManPages),
}

/// `bert train`.
#[derive(Args, Debug)]
pub struct Train {
    #[command(subcommand)]
    pub corpus: TrainCorpus,
}

/// `bert train CORPUS`: each corpus is a sub-command with the options of its task.
#[derive(Clone, Debug)]
pub struct TrainCorpus {
    pub name: String,
    pub args: TrainArgs,
    /// Recipe and the task's options, which [`overlay`] takes from here.
    pub matches: ArgMatches,
}

/// What training on any corpus can be told.
#[derive(Args, Clone, Debug)]
pub struct TrainArgs {
    /// The pre-trained model: a folder in Hugging Face's layout (config.json, model.safetensors or pytorch_model.bin,
    /// tokenizer.json or vocab.txt), or a name on the Hugging Face hub, `name` or `owner/name`, with `@revision` if need
    /// be. Demos can do without.
    #[arg(long, value_name = "MODEL")]
    pub model: Option<PathBuf>,
    #[command(flatten)]
    pub files: Files,
    /// Folder to make for the run [default: runs/CORPUS].
    #[arg(long, short, value_name = "RUN")]
    pub output: Option<PathBuf>,
    /// Replace the run that --output holds.
    #[arg(long)]
    pub overwrite: bool,
    /// Go on with the run that --output holds, if it holds one: from its newest whole checkpoint.
    #[arg(long, conflicts_with = "overwrite")]
    pub resume: bool,
    #[command(flatten)]
    pub device: DeviceArg,
    /// File of settings, such as the run.toml of a run: each is the flag of its name, and flags given here take its place.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub show: Show,
}

/// `bert resume`.
#[derive(Args, Debug)]
pub struct Resume {
    /// The run folder.
    pub run: PathBuf,
    /// Where the data lies, if it was moved; what it holds must be what the run began with.
    #[command(flatten)]
    pub files: Files,
    /// Another device than the run began on.
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    #[command(flatten)]
    pub show: Show,
}

/// `bert eval`.
#[derive(Args, Debug)]
pub struct Eval {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    pub run: PathBuf,
    #[command(flatten)]
    pub files: Files,
    /// What the data is: a corpus' name [default: what the run was trained on, else your own].
    #[arg(long, value_name = "CORPUS")]
    pub corpus: Option<String>,
    /// Most tokens of a text [default: as in training, else what the model can read].
    #[arg(long, value_name = "TOKENS")]
    pub max_length: Option<usize>,
    /// Texts at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub batch_size: usize,
    /// File to write each example's prediction to, as JSON lines; of questions, predictions.json and nbest.json, as
    /// SQuAD's scripts read them, are written beside it.
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
    /// Print the metrics as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub device: DeviceArg,
    #[command(flatten)]
    pub options: AnyOptions,
}

/// `bert predict`.
#[derive(Args, Debug)]
pub struct Predict {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    pub run: PathBuf,
    /// What to answer: texts; two for each pair; a question and its passage. None of them and no --file means standard
    /// input.
    pub texts: Vec<String>,
    /// File of inputs: .txt has one a line, .csv, .tsv and .jsonl have columns.
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    pub file: Option<PathBuf>,
    /// The first text of a pair.
    #[arg(long, value_name = "TEXT", requires = "second", conflicts_with_all = ["texts", "file"])]
    pub first: Option<String>,
    /// The second text of a pair.
    #[arg(long, value_name = "TEXT", requires = "first")]
    pub second: Option<String>,
    /// A question.
    #[arg(long, value_name = "TEXT", requires = "passage", conflicts_with_all = ["texts", "file", "first"])]
    pub question: Option<String>,
    /// The passage that holds the answer.
    #[arg(long, value_name = "TEXT", requires = "question")]
    pub passage: Option<String>,
    /// Most tokens of a text [default: as in training, else what the model can read].
    #[arg(long, value_name = "TOKENS")]
    pub max_length: Option<usize>,
    /// Texts at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub batch_size: usize,
    #[command(flatten)]
    pub device: DeviceArg,
    #[command(flatten)]
    pub options: AnyOptions,
}

/// `bert info`.
#[derive(Args, Debug)]
pub struct Info {
    /// A run folder or a model folder.
    pub dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// List every tensor with its shape.
    #[arg(long)]
    pub tensors: bool,
}

/// `bert fetch`.
#[derive(Args, Debug)]
pub struct Fetch {
    /// The model's name: `name` or `owner/name`, with `@revision` if need be.
    pub model: String,
}

/// `bert report`.
#[derive(Args, Debug)]
pub struct Report {
    /// Run folders.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// File to write [default: report.html in the run folder; of several runs, here].
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `bert tasks`.
#[derive(Args, Debug)]
pub struct Tasks {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `bert completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// `bert man`.
#[derive(Args, Debug)]
pub struct ManPages {
    /// Folder to write a page for each command into.
    pub dir: Option<PathBuf>,
}

/// Where to compute.
#[derive(Args, Clone, Debug)]
pub struct DeviceArg {
    /// auto, flex, ndarray, wgpu, vulkan, metal, cuda or rocm; GPUs by number, as in cuda:0. `auto` is the first GPU
    /// backend that was built in, else flex.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub device: String,
}

/// What is seen of a run while it goes on.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// How to show progress [default: dashboard on a terminal, else lines].
    #[arg(long, value_name = "HOW")]
    pub watch: Option<WatchName>,
    /// What to write beside log.jsonl: tensorboard writes event files into the run folder.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub log: Vec<LogName>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WatchName {
    /// One screen with curves and figures; q asks before it stops, and stopping saves.
    Dashboard,
    /// A line each few steps, a table at each evaluation, on standard error.
    Lines,
    /// Nothing.
    Quiet,
}

/// Logs beside `log.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogName {
    /// Event files in RUN/tensorboard: tensorboard --logdir RUN
    Tensorboard,
}

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
fn fields<T: Options>(options: &T) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(options) {
        Ok(serde_json::Value::Object(fields)) => fields,
        other => unreachable!("options are fields, not {other:?}"),
    }
}

/// The options of the task that `name` is a corpus of, where nothing is said.
fn usual_options(name: &str) -> serde_json::Map<String, serde_json::Value> {
    struct Usual<'a>(&'a str);
    impl TaskVisitor for Usual<'_> {
        type Output = serde_json::Map<String, serde_json::Value>;
        fn visit<K: Task>(&mut self) -> ControlFlow<Self::Output> {
            let Some(corpus) = corpus::<K>(self.0) else {
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
fn flags<T: Args>() -> Vec<Arg> {
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
            fn visit<K: Task>(&mut self) -> ControlFlow<()> {
                for flag in flags::<K::Options>() {
                    if self
                        .0
                        .get_arguments()
                        .all(|known| known.get_id() != flag.get_id())
                    {
                        let command = std::mem::take(&mut self.0);
                        let hide = K::TRAINING_OPTIONS.contains(&flag.get_id().as_str());
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

impl Subcommand for TrainCorpus {
    fn augment_subcommands(command: Command) -> Command {
        struct AddCorpora(Command);
        impl TaskVisitor for AddCorpora {
            type Output = ();
            fn visit<K: Task>(&mut self) -> ControlFlow<()> {
                for corpus in K::corpora() {
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
                        let hide = !corpus.has_option(flag.get_id().as_str());
                        train = train.arg(flag.hide(hide).help_heading("The task"));
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
        struct Known<'a>(&'a str);
        impl TaskVisitor for Known<'_> {
            type Output = ();
            fn visit<K: Task>(&mut self) -> ControlFlow<()> {
                match corpus::<K>(self.0) {
                    Some(_) => ControlFlow::Break(()),
                    None => ControlFlow::Continue(()),
                }
            }
        }
        visit_tasks(&mut Known(name)).is_some()
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
            fn visit<K: Task>(&mut self) -> ControlFlow<clap::Error> {
                let Some(corpus) = corpus::<K>(self.0) else {
                    return ControlFlow::Continue(());
                };
                for flag in flags::<K::Options>() {
                    let id = flag.get_id().as_str();
                    let said = self.1.value_source(id) == Some(ValueSource::CommandLine);
                    if said && !corpus.has_option(id) {
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

impl Cli {
    /// What the command line asks for, and the file of its `--config`. Ends the program where it asks for help, or is wrong.
    ///
    /// # Errors
    /// If the file has a fault.
    pub fn read() -> Result<Self, CommandError> {
        let words: Vec<OsString> = std::env::args_os().collect();
        let cli = Self::parse_from(&words);
        let Verb::Train(Train { corpus }) = &cli.command else {
            return Ok(cli);
        };
        let Some(path) = &corpus.args.config else {
            return Ok(cli);
        };
        let mut command = Self::command();
        command.build();
        let train = command
            .find_subcommand("train")
            .and_then(|train| train.find_subcommand(&corpus.name));
        let train = train.expect("clap has found it");
        let ids =
            |flags: Vec<Arg>| -> Vec<String> { flags.iter().map(|flag| flag.get_id().to_string()).collect() };
        let (top, files) = (ids(flags::<TrainArgs>()), ids(flags::<Files>()));
        let sections = sections(train, &top, &files, &ids(flags::<Recipe>()));
        let usual = usual_options(&corpus.name);
        let file = ConfigFile::read(path, &corpus.name, train, &sections, &usual, &corpus.matches)?;
        let all = words.iter().cloned().chain(file.words());
        Self::try_parse_from(all).map_err(|error| file.fault(&error).into())
    }

    /// Does what was asked.
    pub fn run(self) -> Result<ExitCode, CommandError> {
        match self.command {
            Verb::Train(args) => commands::train::run(&args.corpus),
            Verb::Resume(args) => commands::resume::run(&args),
            Verb::Eval(args) => commands::eval::run(&args),
            Verb::Predict(args) => commands::predict::run(&args),
            Verb::Info(args) => commands::info::run(&args),
            Verb::Completions(args) => commands::completions::run(&args),
            Verb::Man(args) => commands::man::run(&args),
            Verb::Fetch(args) => commands::fetch::run(&args),
            Verb::Report(args) => commands::report::run(&args),
            Verb::Tasks(args) => commands::tasks::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn only_what_was_said_takes_the_place_of_the_base() {
        let words = [
            "bert",
            "train",
            "classify",
            "--lr",
            "1e-3",
            "--label-column",
            "stars",
        ];
        let Verb::Train(train) = Cli::try_parse_from(words).unwrap().command else {
            panic!("not understood as training");
        };
        let base = Recipe {
            epochs: 7,
            ..Recipe::default()
        };
        let recipe: Recipe = overlay(&base, &train.corpus.matches);
        assert_eq!(recipe, Recipe { lr: 1e-3, ..base });
        let refused = Cli::try_parse_from(["bert", "train", "cola", "--label-column", "stars"]).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("--label-column means nothing for cola"),
            "{refused}"
        );
    }
}
