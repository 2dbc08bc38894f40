//! Why a run cannot be prepared.

use bert_core::StoreError;
use bert_tasks::TaskError;
use datasets::{DataError, Message};

use crate::recipe::InvalidOption;
use crate::run::RunError;

/// A run that cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The recipe's reason.
    #[error(transparent)]
    Recipe(#[from] InvalidOption),
    /// The data's reason.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The task's reason.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The data differs from the data of the run so far.
    #[error(
        "{0}: this data differs from what the run was started with, so the run cannot resume with it; restore the old \
         file, or start a new run"
    )]
    DataChanged(String),
}

impl SessionError {
    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            SessionError::Recipe(invalid) => invalid.message(),
            SessionError::Data(error) => error.message(),
            SessionError::Task(error) => error.message(),
            SessionError::Run(error) => error.message(),
            other => other.to_string().into(),
        }
    }
}
