//! Named columns of strings, from CSV, TSV or JSON lines; every row knows its line.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{DataError, counted};
use crate::file::{json_lines, read_utf8};
use crate::message::Message;
use crate::source::Source;

/// A file of rows with named columns.
///
/// `.csv` has commas and quotes that mean something; `.tsv` and `.txt` have tabs and quotes that mean nothing, as GLUE's
/// files do; `.jsonl`, `.ndjson` and `.json` have one object per line. Blank lines are skipped.
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
    rows: Vec<Row>,
    /// Lines that were skipped because they are malformed.
    broken: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    line: usize,
    /// One per column; `None` where a JSON object has no such key, or null.
    fields: Vec<Option<String>>,
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, its name does not show its format, or a row is malformed.
    pub fn read(file: &Path) -> Result<Self, DataError> {
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Self::parse_csv(file, &read_utf8(file)?),
            "tsv" | "txt" => Self::parse_tsv(file, &read_utf8(file)?),
            "jsonl" | "ndjson" | "json" => Self::parse_json_lines(file, &read_utf8(file)?),
            _ => Err(DataError::Format { file: file.into() }),
        }
    }

    /// Reads a published file: JSON lines if it starts with a brace, else tab-separated; its name does not matter. With
    /// `columns`, a tab-separated file has no header, and these are its columns. With `broken`, lines with a wrong number
    /// of fields are skipped.
    pub(crate) fn read_published(file: &Path, columns: &[&str], broken: bool) -> Result<Self, DataError> {
        let text = read_utf8(file)?;
        if text.trim_start().starts_with('{') {
            return Self::parse_json_lines(file, &text);
        }
        let mut records = tab_records(&text);
        if !columns.is_empty() {
            records.insert(0, (1, columns.iter().map(|name| (*name).to_owned()).collect()));
        }
        let width = records.first().map_or(0, |(_, header)| header.len());
        let mut malformed = vec![];
        if broken {
            records.retain(|(line, fields)| {
                let whole = fields.len() == width;
                malformed.extend((!whole).then_some(*line));
                whole
            });
        }
        // The header of GLUE's SNLI names one annotator's label and the gold label, but rows have up to five annotators'.
        if records
            .first()
            .and_then(|(_, header)| header.last())
            .map(String::as_str)
            == Some("gold_label")
        {
            for (_, fields) in records.iter_mut().filter(|(_, fields)| fields.len() > width) {
                let surplus = width - 1..fields.len() - 1;
                let label = |field: &String| ANNOTATED.contains(&field.as_str());
                if fields[surplus.clone()].iter().all(label) {
                    fields.drain(surplus);
                }
            }
        }
        Ok(Self {
            broken: malformed,
            ..Self::from_records(file, records)?
        })
    }

    fn parse_csv(file: &Path, text: &str) -> Result<Self, DataError> {
        if let Some(line) = open_quote(text) {
            let reason =
                "a quote is opened here and never closed; quotes inside a quoted field are doubled: \"\"";
            return Err(DataError::at(file, line, None, reason));
        }
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut records = Vec::new();
        // The crate counts lines too, but takes the line feed after a carriage return for the next record's.
        let (mut line, mut counted) = (1, 0);
        for record in reader.records() {
            let record = record.map_err(|e| DataError::at(file, line, None, e.to_string()))?;
            let mut start = record.position().map_or(0, |at| at.byte() as usize);
            start += text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
            line += text[counted..start].matches('\n').count();
            counted = start;
            records.push((line, record.iter().map(str::to_owned).collect::<Vec<String>>()));
        }
        Self::from_records(file, records)
    }

    fn parse_tsv(file: &Path, text: &str) -> Result<Self, DataError> {
        Self::from_records(file, tab_records(text))
    }

    fn from_records(file: &Path, records: Vec<(usize, Vec<String>)>) -> Result<Self, DataError> {
        let mut records = records.into_iter();
        let Some((_, columns)) = records.next() else {
            return Err(DataError::Empty(file.into()));
        };
        let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for (line, fields) in records {
            if fields.len() != columns.len() {
                let reason = format!(
                    "{} where the header has {} ({})",
                    counted(fields.len(), "field"),
                    columns.len(),
                    columns.join(", ")
                );
                return Err(DataError::at(file, line, None, reason));
            }
            let fields = fields.into_iter().map(Some).collect();
            rows.push(Row { line, fields });
        }
        Self::finish(file, columns, rows)
    }

    pub(crate) fn parse_json_lines(file: &Path, text: &str) -> Result<Self, DataError> {
        let mut columns: Vec<String> = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        for line in json_lines(file, text) {
            let (Source { line, .. }, value) = line?;
            let Value::Object(object) = value else {
                let reason = "not a JSON object; the file must hold one object per line";
                return Err(DataError::at(file, line, None, reason));
            };
            let mut fields = vec![None; columns.len()];
            for (name, value) in object {
                let field = match value {
                    Value::Null => continue,
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    Value::Bool(truth) => truth.to_string(),
                    // Lists and objects are ignored. They are an error only if they are requested.
                    Value::Array(_) | Value::Object(_) => continue,
                };
                let column = columns
                    .iter()
                    .position(|known| *known == name)
                    .unwrap_or_else(|| {
                        columns.push(name);
                        fields.push(None);
                        columns.len() - 1
                    });
                fields[column] = Some(field);
            }
            rows.push(Row { line, fields });
        }
        Self::finish(file, columns, rows)
    }

    fn finish(file: &Path, columns: Vec<String>, rows: Vec<Row>) -> Result<Self, DataError> {
        if rows.is_empty() {
            return Err(DataError::Empty(file.into()));
        }
        Ok(Self {
            file: file.to_path_buf(),
            columns,
            rows,
            broken: vec![],
        })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The malformed lines of a published file, which were skipped.
    pub(crate) fn broken(&self) -> &[usize] {
        &self.broken
    }

    /// The columns' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The fields of a column, each with its line, from 1.
    ///
    /// # Errors
    /// If there is no such column or more than one, or a row of JSON has no such field.
    pub fn column(&self, name: &str) -> Result<Vec<(usize, &str)>, DataError> {
        let mut named = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, known)| *known == name);
        let Some((index, _)) = named.next() else {
            return Err(self.no_column(format!("there is no column `{name}`")));
        };
        if named.next().is_some() {
            return Err(self.no_column(format!("there are several columns `{name}`")));
        }
        let field = |row: &Row| match row.fields.get(index) {
            Some(Some(_)) => Ok(()),
            _ => {
                let reason =
                    "the field is missing, null, a list or an object; every row needs a string or a number";
                Err(DataError::at(&self.file, row.line, Some(name), reason))
            }
        };
        self.rows.iter().try_for_each(field)?;
        let fields = self.rows.iter();
        Ok(fields
            .map(|row| (row.line, row.fields[index].as_deref().unwrap_or_default()))
            .collect())
    }

    pub(crate) fn no_column(&self, reason: impl Into<Message>) -> DataError {
        DataError::Column {
            file: self.file.clone(),
            reason: reason.into(),
            columns: self.columns.join(", "),
        }
    }
}

/// A field as a finite number, within `range` if there is one.
pub(crate) fn number(
    field: &str,
    source: &Source,
    column: &str,
    range: Option<(f64, f64)>,
) -> Result<f64, DataError> {
    match (field.trim().parse::<f64>(), range) {
        (Ok(number), None) if number.is_finite() => Ok(number),
        (Ok(number), Some((low, high))) if (low..=high).contains(&number) => Ok(number),
        (_, None) => Err(source.error(Some(column), format!("`{field}` is not a finite number"))),
        (_, Some((low, high))) => {
            let reason = format!("`{field}`; it must be a number from {low} to {high}");
            Err(source.error(Some(column), reason))
        }
    }
}

/// The labels that an annotator of SNLI can give.
const ANNOTATED: [&str; 5] = ["entailment", "neutral", "contradiction", "-", ""];

/// Lines split at their tabs, each with its number; blank lines are skipped.
fn tab_records(text: &str) -> Vec<(usize, Vec<String>)> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| (at + 1, line.split('\t').map(str::to_owned).collect()))
        .collect()
}

/// The line of a quote in a CSV file that is never closed. (The csv crate would read the rest of the file as its field.)
fn open_quote(text: &str) -> Option<usize> {
    let (mut line, mut opened, mut field_start) = (1, None, true);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, opened) {
            ('"', None) if field_start => opened = Some(line),
            ('"', Some(_)) if characters.peek() == Some(&'"') => {
                characters.next();
            }
            ('"', Some(_)) => opened = None,
            _ => {}
        }
        field_start = opened.is_none() && matches!(character, ',' | '\n' | '\r');
        line += usize::from(character == '\n');
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, content: &[u8]) -> Result<Table, DataError> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, content).unwrap();
        Table::read(&file)
    }

    fn error(name: &str, content: &[u8]) -> String {
        let error = table(name, content).unwrap_err().to_string();
        error[error.find(name).expect("the file is named")..].to_owned()
    }

    #[test]
    fn csv_knows_quotes_marks_and_line_ends() {
        let content =
            b"\xef\xbb\xbftext,label\r\n\"one, \"\"two\"\"\",a\r\n\"three\r\nfour\",b\r\n\r\nfive,a\r\n";
        let table = table("t.csv", content).unwrap();
        assert_eq!(table.columns(), ["text", "label"]);
        let texts = table.column("text").unwrap();
        assert_eq!(texts, [(2, "one, \"two\""), (3, "three\r\nfour"), (6, "five")]);
    }

    #[test]
    fn tsv_quotes_mean_nothing() {
        let table = table("t.tsv", b"text\tlabel\n\"one\t1\n\ntwo \"\t0\n").unwrap();
        assert_eq!(table.column("text").unwrap(), [(2, "\"one"), (4, "two \"")]);
    }

    #[test]
    fn json_lines_take_numbers_and_truths() {
        let table = table(
            "t.jsonl",
            b"{\"t\": \"one\", \"l\": 1}\n\n{\"l\": true, \"t\": \"two\", \"more\": []}\n",
        )
        .unwrap();
        assert_eq!(table.column("l").unwrap(), [(1, "1"), (3, "true")]);
    }

    #[test]
    fn errors_name_file_line_and_field() {
        let cases: [(&str, &[u8], &str); 12] = [
            ("t.csv", b"", "t.csv: no rows"),
            ("t.csv", b"text,label\n", "t.csv: no rows"),
            (
                "t.csv",
                b"text,label\none,a\ntwo",
                "t.csv, line 3: 1 field where the header has 2 (text, label)",
            ),
            ("t.csv", b"text,label\none,a,b\n", "t.csv, line 2: 3 fields"),
            (
                "t.csv",
                b"text,label\none,a\n\"two,b\nthree,a\n",
                "t.csv, line 3: a quote is opened here",
            ),
            (
                "t.csv",
                b"text,label\nok,a\n\xff,b\n",
                "t.csv, line 3: byte 1 of the line is not UTF-8",
            ),
            ("t.tsv", b"text\tlabel\none\n", "t.tsv, line 2: 1 field"),
            ("t.jsonl", b"{\"t\": 1}\n{\"t\": \n", "t.jsonl, line 2: not JSON"),
            ("t.jsonl", b"[1]\n", "t.jsonl, line 1: not a JSON object"),
            ("t.jsonl", b"\n", "t.jsonl: no rows"),
            ("t.xlsx", b"text", "t.xlsx: the name must end in"),
            ("unnamed", b"text", "unnamed: the name must end in"),
        ];
        for (name, content, expected) in cases {
            let found = error(name, content);
            assert!(found.starts_with(expected), "{found}\n{expected}");
        }
    }

    #[test]
    fn a_missing_column_or_field_is_reported() {
        let csv = table("t.csv", b"text,label\none,a\n").unwrap();
        let error = csv.column("body").unwrap_err().to_string();
        assert!(
            error.ends_with("there is no column `body`; its columns are: text, label"),
            "{error}"
        );
        let twice = table("t.csv", b"text,label,label\none,a,b\n").unwrap();
        let error = twice.column("label").unwrap_err().to_string();
        assert!(error.contains("several columns `label`"), "{error}");
        let json = table("t.jsonl", b"{\"t\": \"one\"}\n{\"u\": 1}\n{\"t\": null}\n").unwrap();
        let error = json.column("t").unwrap_err().to_string();
        assert!(
            error.contains("line 2, column `t`: the field is missing"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_or_nothing_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("x.csv");
        std::fs::create_dir(&folder).unwrap();
        assert!(matches!(Table::read(&folder), Err(DataError::Io { .. })));
        assert!(matches!(
            Table::read(&dir.path().join("no.csv")),
            Err(DataError::Io { .. })
        ));
    }
}
