//! Named columns of strings, from CSV, TSV, JSON or Parquet; every row knows its line.

mod delimited;
mod objects;
mod parts;
mod published;
mod records;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::DataError;
use crate::extension::has_extension;
use crate::file::read_utf8;
use crate::formats::parquet::{ParquetRows, parquet_files};
use crate::json::{json_rows, json_values};
use crate::message::{Message, counted};
use crate::source::Source;

pub(crate) use parts::Parts;

/// The most columns that a message names.
const SHOWN: usize = 20;

/// A file of rows with named columns.
///
/// `.csv` has commas, or what else separates the columns of its header: semicolons, tabs or bars. `.tsv` and `.txt` have tabs;
/// quotes there are plain characters, unless all fields with a quote are quoted, as pandas writes them. `.json`, `.jsonl`
/// and `.ndjson` hold one object per line or an array of objects. Blank lines are skipped. `.parquet`, or a folder of such
/// files, is read as Hugging Face's datasets, pandas and polars write it.
///
/// ```no_run
/// let table = datasets::Table::read("reviews.csv".as_ref())?;
/// for (line, text) in table.column("text")? {
///     println!("{line}: {text}");
/// }
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    file: PathBuf,
    columns: Vec<String>,
    /// The names of fields that are lists or objects, and which of both; they are no columns.
    nested: Vec<(String, &'static str)>,
    /// The fields of each column that are present, in the order of the rows.
    cells: Vec<Vec<Cell>>,
    /// The line of each row, from 1.
    lines: Vec<usize>,
    /// Lines that were skipped because they are malformed.
    broken: Vec<usize>,
    notes: Vec<String>,
    label_names: HashMap<String, Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    row: usize,
    text: Box<str>,
}

/// The fields of a record, with its line.
type Record = (usize, Vec<String>);

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, its name does not show its format, or a row is malformed.
    pub fn read(file: &Path) -> Result<Self, DataError> {
        if has_extension(file, &["parquet"]) || !parquet_files(file).is_empty() {
            let rows = ParquetRows::open(file)?;
            let names = rows.label_names().clone();
            let table = Self::from_objects(file, rows)?;
            return Ok(Self {
                label_names: names,
                ..table
            });
        }
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Self::parse_csv(file, &read_utf8(file)?),
            "tsv" | "txt" => Self::parse_tsv(file, &read_utf8(file)?),
            "jsonl" | "ndjson" | "json" => {
                let (values, note) = json_rows(file)?;
                let mut table = Self::from_objects(file, values)?;
                table.notes.extend(note);
                Ok(table)
            }
            _ => Err(DataError::Format { file: file.into() }),
        }
    }

    fn parse_csv(file: &Path, text: &str) -> Result<Self, DataError> {
        let (separator, skipped) = delimited::separator(text);
        Self::parse_separated(file, text, separator, skipped)
    }

    /// A table of a CSV text with this separator after its first `skipped` lines.
    fn parse_separated(file: &Path, text: &str, separator: u8, skipped: usize) -> Result<Self, DataError> {
        let records = delimited::csv_records(file, text, separator, skipped)?;
        let mut table = Self::from_records(file, records)?;
        if separator != b',' {
            let what = delimited::name(separator);
            let note = format!("{}: columns are separated by {what}", file.display());
            table.notes.push(note);
        }
        Ok(table)
    }

    fn parse_tsv(file: &Path, text: &str) -> Result<Self, DataError> {
        Self::from_tabs(file, delimited::tsv_records(text))
    }

    /// A table of records between tabs; `unquoted` if some of their fields were in quotes.
    fn from_tabs(file: &Path, (records, unquoted): (Vec<Record>, bool)) -> Result<Self, DataError> {
        let mut table = Self::from_records(file, records)?;
        if unquoted {
            let note = format!(
                "{}: the quotes around fields are not part of them",
                file.display()
            );
            table.notes.push(note);
        }
        Ok(table)
    }

    /// A table of records, the first of which is the header.
    fn from_records(file: &Path, records: Vec<Record>) -> Result<Self, DataError> {
        let mut records = records.into_iter();
        let Some((_, columns)) = records.next() else {
            return Err(DataError::Empty(file.into()));
        };
        let mut table = Self::new(file, columns.iter().map(|name| name.trim().to_owned()).collect());
        for (line, fields) in records {
            if fields.len() != table.columns.len() {
                let reason = format!(
                    "{} where the header has {} ({})",
                    counted(fields.len(), "field"),
                    table.columns.len(),
                    table.shown_columns()
                );
                return Err(DataError::at(file, line, None, reason));
            }
            let row = table.lines.len();
            table.lines.push(line);
            for (column, text) in table.cells.iter_mut().zip(fields) {
                let text = text.into_boxed_str();
                column.push(Cell { row, text });
            }
        }
        table.not_empty()
    }

    /// A table of the objects in a JSON text.
    pub(crate) fn parse_json(file: &Path, text: &str) -> Result<Self, DataError> {
        Self::from_objects(file, json_values(file, text.as_bytes()))
    }

    fn from_objects(
        file: &Path,
        values: impl Iterator<Item = Result<(Source, Value), DataError>>,
    ) -> Result<Self, DataError> {
        let mut table = Self::new(file, vec![]);
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut nested: HashSet<String> = HashSet::new();
        for value in values {
            let (Source { line, .. }, value) = value?;
            let Value::Object(object) = value else {
                let reason =
                    "not a JSON object; the file must hold one object per line, or an array of objects";
                return Err(DataError::at(file, line, None, reason));
            };
            let row = table.lines.len();
            table.lines.push(line);
            for (name, value) in object {
                let text = match value {
                    Value::Null => continue,
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    Value::Bool(truth) => truth.to_string(),
                    // Lists and objects are ignored. They are an error only if they are requested.
                    Value::Array(_) | Value::Object(_) => {
                        let kind = if value.is_array() { "list" } else { "object" };
                        if nested.insert(name.clone()) {
                            table.nested.push((name, kind));
                        }
                        continue;
                    }
                };
                let column = *numbers.entry(name).or_insert_with_key(|name| {
                    table.columns.push(name.clone());
                    table.cells.push(vec![]);
                    table.cells.len() - 1
                });
                let text = text.into_boxed_str();
                table.cells[column].push(Cell { row, text });
            }
        }
        table.nested.retain(|(name, _)| !numbers.contains_key(name));
        table.not_empty()
    }

    fn new(file: &Path, columns: Vec<String>) -> Self {
        Self {
            file: file.to_path_buf(),
            cells: vec![vec![]; columns.len()],
            nested: vec![],
            columns,
            lines: vec![],
            broken: vec![],
            notes: vec![],
            label_names: HashMap::new(),
        }
    }

    /// The same table, whose lines are numbered as in a whole file.
    fn moved(mut self, line: impl Fn(usize) -> usize) -> Self {
        self.lines.iter_mut().for_each(|number| *number = line(*number));
        self
    }

    fn not_empty(self) -> Result<Self, DataError> {
        match self.lines.is_empty() {
            true => Err(DataError::Empty(self.file)),
            false => Ok(self),
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The malformed lines of a published file, which were skipped.
    pub(crate) fn broken(&self) -> &[usize] {
        &self.broken
    }

    /// Notes about how the file was read, for the user.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The names of a column's labels in the order of their numbers, if the file gives them.
    pub fn label_names(&self, column: &str) -> Option<&[String]> {
        self.label_names.get(column).map(Vec::as_slice)
    }

    /// The columns' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of the column with this name.
    fn find(&self, name: &str) -> Result<usize, DataError> {
        let mut named = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, known)| *known == name);
        let Some((column, _)) = named.next() else {
            return Err(self.no_column(format!("there is no column `{name}`")));
        };
        match named.next() {
            Some(_) => Err(self.no_column(format!("there are several columns `{name}`"))),
            None => Ok(column),
        }
    }

    /// The field of each row in a column; none where a row of JSON lacks it.
    ///
    /// # Errors
    /// If there is no such column or more than one.
    pub(crate) fn optional_column(&self, name: &str) -> Result<Vec<Option<&str>>, DataError> {
        let mut fields = vec![None; self.lines.len()];
        for cell in &self.cells[self.find(name)?] {
            fields[cell.row] = Some(&*cell.text);
        }
        Ok(fields)
    }

    /// The fields of a column, each with its line, from 1.
    ///
    /// # Errors
    /// If there is no such column or more than one, or a row of JSON has no such field.
    pub fn column(&self, name: &str) -> Result<Vec<(usize, &str)>, DataError> {
        let cells = &self.cells[self.find(name)?];
        if cells.len() < self.lines.len() {
            let missing = cells.iter().enumerate().position(|(row, cell)| cell.row != row);
            let line = self.lines[missing.unwrap_or(cells.len())];
            let reason =
                "the field is missing, null, a list or an object; every row needs a string or a number";
            return Err(DataError::at(&self.file, line, Some(name), reason));
        }
        let fields = cells.iter().map(|cell| (self.lines[cell.row], &*cell.text));
        Ok(fields.collect())
    }

    pub(crate) fn no_column(&self, reason: impl Into<Message>) -> DataError {
        DataError::Column {
            file: self.file.clone(),
            reason: reason.into(),
            columns: self.known_fields(),
        }
    }

    /// Whether a field with this name, in upper or lower case, is a list or an object, and so no column.
    pub(crate) fn is_nested(&self, name: &str) -> bool {
        self.nested
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The names of the columns, and those of fields that are none.
    fn known_fields(&self) -> String {
        let mut known = match self.columns.is_empty() {
            true => "none".to_owned(),
            false => self.shown_columns(),
        };
        let shown = self.nested.iter().take(SHOWN);
        let names: Vec<String> = shown.map(|(name, _)| format!("`{name}`")).collect();
        let what = match &self.nested[..] {
            [] => return known,
            [(_, "list")] => "is a list".to_owned(),
            [(_, kind)] => format!("is an {kind}"),
            [(_, kind), others @ ..] if others.iter().all(|(_, other)| other == kind) => {
                format!("are {kind}s")
            }
            _ => "are lists or objects".to_owned(),
        };
        let more = match self.nested.len() - names.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        known += &format!(
            "; {}{more} {what}, and a column needs a text or a number in each row",
            names.join(", ")
        );
        // Columns instead of rows, or several lists of rows.
        if self.columns.is_empty() && self.lines.len() == 1 {
            known += "; write one object per row (pandas: `orient=\"records\"`)";
        }
        known
    }

    /// The names of the columns, as messages list them.
    fn shown_columns(&self) -> String {
        let shown = self.columns[..self.columns.len().min(SHOWN)].join(", ");
        match self.columns.len() - self.columns.len().min(SHOWN) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }
}

/// The greatest score: its square is a number in 32 bits, as the mean squared error needs.
const MAX: f64 = 1e18;

/// A field as a number within `range`, or within plus and minus 10^18.
pub(crate) fn number(
    field: &str,
    source: &Source,
    column: &str,
    range: Option<(f64, f64)>,
) -> Result<f64, DataError> {
    match (field.trim().parse::<f64>(), range) {
        (Ok(number), None) if number.abs() <= MAX => Ok(number),
        (Ok(number), None) if number.is_finite() => {
            let reason = format!("`{field}` is too large; scores are numbers from -1e18 to 1e18");
            Err(source.error(Some(column), reason))
        }
        (Ok(number), Some((low, high))) if (low..=high).contains(&number) => Ok(number),
        (Err(_), None) if field.trim().replacen(',', ".", 1).parse::<f64>().is_ok() => {
            let reason = format!("`{field}`; write the decimal separator as a point");
            Err(source.error(Some(column), reason))
        }
        (_, None) => Err(source.error(Some(column), format!("`{field}` is not a finite number"))),
        (_, Some((low, high))) => {
            let reason = format!("`{field}`; it must be a number from {low} to {high}");
            Err(source.error(Some(column), reason))
        }
    }
}

#[cfg(test)]
mod tests;
