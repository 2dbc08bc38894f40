//! The files of `--data` and `--dev`: whether they can be read, and the option that an error is about.

use std::path::Path;

use bert_tasks::{CorpusError, Files, find_corpus};
use bert_train::hub::is_dataset;
use datasets::DataError;

use crate::cli::error::CommandError;

/// Checks that the files exist and have the names of data, without reading them. Data sets of the hub are left out.
///
/// # Errors
/// With the option that names the first file that cannot be read.
pub fn check(corpus: &str, files: &Files) -> Result<(), CommandError> {
    let corpus = find_corpus(corpus);
    let own = corpus.filter(|corpus| corpus.own);
    let here = Files {
        data: files
            .data
            .clone()
            .filter(|data| own.is_none() || !is_dataset(data)),
        ..files.clone()
    };
    let extensions = own.map_or(&[][..], |corpus| corpus.extensions);
    here.check(extensions).map_err(|error| about(error.into(), files))
}

/// The same error, as one about `--data` or `--dev` if it is about the path and not about the file's content.
pub fn about(error: CorpusError, files: &Files) -> CommandError {
    let options = [("dev", files.dev.as_deref()), ("data", files.data.as_deref())];
    about_path(error, &options)
}

/// The same error, as one about the first of the options whose path it is about, unless it is about a file's content.
pub fn about_path(error: CorpusError, options: &[(&'static str, Option<&Path>)]) -> CommandError {
    let path = match &error {
        CorpusError::NoFile { dir, .. } => Some(dir.as_path()),
        CorpusError::Data(
            data @ (DataError::Io { .. }
            | DataError::NoFile { .. }
            | DataError::Several { .. }
            | DataError::Incomplete { .. }
            | DataError::LfsPointer(_)
            | DataError::Format { .. }),
        ) => data.file(),
        _ => None,
    };
    let given = |of: &Option<&Path>| path.zip(*of).is_some_and(|(path, of)| path.starts_with(of));
    let option = options
        .iter()
        .find(|(_, of)| given(of))
        .map(|(option, _)| *option);
    let error = CommandError::from(error);
    match option {
        Some(option) => error.about(option),
        None => error,
    }
}
