//! `bert index`.

mod add;
mod delete;
mod export;
mod merge;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

use crate::cli::error::CommandError;

/// `bert index`.
#[derive(Subcommand, Debug)]
pub enum Index {
    /// Add the articles of a collection to an index, which is made if there is none.
    ///
    /// An article that replaces one with its id is indexed again, one that the index has already is not: repeat the command to
    /// continue after Ctrl-C, a crash or a power cut. Searches that run meanwhile see the index as it was.
    #[command(after_help = ADD_EXAMPLES)]
    Add(add::Add),
    /// Delete articles by their ids.
    Delete(delete::Delete),
    /// Merge the parts of an index, so that searches are as fast as possible and deleted articles take no space.
    Merge(merge::Merge),
    /// Write all passages with their vectors in a format of another program.
    Export(export::Export),
    /// Compare all files of an index with their checksums, and say what it contains.
    Verify(verify::Verify),
}

const ADD_EXAMPLES: &str = "\
Examples:
  bert index add news.index --data news.csv --model runs/retriever
  bert index add news.index --data more.jsonl
  bert index add words.index --data beir/scifact        # without a model: words alone";

/// Executes the command.
pub fn run(command: &Index) -> Result<ExitCode, CommandError> {
    match command {
        Index::Add(args) => add::run(args),
        Index::Delete(args) => delete::run(args),
        Index::Merge(args) => merge::run(args),
        Index::Export(args) => export::run(args),
        Index::Verify(args) => verify::run(args),
    }
}
