//! Why a run folder cannot be created, read or written.

use std::io;
use std::path::{Path, PathBuf};

use bert_core::{ConfigError, StoreError, TokenizerError};

/// A run folder that cannot be created, read or written.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The system's reason.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder is not empty.
    #[error(
        "{path}: this folder is not empty{what}; choose another --output, or give --overwrite to replace it",
        path = .path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What it contains, if that is known.
        what: &'static str,
    },
    /// `--overwrite` was given for a folder that is not a run.
    #[error("{path}: --overwrite replaces run folders only, and this folder has no run.toml", path = .0.display())]
    NotARun(PathBuf),
    /// The folder has no run to resume.
    #[error("{path}: there is no run to resume: the folder has no run.toml", path = .0.display())]
    NoRun(PathBuf),
    /// Another process trains the run.
    #[error("{path}: another process is training this run; wait for it, or stop it first", path = .0.display())]
    Busy(PathBuf),
    /// A line of a file is not what this program writes there.
    #[error("{path}, line {line}: {reason}", path = .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// `run.toml` has something that this program does not understand.
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
    pub(crate) fn line(path: &Path, line: usize, reason: String) -> Self {
        let path = path.to_path_buf();
        RunError::Line { path, line, reason }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        RunError::Io { path, source }
    }
}
