//! Why a run cannot be prepared.

use bert_core::StoreError;
use bert_tasks::TaskError;
use datasets::DataError;

use crate::flag::flag;
use crate::recipe::InvalidOption;
use crate::run::RunError;

/// A run that cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The recipe's reason.
    #[error(transparent)]
    Recipe(#[from] InvalidOption),
    /// The data's reason.
    #[error("{}", .0.message().render(flag))]
    Data(#[from] DataError),
    /// The task's reason.
    #[error("{}", .0.message().render(flag))]
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
