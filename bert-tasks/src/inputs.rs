//! What a user gives to be answered: arguments, a file, or standard input.

use std::path::{Path, PathBuf};

use datasets::DataError;

use crate::corpus::CorpusError;

/// Where the inputs of a prediction come from.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// Texts from the command line.
    Arguments(Vec<String>),
    /// A file with columns or objects: CSV, TSV or JSON lines.
    File(PathBuf),
    /// Lines, from a file without columns or from standard input.
    Lines {
        /// What to call them in a message.
        source: PathBuf,
        /// UTF-8, one input a line, or one JSON object a line.
        bytes: Vec<u8>,
    },
}

impl Inputs {
    /// A file: lines where its name ends in `.txt`, else columns or objects.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, DataError> {
        if path.extension().is_none_or(|extension| extension != "txt") {
            return Ok(Inputs::File(path.into()));
        }
        let bytes = std::fs::read(path).map_err(|source| DataError::Io {
            file: path.into(),
            source,
        })?;
        Ok(Inputs::Lines {
            source: path.into(),
            bytes,
        })
    }

    /// What messages call the arguments.
    pub fn arguments() -> &'static Path {
        Path::new("arguments")
    }
}

/// Arguments two by two.
///
/// # Errors
/// If there is an odd number of them; `what` says what two belong together.
pub fn two_by_two<'a>(texts: &'a [String], what: &str) -> Result<Vec<(&'a str, &'a str)>, CorpusError> {
    match texts.as_chunks::<2>() {
        (pairs, []) => Ok(pairs.iter().map(|[a, b]| (a.as_str(), b.as_str())).collect()),
        _ => Err(CorpusError::Inputs(format!(
            "{} texts were given; this model reads {what}",
            texts.len()
        ))),
    }
}
