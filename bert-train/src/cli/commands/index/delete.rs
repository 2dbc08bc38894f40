//! `bert index delete`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use bert_search::IndexWriter;
use clap::Args;
use datasets::counted;

use crate::cli::error::CommandError;

/// `bert index delete`.
#[derive(Args, Debug)]
pub struct Delete {
    /// Folder of the index.
    index: PathBuf,
    /// Ids of articles.
    #[arg(required_unless_present = "file")]
    ids: Vec<String>,
    /// File of ids, one per line.
    #[arg(long, value_name = "FILE", conflicts_with = "ids")]
    file: Option<PathBuf>,
}

/// Deletes articles.
pub fn run(args: &Delete) -> Result<ExitCode, CommandError> {
    let ids: Vec<String> = match &args.file {
        None => args.ids.clone(),
        Some(file) => {
            let text = fs::read_to_string(file).map_err(|e| CommandError::io(file, e).about("file"))?;
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(str::to_owned).collect()
        }
    };
    let mut writer = IndexWriter::open(&args.index)?;
    let mut missing = vec![];
    for id in &ids {
        if writer.delete(&[id])? == 0 {
            missing.push(id.as_str());
        }
    }
    writer.commit()?;
    if let Some(first) = missing.first() {
        eprintln!(
            "{} not in the index (the first: `{first}`)",
            counted(missing.len(), "id")
        );
    }
    eprintln!(
        "{}: {} deleted, {} left",
        args.index.display(),
        counted(ids.len() - missing.len(), "article"),
        writer.len()
    );
    Ok(match !ids.is_empty() && missing.len() == ids.len() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}
