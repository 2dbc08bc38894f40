//! The command line, declared once.

mod commands;
mod config_file;
mod corpus;
mod error;
mod flag;
mod flags;
mod hub_data;
mod output;
mod run;
mod seeds;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use commands::{completions, eval, fetch, info, man, predict, report, resume, tasks, train};
use corpus::TrainCorpus;
use error::CommandError;

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
    /// Fine-tune a pre-trained BERT
    ///
    /// Examples:
    ///   bert train demo
    ///   bert train cola --model bert-base-uncased --data data/cola --output runs/cola
    ///   bert train classify --model bert-base-uncased --data reviews.csv --output runs/reviews
    #[command(verbatim_doc_comment)]
    Train {
        #[command(subcommand)]
        corpus: Box<TrainCorpus>,
    },
    /// Resume a run that was stopped, killed or cut off, from its newest undamaged checkpoint.
    Resume(resume::Resume),
    /// Evaluate a fine-tuned model on labelled examples.
    Eval(eval::Eval),
    /// Predict for texts: from arguments, from a file, or from standard input, one per line.
    ///
    /// Writes one JSON object for each text to standard output.
    Predict(predict::Predict),
    /// Show what a model folder or a run folder contains.
    Info(info::Info),
    /// Download a pre-trained model from the Hugging Face hub into its cache, and print the folder.
    ///
    /// HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE work as in Hugging Face's own libraries. So does
    /// HF_HUB_DOWNLOAD_TIMEOUT: how many seconds to wait while nothing arrives (30 by default). What has arrived is
    /// kept, and the same command continues from there.
    Fetch(fetch::Fetch),
    /// Write a report of a run, or of several side by side.
    ///
    /// One self-contained HTML file: settings, curves, metrics with confidence intervals, and the model's mistakes.
    Report(report::Report),
    /// List the tasks, the corpora that `bert train` knows, their files and metrics.
    Tasks(tasks::Tasks),
    /// Print a shell's completions: bert completions bash > /etc/bash_completion.d/bert
    Completions(completions::Completions),
    /// Print the manual page, or write the pages of all commands into a folder.
    Man(man::ManPages),
}

impl Cli {
    /// Executes the command.
    pub fn run(self) -> Result<ExitCode, CommandError> {
        match self.command {
            Verb::Train { corpus } => train::run(*corpus),
            Verb::Resume(args) => resume::run(&args),
            Verb::Eval(args) => eval::run(&args),
            Verb::Predict(args) => predict::run(&args),
            Verb::Info(args) => info::run(&args),
            Verb::Completions(args) => completions::run(&args, Self::command()),
            Verb::Man(args) => man::run(&args, Self::command()),
            Verb::Fetch(args) => fetch::run(&args),
            Verb::Report(args) => report::run(&args),
            Verb::Tasks(args) => tasks::run(&args),
        }
    }
}

#[cfg(test)]
mod tests;
