//! Where something is in a file.

use std::path::Path;
use std::sync::Arc;

use crate::error::DataError;
use crate::message::Message;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The file.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: usize,
}

impl Source {
    /// The first line of `file`.
    pub fn file(file: &Path) -> Self {
        Self {
            file: file.into(),
            line: 1,
        }
    }

    /// Another line of the same file.
    pub fn line(&self, line: usize) -> Self {
        Self {
            file: self.file.clone(),
            line,
        }
    }

    /// The error `reason` at this line, in `column` if it is given.
    pub fn error(&self, column: Option<&str>, reason: impl Into<Message>) -> DataError {
        DataError::at(&self.file, self.line, column, reason)
    }
}
