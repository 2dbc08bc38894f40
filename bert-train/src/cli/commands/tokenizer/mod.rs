//! `bert tokenizer`.

mod folder;
mod sources;
mod train;

use std::process::ExitCode;

use clap::Subcommand;

use crate::cli::error::CommandError;

/// `bert tokenizer`.
#[derive(Subcommand, Debug)]
pub enum Tokenizer {
    /// Learn a WordPiece vocabulary from texts.
    ///
    /// Writes vocab.txt, tokenizer.json and their settings into --output. The same texts and options give the same files,
    /// whatever the order of the texts and the number of threads.
    #[command(after_help = TRAIN_EXAMPLES)]
    Train(train::Train),
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  bert tokenizer train corpus.txt --output vocabulary --size 8000
  bert tokenizer train texts/ more.txt --cased --output vocabulary
  bert tokenizer train reviews.csv --text-column review --output vocabulary";

/// Executes the command.
pub fn run(command: &Tokenizer) -> Result<ExitCode, CommandError> {
    match command {
        Tokenizer::Train(args) => train::run(args),
    }
}
