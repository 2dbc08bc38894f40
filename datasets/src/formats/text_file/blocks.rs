//! Texts of objects that are read as they are needed.

use std::fmt;

use super::{Columns, LABEL, TextFile};
use crate::error::DataError;
use crate::examples::TextDataset;
use crate::formats::table::Parts;
use crate::json::JsonObjects;

impl TextFile {
    /// The texts of objects that do not come from a file, some at a time; errors name the path. The first of them show which
    /// columns are read.
    pub fn read_objects(self, objects: JsonObjects) -> TextBlocks {
        TextBlocks {
            parts: Some(Parts::of_objects(&self.path, Box::new(objects))),
            file: self,
            columns: None,
        }
    }
}

/// See [`TextFile::read_objects`].
pub struct TextBlocks {
    file: TextFile,
    /// None after an error or the end.
    parts: Option<Parts>,
    columns: Option<Columns>,
}

impl TextBlocks {
    fn next_block(&mut self) -> Result<Option<TextDataset>, DataError> {
        let Some(table) = self.parts.as_mut().map(Parts::next_table).transpose()?.flatten() else {
            return match self.parts.is_some() && self.columns.is_none() {
                true => Err(DataError::Empty(self.file.path.clone())),
                false => Ok(None),
            };
        };
        let columns = match self.columns.take() {
            Some(columns) => columns,
            None => self.file.choose(&table, LABEL)?,
        };
        let rows = self.file.rows(&table, &columns, LABEL)?;
        self.columns = Some(columns);
        TextDataset::new(&self.file.path, rows).map(Some)
    }
}

impl Iterator for TextBlocks {
    type Item = Result<TextDataset, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        if !matches!(block, Some(Ok(_))) {
            self.parts = None;
        }
        block
    }
}

impl fmt::Debug for TextBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextBlocks")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
