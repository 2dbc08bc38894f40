//! Why an index cannot be filled or searched.

use std::path::PathBuf;

use bert_search::IndexError;
use bert_tasks::TaskError;
use datasets::{DataError, Message};

use crate::fine_tuned::FineTunedError;

/// What went wrong with a search engine.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// From the index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// From the articles or queries.
    #[error(transparent)]
    Data(#[from] DataError),
    /// From the task.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// From the model.
    #[error(transparent)]
    Model(#[from] FineTunedError),
    /// The files of the model cannot be read.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's message.
        source: std::io::Error,
    },
    /// The model that made the index is not where it was.
    #[error("{index}: the model that made its vectors, {model}, cannot be opened: {reason}", index = .index.display(), model = .model.display())]
    NoModel {
        /// The folder of the index.
        index: PathBuf,
        /// Where the model was.
        model: PathBuf,
        /// Why it cannot be opened.
        reason: Box<SearchError>,
    },
    /// Another model than that of the index.
    #[error("{index}: its vectors were made by another model, {model}; queries and articles must be encoded by the same one", index = .index.display(), model = .model.display())]
    OtherModel {
        /// The folder of the index.
        index: PathBuf,
        /// The model that made it.
        model: PathBuf,
    },
    /// The index cannot be searched as asked.
    #[error("{index}: {reason}", index = .index.display())]
    Kind {
        /// The folder of the index.
        index: PathBuf,
        /// What it lacks.
        reason: &'static str,
    },
}

impl SearchError {
    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            SearchError::Data(error) => error.message(),
            SearchError::Task(error) => error.message(),
            SearchError::Model(error) => error.message(),
            SearchError::NoModel { .. } => {
                Message::new(format!("{self}; say where it is now with ")).option("model")
            }
            other => other.to_string().into(),
        }
    }
}
