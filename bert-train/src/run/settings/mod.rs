//! Files with settings: a run's `run.toml`, and the file of a program that starts a run.
//!
//! Both are read here, so that every error names the file, the line and the setting, and says what its value must be.

mod invalid;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::error::RunError;
use super::text::{self, line_at};

pub use invalid::{InvalidValue, nearest, underscored, unknown};
pub use value::from_value;

/// A settings file that is TOML.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    text: Arc<str>,
}

impl SettingsFile {
    /// Reads a file; `None` if there is no such file.
    ///
    /// # Errors
    /// If it cannot be read; with the line, if it is not TOML.
    pub fn read(path: &Path) -> Result<Option<Self>, RunError> {
        let Some(text) = text::read(path)? else {
            return Ok(None);
        };
        let file = Self {
            path: path.into(),
            text: text.into(),
        };
        file.document()?;
        Ok(Some(file))
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content.
    ///
    /// # Errors
    /// With the line, if it is not TOML.
    pub fn document(&self) -> Result<DeTable<'_>, RunError> {
        match DeTable::parse(&self.text) {
            Ok(document) => Ok(document.into_inner()),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line(span.start));
                Err(self.error(line, error.message()))
            }
        }
    }

    /// The line, from 1, of a position in bytes.
    pub fn line(&self, offset: usize) -> usize {
        line_at(&self.text, offset)
    }

    /// An error in a line of the file.
    pub fn error(&self, line: usize, reason: impl Into<String>) -> RunError {
        RunError::line(&self.path, line, reason.into())
    }

    /// The settings of the whole file.
    ///
    /// # Errors
    /// With the line, for the first setting that is not known, is missing, or has a value that it cannot have.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, RunError> {
        value::from_table(&self.document()?).map_err(|error| self.invalid("", error))
    }

    /// The settings of a table, which counts as empty if it is missing.
    ///
    /// # Errors
    /// As [`typed`](Self::typed).
    pub fn table<T: DeserializeOwned>(&self, name: &str) -> Result<T, RunError> {
        let document = self.document()?;
        let found = document.iter().find(|(other, _)| other.get_ref() == name);
        let read = match found.map(|(_, value)| value.get_ref()) {
            Some(table @ DeValue::Table(_)) => from_value(table),
            _ => value::from_table(&DeTable::new()),
        };
        read.map_err(|error| self.invalid(name, error))
    }

    /// Each setting with its line, under its name with its table's.
    pub fn lines(&self) -> BTreeMap<String, usize> {
        let mut lines = BTreeMap::new();
        for (name, value) in self.document().iter().flatten() {
            let outer = underscored(name.get_ref());
            match value.get_ref() {
                DeValue::Table(table) => lines.extend(table.iter().map(|(name, _)| {
                    let inner = underscored(name.get_ref());
                    (format!("{outer}.{inner}"), self.line(name.span().start))
                })),
                _ => {
                    lines.insert(outer, self.line(name.span().start));
                }
            }
        }
        lines
    }

    /// An error about a field's setting, as its name followed by `reason`; without a line if the file does not set it.
    pub fn about(&self, table: &str, field: &str, reason: &str) -> RunError {
        let name = format!("{table}.{field}");
        match self.lines().get(&name) {
            Some(&line) => self.error(line, format!("`{name}` {reason}")),
            None => RunError::Malformed {
                path: self.path.clone(),
                reason: format!("`{name}` {reason}"),
            },
        }
    }

    fn invalid(&self, table: &str, error: InvalidValue) -> RunError {
        let outer = (!table.is_empty()).then(|| table.to_owned());
        let names = outer.into_iter().chain(error.names.iter().rev().cloned());
        let names: Vec<String> = names.collect();
        let name = names.join(".");
        let reason = match error.nearest {
            Some(nearest) => {
                let tables = &names[..names.len().saturating_sub(1)];
                unknown(&name, Some(&[tables, &[nearest]].concat().join(".")))
            }
            None => format!("`{name}` {}", error.reason),
        };
        match error.offset {
            Some(offset) => self.error(self.line(offset), reason),
            None => RunError::Malformed {
                path: self.path.clone(),
                reason,
            },
        }
    }
}

#[cfg(test)]
mod tests;
