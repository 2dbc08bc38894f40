//! `bert index merge`.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_search::IndexWriter;
use clap::Args;
use datasets::counted;

use crate::cli::error::CommandError;

/// `bert index merge`.
#[derive(Args, Debug)]
pub struct Merge {
    /// Folder of the index.
    index: PathBuf,
}

/// Merges the segments.
pub fn run(args: &Merge) -> Result<ExitCode, CommandError> {
    let mut writer = IndexWriter::open(&args.index)?;
    let before = writer.segments();
    writer.merge(1)?;
    writer.commit()?;
    eprintln!(
        "{}: {}, {} before and {} now",
        args.index.display(),
        counted(writer.len(), "article"),
        counted(before, "segment"),
        writer.segments()
    );
    Ok(ExitCode::SUCCESS)
}
