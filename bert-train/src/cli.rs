//! The command line, declared once.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::Corpus;
use bert_tasks::corpus::Files;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{self, CommandError};

/// Fine-tune BERT, on any GPU or none.
///
/// Start with `bert train demo`: it needs no model, no data and no network.
#[derive(Parser, Debug)]
#[command(name = "bert", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Fine-tune a pre-trained BERT on labelled texts.
    ///
    /// Examples:
    ///   bert train demo
    ///   bert train cola --model bert-base-uncased --data data/cola --output runs/cola
    ///   bert train classify --model bert-base-uncased --data reviews.csv --output runs/reviews
    #[command(verbatim_doc_comment)]
    Train(Train),
    /// Judge a fine-tuned model by labelled texts.
    Eval(Eval),
    /// Label texts: from arguments, from a file, or from standard input, a text a line.
    ///
    /// Writes one JSON object a text to standard output.
    Predict(Predict),
    /// Say what a model folder or a run folder holds.
    Info(Info),
}

/// `bert train`.
#[derive(Args, Debug)]
pub struct Train {
    /// What to learn.
    pub task: TaskName,
    /// Folder of the pre-trained model, in Hugging Face's layout: config.json, model.safetensors or
    /// pytorch_model.bin, tokenizer.json or vocab.txt. The demo can do without.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    #[command(flatten)]
    pub files: FileArgs,
    /// Folder to make for the run [default: runs/TASK].
    #[arg(long, short, value_name = "RUN")]
    pub output: Option<PathBuf>,
    /// Replace the run that --output holds.
    #[arg(long)]
    pub overwrite: bool,
    #[command(flatten)]
    pub device: DeviceArg,
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// How to show progress [default: dashboard on a terminal, else lines].
    #[arg(long, value_name = "HOW")]
    pub watch: Option<WatchName>,
}

/// `bert eval`.
#[derive(Args, Debug)]
pub struct Eval {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    pub run: PathBuf,
    #[command(flatten)]
    pub files: FileArgs,
    /// What the data is [default: what the run was trained on, else classify].
    #[arg(long)]
    pub task: Option<TaskName>,
    /// Most tokens of a text [default: as in training, else what the model can read].
    #[arg(long, value_name = "TOKENS")]
    pub max_length: Option<usize>,
    /// Texts at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub batch_size: usize,
    /// File to write each text's prediction to, as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
    /// Print the metrics as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub device: DeviceArg,
}

/// `bert predict`.
#[derive(Args, Debug)]
pub struct Predict {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    pub run: PathBuf,
    /// Texts to label; none of them and no --file means standard input, a text a line.
    pub texts: Vec<String>,
    /// File of texts: .txt has one a line, .csv, .tsv and .jsonl have a column of them.
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    pub file: Option<PathBuf>,
    /// Column of the file with the texts [default: guessed from its header].
    #[arg(long, value_name = "NAME", requires = "file")]
    pub text_column: Option<String>,
    /// Most tokens of a text [default: as in training, else what the model can read].
    #[arg(long, value_name = "TOKENS")]
    pub max_length: Option<usize>,
    /// Texts at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub batch_size: usize,
    #[command(flatten)]
    pub device: DeviceArg,
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

/// Where the texts are.
#[derive(Args, Debug)]
pub struct FileArgs {
    /// Folder of the corpus; for `classify`, a CSV, TSV or JSON-lines file with a header, or a folder with a train and a
    /// dev file.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// File to judge by, for `classify` [default: every tenth row of --data is held out].
    #[arg(long, value_name = "FILE")]
    pub dev: Option<PathBuf>,
    /// Column with the texts [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    pub text_column: Option<String>,
    /// Column with the labels [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    pub label_column: Option<String>,
}

impl FileArgs {
    /// As the run folder records them.
    pub fn files(&self) -> Files {
        Files {
            data: self.data.clone(),
            dev: self.dev.clone(),
            text_column: self.text_column.clone(),
            label_column: self.label_column.clone(),
        }
    }
}

/// Where to compute.
#[derive(Args, Debug)]
pub struct DeviceArg {
    /// auto, flex, ndarray, wgpu, vulkan, metal, cuda or rocm; GPUs by number, as in cuda:0. `auto` is the first GPU
    /// backend that was built in, else flex.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub device: String,
}

/// The recipe; what is not given is the paper's, or for the demo its own.
#[derive(Args, Debug)]
#[command(next_help_heading = "Recipe")]
pub struct RecipeArgs {
    /// Times to go through the training texts [default: 3].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub epochs: Option<usize>,
    /// Highest learning rate [default: 5e-5].
    #[arg(long, value_name = "RATE")]
    pub lr: Option<f64>,
    /// Texts an optimiser step [default: 32].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub batch_size: Option<usize>,
    /// Texts at once in evaluation [default: 64].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub eval_batch_size: Option<usize>,
    /// Most tokens of a text; longer ones are cut [default: 128].
    #[arg(long, value_name = "TOKENS")]
    pub max_length: Option<usize>,
    /// Share of the steps over which the rate rises [default: 0.1].
    #[arg(long, value_name = "SHARE")]
    pub warmup: Option<f64>,
    /// Decay of weights; biases and normalisations never decay [default: 0.01].
    #[arg(long, value_name = "DECAY")]
    pub weight_decay: Option<f64>,
    /// Most that the gradients' global norm may be [default: 1].
    #[arg(long, value_name = "NORM")]
    pub max_grad_norm: Option<f64>,
    /// What order, dropout and new weights are drawn from [default: 42].
    #[arg(long)]
    pub seed: Option<u64>,
    /// Put texts of near length into the same batch [default: true].
    #[arg(long, value_name = "BOOL")]
    pub group_by_length: Option<bool>,
    /// Steps from one line of the log to the next [default: 10].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub logging_steps: Option<usize>,
}

/// The tasks' names on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TaskName {
    /// Whether a sentence is English: the Corpus of Linguistic Acceptability.
    Cola,
    /// Whether a sentence of a film review is positive: the Stanford Sentiment Treebank.
    Sst2,
    /// Whether a sentence is English, on sentences this program makes; needs no files.
    Demo,
    /// Your own labelled texts.
    Classify,
}

impl From<TaskName> for Corpus {
    fn from(name: TaskName) -> Self {
        match name {
            TaskName::Cola => Corpus::Cola,
            TaskName::Sst2 => Corpus::Sst2,
            TaskName::Demo => Corpus::Demo,
            TaskName::Classify => Corpus::Classify,
        }
    }
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WatchName {
    /// Burn's dashboard; q asks before it stops, and stopping saves.
    Dashboard,
    /// A line each few steps, a table at each evaluation, on standard error.
    Lines,
    /// Nothing.
    Quiet,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("it must be a whole number".into()),
    }
}

impl Cli {
    /// Does what was asked.
    pub fn run(self) -> Result<ExitCode, CommandError> {
        match self.command {
            Command::Train(args) => commands::train::run(&args),
            Command::Eval(args) => commands::eval::run(&args),
            Command::Predict(args) => commands::predict::run(&args),
            Command::Info(args) => commands::info::run(&args),
        }
    }
}
