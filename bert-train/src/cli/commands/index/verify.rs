//! `bert index verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_search::{Analyzer, IndexReader, Similarity};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::error::CommandError;
use crate::cli::output::print;

/// `bert index verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// Folder of the index.
    index: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Checks an index and prints what it contains.
pub fn run(args: &Verify) -> Result<ExitCode, CommandError> {
    let reader = IndexReader::open(&args.index)?;
    reader.verify()?;
    let settings = reader.settings();
    let similarity = match settings.similarity {
        Similarity::Cosine => "cosine",
        Similarity::Dot => "dot product",
    };
    let words = match settings.analyzer {
        Some(Analyzer::English) => "english",
        Some(Analyzer::Lowercase) => "lowercase",
        None => "none",
    };
    let facts = json!({
        "articles": reader.len(),
        "segments": reader.segments(),
        "generation": reader.generation(),
        "dimension": settings.dimension,
        "similarity": similarity,
        "words": words,
        "model": settings.model,
    });
    let text = match args.json {
        true => serde_json::to_string_pretty(&facts).expect("facts are always JSON") + "\n",
        false => {
            let facts = facts.as_object().into_iter().flatten();
            let lines = facts.map(|(name, value)| match value {
                Value::String(text) => format!("{name:12}{text}\n"),
                other => format!("{name:12}{other}\n"),
            });
            lines.collect()
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
