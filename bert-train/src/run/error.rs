//! Why a run folder cannot be created, read or written.

use std::io;
use std::path::{Path, PathBuf};

use bert_core::{ConfigError, StoreError, TokenizerError};
use datasets::Message;

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
    #[error("{}", self.message())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What it contains, if that is known.
        what: &'static str,
    },
    /// A folder that is to be replaced is not a run.
    #[error("{}", self.message())]
    NotARun(PathBuf),
    /// There is a file at the path of a new run.
    #[error("{}", self.message())]
    NotAFolder(PathBuf),
    /// The path of a file.
    #[error("{path}: this is a file; give the folder of a run or of a model", path = .0.display())]
    File(PathBuf),
    /// There is nothing at the path.
    #[error("{path}: there is no such folder; give the folder of a run or of a model", path = .0.display())]
    NoFolder(PathBuf),
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
    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            RunError::Occupied { path, what } => Message::new(format!(
                "{}: this folder is not empty{what}; choose another ",
                path.display()
            ))
            .option("output")
            .text(", or give ")
            .option("overwrite")
            .text(" to replace it"),
            RunError::NotAFolder(path) => {
                Message::new(format!("{}: this is a file; choose a folder as ", path.display()))
                    .option("output")
            }
            RunError::NotARun(path) => Message::new(format!("{}: ", path.display()))
                .option("overwrite")
                .text(" replaces run folders only, and this folder has no run.toml"),
            other => other.to_string().into(),
        }
    }

    pub(crate) fn line(path: &Path, line: usize, reason: String) -> Self {
        let path = path.to_path_buf();
        RunError::Line { path, line, reason }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        RunError::Io { path, source }
    }
}
