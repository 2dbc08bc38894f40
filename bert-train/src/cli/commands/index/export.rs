//! `bert index export`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bert_search::{ExportFormat, IndexReader};
use bert_train::progress::format::duration;
use clap::Args;
use datasets::counted;
use serde::Deserialize;

use crate::cli::error::CommandError;
use crate::cli::flags::{Named, parser};

/// `bert index export`.
#[derive(Args, Debug)]
pub struct Export {
    /// Folder of the index.
    index: PathBuf,
    /// The format.
    #[arg(long, value_name = "FORMAT", value_parser = parser::<FormatChoice>())]
    format: FormatChoice,
    /// File (parquet) or folder (npy, qdrant) to create.
    #[arg(long, short, value_name = "PATH")]
    output: PathBuf,
}

/// Formats of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatChoice {
    Npy,
    Parquet,
    Qdrant,
}

impl Named for FormatChoice {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        (
            "npy",
            "A folder with vectors.npy for NumPy, and passages.jsonl with a line for each row",
        ),
        (
            "parquet",
            "A Parquet file with columns id, passage, title, text and vector",
        ),
        (
            "qdrant",
            "A folder with bodies of requests to a Qdrant server: collection.json and points-*.json",
        ),
    ];
}

/// Writes the vectors of an index for other programs.
pub fn run(args: &Export) -> Result<ExitCode, CommandError> {
    let start = Instant::now();
    let reader = IndexReader::open(&args.index)?;
    let format = match args.format {
        FormatChoice::Npy => ExportFormat::Npy,
        FormatChoice::Parquet => ExportFormat::Parquet,
        FormatChoice::Qdrant => ExportFormat::Qdrant,
    };
    let rows = bert_search::export(&reader, &args.output, format)?;
    eprintln!(
        "{}: {} in {}",
        args.output.display(),
        counted(rows as usize, "passage"),
        duration(start.elapsed())
    );
    Ok(ExitCode::SUCCESS)
}
