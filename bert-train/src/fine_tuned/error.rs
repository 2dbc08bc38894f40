//! Why a folder cannot be used as a fine-tuned model.

use std::path::PathBuf;

use bert_core::{ConfigError, StoreError, TokenizerError};
use datasets::Message;

use crate::run::RunError;

/// A folder that cannot be used as a fine-tuned model.
#[derive(Debug, thiserror::Error)]
pub enum FineTunedError {
    /// The run's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The configuration's reason.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of a run without a model.
    #[error(
        "{path}: this run has no model/ yet: it was stopped before its first evaluation, or is still running",
        path = .0.display()
    )]
    NoModel(PathBuf),
    /// The folder of a run with several seeds.
    #[error("{}: this folder has a run for each of several seeds; give one of them, such as {}", .0.display(), .1.display())]
    Several(PathBuf, PathBuf),
    /// The model has no head, or not one of a task.
    #[error("{path}: {reason}", path = .path.display())]
    NoTask {
        /// The model's folder.
        path: PathBuf,
        /// The kind of the model, or the missing part.
        reason: Message,
    },
}

impl FineTunedError {
    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            FineTunedError::Run(error) => error.message(),
            FineTunedError::NoTask { path, reason } => {
                Message::new(format!("{}: ", path.display())).message(reason.clone())
            }
            other => other.to_string().into(),
        }
    }
}
