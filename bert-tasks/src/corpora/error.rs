//! Why examples cannot be read.

use std::path::PathBuf;

use datasets::{DataError, Message};

/// Examples that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The data's reason.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The option `data` was not set; the sentence says what to set it to.
    #[error("`data` is missing: {0}")]
    NoData(&'static str),
    /// The folder holds no file of a known name.
    #[error("{dir}: no {what} file here; looked for {looked}", dir = .dir.display())]
    NoFile {
        /// The folder.
        dir: PathBuf,
        /// Which split.
        what: &'static str,
        /// The names that would have done.
        looked: String,
    },
    /// The inputs of a prediction are not what the task reads.
    #[error("{0}")]
    Inputs(String),
}

impl CorpusError {
    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            CorpusError::Data(error) => error.message(),
            CorpusError::NoData(what) => Message::default()
                .option("data")
                .text(format!(" is missing: {what}")),
            CorpusError::NoFile { .. } | CorpusError::Inputs(_) => self.to_string().into(),
        }
    }
}
