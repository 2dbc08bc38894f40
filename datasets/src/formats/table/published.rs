//! Tables of published corpora, whose quotes are plain characters.

use std::path::Path;

use super::Table;
use super::delimited::tab_records;
use crate::error::DataError;
use crate::file::read_utf8;

/// The labels that an annotator of SNLI can give.
const ANNOTATED: [&str; 5] = ["entailment", "neutral", "contradiction", "-", ""];

impl Table {
    /// Reads a published file: JSON lines if it starts with a brace, else tab-separated; its name does not matter. With
    /// `columns`, a tab-separated file has no header, and these are its columns. With `broken`, lines with a wrong number
    /// of fields are skipped.
    pub(crate) fn read_published(file: &Path, columns: &[&str], broken: bool) -> Result<Self, DataError> {
        let text = read_utf8(file)?;
        if text.trim_start().starts_with('{') {
            return Self::parse_json(file, &text);
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
}
