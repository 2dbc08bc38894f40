//! Data sets of the hub as `--data`.

use std::path::{Path, PathBuf};

use bert_tasks::{Files, find_corpus};
use bert_train::hub::{Dataset, is_dataset, resolve_dataset};

use crate::cli::error::CommandError;

/// The data set that `--data` names, for corpora of users' own files.
///
/// # Errors
/// If the hub does not have it.
pub fn dataset(corpus: &str, data: Option<&Path>) -> Result<Option<Dataset>, CommandError> {
    let own = find_corpus(corpus).is_some_and(|corpus| corpus.own);
    match data.filter(|data| own && is_dataset(data)) {
        Some(data) => resolve_dataset(data).map_err(|error| CommandError::from(error).about("data")),
        None => Ok(None),
    }
}

/// The same files, where a data set of the hub is replaced by its local copies.
///
/// # Errors
/// If the hub does not have it.
pub fn local(corpus: &str, files: &Files) -> Result<Files, CommandError> {
    Ok(match dataset(corpus, files.data.as_deref())? {
        Some(found) => Files {
            data: Some(found.train),
            dev: files.dev.clone().or(found.dev),
            hold_out: files.hold_out,
        },
        None => files.clone(),
    })
}

/// What run.toml says of `--data`: a full path, or a data set's name with its commit.
///
/// # Errors
/// If the hub does not have it.
pub fn lasting(corpus: &str, data: &Path) -> Result<PathBuf, CommandError> {
    Ok(match dataset(corpus, Some(data))? {
        Some(found) => found.id.into(),
        None => std::path::absolute(data).unwrap_or_else(|_| data.into()),
    })
}
