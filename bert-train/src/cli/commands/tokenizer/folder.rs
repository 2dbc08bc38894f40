//! The folder of a new tokenizer.

use std::path::Path;

use bert_core::BertTokenizer;
use bert_core::store::{WEIGHTS, check_writable, replace_files};
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
    check_writable(dir).map_err(|e| CommandError::io(dir, e).about("output"))
}

/// Writes the files of the tokenizer into the folder: first under other names, then each gets its own. A tokenizer that was there
/// is removed in between, so that no interruption leaves files of two of them.
///
/// # Errors
/// If the folder cannot be written.
pub fn write(dir: &Path, tokenizer: &BertTokenizer) -> Result<(), CommandError> {
    let old = [&VOCABULARIES[..], &SETTINGS].concat();
    // The vocabularies come last: without them, the folder has no tokenizer yet.
    let written = replace_files(dir, &old, &VOCABULARIES, |dir| {
        Ok::<_, CommandError>(tokenizer.save(dir)?)
    });
    written.map_err(|error| error.about("output"))
}
