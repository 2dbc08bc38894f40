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
    /// The number of the document (an article, a news story) that the line belongs to, if the file has several.
    pub document: Option<u32>,
}

impl Source {
    /// The first line of `file`.
    pub fn file(file: &Path) -> Self {
        Self {
            file: file.into(),
            line: 1,
            document: None,
        }
    }

    /// Another line of the same document.
    pub fn line(&self, line: usize) -> Self {
        Self {
            file: self.file.clone(),
            line,
            document: self.document,
        }
    }

    /// The same line, in the document with this number.
    pub fn document(mut self, document: Option<u32>) -> Self {
        self.document = document;
        self
    }

    /// The error `reason` at this line, in `column` if it is given.
    pub fn error(&self, column: Option<&str>, reason: impl Into<Message>) -> DataError {
        DataError::at(&self.file, self.line, column, reason)
    }
}
