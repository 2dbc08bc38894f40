//! Why a run folder cannot be made, read or written.

use std::io;
use std::path::{Path, PathBuf};

use bert_core::{ConfigError, StoreError, TokenizerError};

/// A run folder that cannot be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The system's reason.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds something.
    #[error(
        "{path}: this folder is not empty{what}; choose another --output, or give --overwrite to replace it",
        path = .path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What it seems to be.
        what: &'static str,
    },
    /// `--overwrite` was given for a folder that is no run.
    #[error("{path}: --overwrite replaces run folders only, and this folder has no run.toml", path = .0.display())]
    NotARun(PathBuf),
    /// The folder has no run to go on with.
    #[error("{path}: no run is here to go on with: the folder has no run.toml", path = .0.display())]
    NoRun(PathBuf),
    /// Another process has the run.
    #[error("{path}: another process is training this run; wait for it, or stop it first", path = .0.display())]
    Busy(PathBuf),
    /// `run.toml` says something this program does not understand.
    #[error("{path}: {reason}", path = .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The configuration's reason.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

impl RunError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        RunError::Io { path, source }
    }
}
