//! Objects from JSON or Parquet as tables, some at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Table;
use crate::error::DataError;
use crate::json::some_values;
use crate::source::Source;

/// Objects, each with its line.
pub(crate) type Values = Box<dyn Iterator<Item = Result<(Source, Value), DataError>> + Send>;

/// See [`super::Parts`].
pub(crate) struct ObjectTables {
    file: PathBuf,
    values: Values,
    label_names: HashMap<String, Vec<String>>,
    note: Option<String>,
}

impl ObjectTables {
    /// The tables of `values`; numbered labels have these names, and `note` is about how they are read.
    pub(super) fn new(
        file: &Path,
        values: Values,
        label_names: HashMap<String, Vec<String>>,
        note: Option<String>,
    ) -> Self {
        Self {
            file: file.into(),
            values,
            label_names,
            note,
        }
    }

    /// The next table; `None` at the end.
    ///
    /// # Errors
    /// At a value that cannot be read or is no object.
    pub(super) fn next_table(&mut self) -> Result<Option<Table>, DataError> {
        let some = some_values(&mut self.values)?;
        if some.is_empty() {
            return Ok(None);
        }
        let table = Table::from_objects(&self.file, some.into_iter().map(Ok))?;
        Ok(Some(Table {
            label_names: self.label_names.clone(),
            notes: self.note.iter().cloned().collect(),
            ..table
        }))
    }
}
