//! Why a file cannot be read: every message names the file, the line and the field, and says what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::extension::has_extension;
use crate::message::Message;

/// A file that cannot be read in its format.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file cannot be opened or read.
    #[error("{file}: {source}", file = .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's message.
        source: io::Error,
    },
    /// A folder does not hold the files it should.
    #[error("{dir}: there is no {looked} in this folder; give the folder that holds one", dir = .dir.display())]
    NoFile {
        /// The folder.
        dir: PathBuf,
        /// The names looked for.
        looked: String,
    },
    /// A folder holds more than one of the files it should hold one of.
    #[error("{dir}: this folder holds several files of the corpus: {found}; give a folder with one of them", dir = .dir.display())]
    Several {
        /// The folder.
        dir: PathBuf,
        /// Their names.
        found: String,
    },
    /// A folder does not hold all files of a data set.
    #[error("{dir}: {reason}", dir = .dir.display())]
    Incomplete {
        /// The folder.
        dir: PathBuf,
        /// What is missing, or too much.
        reason: String,
    },
    /// The file's name does not show its format.
    #[error(
        "{file}: the name must end in .csv, .tsv, .txt, .jsonl, .ndjson, .json or .parquet, to show the format",
        file = .file.display()
    )]
    Format {
        /// The file.
        file: PathBuf,
    },
    /// A line or a field is malformed.
    #[error("{location}{reason}", location = location(.file, *.line, .column.as_deref()))]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, if the error is in a column.
        column: Option<String>,
        /// What is wrong, and what was expected.
        reason: Message,
    },
    /// A column is not in the header.
    #[error("{file}: {reason}; its columns are: {columns}", file = .file.display())]
    Column {
        /// The file.
        file: PathBuf,
        /// Which column was looked for.
        reason: Message,
        /// The columns that are there.
        columns: String,
    },
    /// A Parquet file cannot be read.
    #[error("{file}: not a readable Parquet file: {reason}", file = .file.display())]
    Parquet {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A small text file stands for the file.
    #[error(
        "{file}: this is a Git LFS pointer and not the file itself: run `git lfs pull` in the folder, or download the file \
         again",
        file = .0.display()
    )]
    LfsPointer(PathBuf),
    /// The file has no rows.
    #[error("{file}: no rows; at least one is needed", file = .0.display())]
    Empty(PathBuf),
    /// A label that is not among the known labels.
    #[error(
        "{location}the label `{label}` is not one of the training labels ({known})",
        location = location(.file, *.line, None)
    )]
    UnknownLabel {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The label.
        label: String,
        /// The training labels.
        known: String,
    },
    /// The labels do not define a classification.
    #[error("{0}")]
    Labels(String),
}

impl DataError {
    /// The file with the error, if it is in a file.
    pub fn file(&self) -> Option<&Path> {
        match self {
            DataError::Io { file, .. }
            | DataError::Format { file }
            | DataError::Parquet { file, .. }
            | DataError::Line { file, .. }
            | DataError::Column { file, .. }
            | DataError::UnknownLabel { file, .. } => Some(file),
            DataError::LfsPointer(file) | DataError::Empty(file) => Some(file),
            DataError::NoFile { dir, .. }
            | DataError::Several { dir, .. }
            | DataError::Incomplete { dir, .. } => Some(dir),
            DataError::Labels(_) => None,
        }
    }

    /// The line with the error, from 1, if it is in a line.
    pub fn line(&self) -> Option<usize> {
        match self {
            DataError::Line { line, .. } | DataError::UnknownLabel { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            DataError::Line {
                file,
                line,
                column,
                reason,
            } => Message::new(location(file, *line, column.as_deref())).message(reason.clone()),
            DataError::Column {
                file,
                reason,
                columns,
            } => Message::new(format!("{}: ", file.display()))
                .message(reason.clone())
                .text(format!("; its columns are: {columns}")),
            other => other.to_string().into(),
        }
    }

    /// The same error about a column, which an option of the reader names.
    #[cfg(feature = "files")]
    pub(crate) fn named_by(self, option: &'static str) -> Self {
        match self {
            DataError::Column {
                file,
                reason,
                columns,
            } => DataError::Column {
                file,
                reason: reason.text(", which ").option(option).text(" names"),
                columns,
            },
            other => other,
        }
    }

    /// The same error with another line number.
    #[cfg(feature = "files")]
    pub(crate) fn moved(mut self, to: impl Fn(usize) -> usize) -> Self {
        if let DataError::Line { line, .. } | DataError::UnknownLabel { line, .. } = &mut self {
            *line = to(*line);
        }
        self
    }

    /// The same error, as one in a column.
    #[cfg(feature = "files")]
    pub(crate) fn in_column(mut self, name: &str) -> Self {
        if let DataError::Line { column, .. } = &mut self {
            *column = Some(name.to_owned());
        }
        self
    }

    #[cfg(feature = "files")]
    pub(crate) fn io(file: &Path, source: io::Error) -> Self {
        let file = file.to_path_buf();
        DataError::Io { file, source }
    }

    pub(crate) fn at(file: &Path, line: usize, column: Option<&str>, reason: impl Into<Message>) -> Self {
        DataError::Line {
            file: file.to_path_buf(),
            line,
            column: column.map(str::to_owned),
            reason: reason.into(),
        }
    }
}

/// The start of a message: file, line and column.
fn location(file: &Path, line: usize, column: Option<&str>) -> String {
    let column = column.map_or(String::new(), |column| format!(", column `{column}`"));
    let line_or_row = match file.is_dir() || has_extension(file, &["parquet"]) {
        true => "row",
        false => "line",
    };
    format!("{}, {line_or_row} {line}{column}: ", file.display())
}

/// What is wrong with a piece of JSON, without its position, since messages name the file's line.
#[cfg(feature = "files")]
pub(crate) fn json_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(reason, _)| reason);
    reason.to_owned()
}
