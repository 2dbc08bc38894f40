//! The command line, declared once.

mod commands;
mod config_file;
mod corpus;
mod error;
mod flag;
mod flags;
mod input;
mod output;
mod run;
mod seeds;
mod stream;

use std::process::ExitCode;

use clap::{Command, CommandFactory, Parser, Subcommand};

use commands::{
    completions, eval, fetch, generate, index, info, man, predict, report, resume, score, search, tasks,
    tokenizer, train,
};
use corpus::TrainCorpus;
use error::CommandError;
use flags::accept_negative_numbers;

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
    #[command(after_help = TRAIN_EXAMPLES)]
    Train {
        #[command(subcommand)]
        corpus: Box<TrainCorpus>,
    },
    /// Resume an interrupted run from its newest undamaged checkpoint.
    Resume(resume::Resume),
    /// Evaluate a fine-tuned model on labelled examples.
    Eval(eval::Eval),
    /// Predict for texts: from arguments, from a file, or from standard input, one per line.
    ///
    /// Writes one JSON object for each text to standard output.
    Predict(predict::Predict),
    /// Write texts with a language model: after prompts from arguments, from a file, or from standard input, one per line.
    ///
    /// On a terminal, writes the texts; elsewhere one JSON object for each to standard output.
    Generate(generate::Generate),
    /// Score texts by their likelihood under a language model: from arguments, a file, or standard input, one per line.
    ///
    /// Writes one JSON object for each text, or for each pair of texts, to standard output.
    Score(score::Score),
    /// Make and change a search index of articles.
    Index {
        #[command(subcommand)]
        command: index::Index,
    },
    /// Search an index: for queries from arguments, from a file, or from standard input, one per line.
    ///
    /// On a terminal, writes titles and the best passages; elsewhere one JSON object for each query to standard output.
    Search(search::Search),
    /// Show what a model folder or a run folder contains.
    Info(info::Info),
    /// Download a pre-trained model from the Hugging Face hub into its cache, and print the folder.
    ///
    /// HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE work as in Hugging Face's own libraries. So does
    /// HF_HUB_DOWNLOAD_TIMEOUT: how many seconds to wait while nothing arrives (30 by default). Partial downloads are
    /// kept; repeat the command to continue.
    Fetch(fetch::Fetch),
    /// Write a report of a run, or of several side by side.
    ///
    /// One self-contained HTML file: settings, curves, metrics with confidence intervals, and the model's mistakes.
    Report(report::Report),
    /// Make a tokenizer: learn the vocabulary of a new BERT from texts.
    Tokenizer {
        #[command(subcommand)]
        command: tokenizer::Tokenizer,
    },
    /// List the tasks, the corpora that `bert train` knows, their files and metrics.
    Tasks(tasks::Tasks),
    /// Print a shell's completions: bert completions bash > /etc/bash_completion.d/bert
    Completions(completions::Completions),
    /// Print the manual page, or write the pages of all commands into a folder.
    Man(man::ManPages),
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  bert train demo
  bert train cola --model bert-base-uncased --data data/cola --output runs/cola
  bert train classify --model bert-base-uncased --data reviews.csv --output runs/reviews";

impl Cli {
    /// The command line with all of its flags.
    pub fn complete_command() -> Command {
        accept_negative_numbers(Self::command())
    }

    /// Executes the command.
    pub fn run(self) -> Result<ExitCode, CommandError> {
        match self.command {
            Verb::Train { corpus } => train::run(*corpus),
            Verb::Resume(args) => resume::run(&args),
            Verb::Eval(args) => eval::run(&args),
            Verb::Predict(args) => predict::run(&args),
            Verb::Generate(args) => generate::run(&args),
            Verb::Score(args) => score::run(&args),
            Verb::Index { command } => index::run(&command),
            Verb::Search(args) => search::run(&args),
            Verb::Info(args) => info::run(&args),
            Verb::Completions(args) => completions::run(&args, Self::command()),
            Verb::Man(args) => man::run(&args, Self::command()),
            Verb::Fetch(args) => fetch::run(&args),
            Verb::Report(args) => report::run(&args),
            Verb::Tokenizer { command } => tokenizer::run(&command),
            Verb::Tasks(args) => tasks::run(&args),
        }
    }
}

#[cfg(test)]
mod tests;
