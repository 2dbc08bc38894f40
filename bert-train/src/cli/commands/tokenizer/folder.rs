//! The folder of a new tokenizer.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use bert_core::BertTokenizer;
use bert_core::store::{WEIGHTS, WRITING};
use bert_core::tokenizer::{SETTINGS, VOCABULARIES};
use datasets::Message;

use crate::cli::error::CommandError;

/// Makes sure that the folder can be written, and holds nothing that would be lost, before anything takes time.
///
/// # Errors
/// If it has a tokenizer and `overwrite` is not set, has a model, or cannot be written.
pub fn check(dir: &Path, overwrite: bool) -> Result<(), CommandError> {
    if let Some(weights) = WEIGHTS.iter().find(|name| dir.join(name).exists()) {
        return Err(CommandError::option(format!(
            "{}: holds a model ({weights}); a new vocabulary would not fit it; give another folder",
            dir.display()
        ))
        .about("output"));
    }
    if dir.join("run.toml").exists() {
        let reason = format!(
            "{}: this is the folder of a run, and its model has its own tokenizer; give another folder",
            dir.display()
        );
        return Err(CommandError::option(reason).about("output"));
    }
    let mut files = VOCABULARIES.iter().chain(&SETTINGS);
    if let (Some(file), false) = (files.find(|name| dir.join(name).exists()), overwrite) {
        let reason = format!(
            "{}: holds a tokenizer ({file}); give another folder, or ",
            dir.display()
        );
        let reason = Message::new(reason).option("overwrite").text(" to replace it");
        return Err(CommandError::option(reason).about("output"));
    }
    // The first folder on the way that exists takes the others.
    let known = dir.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("."));
    let probe = tempfile::tempfile_in(known).map_err(|e| failed(dir, e))?;
    drop(probe);
    Ok(())
}

/// Writes the files of the tokenizer into the folder: first under other names, then each gets its own. A tokenizer that was there
/// is removed in between, so that no interruption leaves files of two of them.
///
/// # Errors
/// If the folder cannot be written.
pub fn write(dir: &Path, tokenizer: &BertTokenizer) -> Result<(), CommandError> {
    let failed = |e| failed(dir, e);
    fs::create_dir_all(dir).map_err(failed)?;
    let fresh = tempfile::Builder::new()
        .prefix(WRITING)
        .tempdir_in(dir)
        .map_err(failed)?;
    tokenizer.save(fresh.path())?;
    let mut names = fs::read_dir(fresh.path())
        .and_then(|files| {
            files
                .map(|file| Ok(file?.file_name()))
                .collect::<io::Result<Vec<_>>>()
        })
        .map_err(failed)?;
    for name in &names {
        let file = File::open(fresh.path().join(name)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
    }
    for name in VOCABULARIES.iter().chain(&SETTINGS) {
        match fs::remove_file(dir.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
    }
    // The vocabularies come last: without them, the folder has no tokenizer yet.
    names.sort_by_key(|name| VOCABULARIES.iter().any(|vocabulary| name == vocabulary));
    for name in names {
        fs::rename(fresh.path().join(&name), dir.join(&name)).map_err(failed)?;
    }
    Ok(())
}

fn failed(dir: &Path, error: io::Error) -> CommandError {
    CommandError::io(dir, error).about("output")
}
