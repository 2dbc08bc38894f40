//! What each command can be told.

use std::path::PathBuf;

use bert_tasks::Files;
use bert_tasks::task::at_least_one;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

use super::corpora::TrainCorpus;
use super::options::AnyOptions;

/// `bert train`.
#[derive(Args, Debug)]
pub struct Train {
    #[command(subcommand)]
    pub corpus: TrainCorpus,
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
    #[arg(long, value_name = "TEXT", requires = "first", conflicts_with_all = ["texts", "file"])]
    pub second: Option<String>,
    /// A question.
    #[arg(long, value_name = "TEXT", requires = "passage", conflicts_with_all = ["texts", "file", "first"])]
    pub question: Option<String>,
    /// The passage that holds the answer.
    #[arg(long, value_name = "TEXT", requires = "question", conflicts_with_all = ["texts", "file", "first"])]
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
