//! Tables of things with an id: which column is what.

use std::path::Path;

use crate::error::DataError;
use crate::formats::table::{Parts, Table};
use crate::message::Message;
use crate::source::Source;

/// Frequent names of the column of ids, the most likely first.
const ID_NAMES: [&str; 10] = [
    "_id",
    "id",
    "docid",
    "doc_id",
    "docno",
    "pid",
    "qid",
    "query_id",
    "query-id",
    "article_id",
];

/// The columns to read: those that somebody named, and frequent names.
#[derive(Clone, Debug)]
pub(super) struct IdentifiedTable {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
    /// Frequent names of the column of texts, the most likely first.
    pub(super) text_names: &'static [&'static str],
}

/// A row of a table.
pub(super) struct IdentifiedRow<'a> {
    pub(super) source: Source,
    pub(super) id: &'a str,
    pub(super) title: Option<&'a str>,
    pub(super) text: &'a str,
    /// The name of the column of texts.
    pub(super) column: &'a str,
}

impl IdentifiedTable {
    /// Whether these are the columns' names of such a table, and no row of one.
    pub(super) fn is_header(&self, fields: &[&str]) -> bool {
        let known = |named: &Option<String>, names: &[&str]| match named {
            Some(name) => fields.contains(&name.as_str()),
            None => find(fields, names).is_some(),
        };
        known(&self.id, &ID_NAMES) && known(&self.text, self.text_names)
    }

    /// Calls `look` with each row of a CSV, TSV, JSON or Parquet file; a large one is read in parts.
    ///
    /// # Errors
    /// If the file cannot be read, a column is missing, an id is empty, or `look` fails. Returns notes about how it was read.
    pub(super) fn for_each_row(
        &self,
        path: &Path,
        mut look: impl FnMut(IdentifiedRow<'_>) -> Result<(), DataError>,
    ) -> Result<Vec<String>, DataError> {
        let Some(mut parts) = Parts::open(path)? else {
            let table = Table::read(path)?;
            self.rows(&table, &mut look)?;
            return Ok(table.notes().to_vec());
        };
        let mut notes = vec![];
        while let Some(table) = parts.next_table()? {
            self.rows(&table, &mut look)?;
            if notes.is_empty() {
                notes = table.notes().to_vec();
            }
        }
        Ok(notes)
    }

    fn rows(
        &self,
        table: &Table,
        look: &mut impl FnMut(IdentifiedRow<'_>) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let columns: Vec<&str> = table.columns().iter().map(String::as_str).collect();
        let missing = |what: &str, option| {
            table.no_column(
                Message::new(format!("which column holds the {what}? Name it with ")).option(option),
            )
        };
        let chosen = |named: &Option<String>, names: &[&str]| match named {
            Some(name) => Some(name.clone()),
            None => find(&columns, names).map(str::to_owned),
        };
        let id_name = chosen(&self.id, &ID_NAMES).ok_or_else(|| missing("ids", "id_column"))?;
        let text_name = chosen(&self.text, self.text_names).ok_or_else(|| missing("texts", "text_column"))?;
        let title_name = chosen(&self.title, &["title", "headline"]).filter(|name| *name != text_name);
        let read = |name: &str, option| table.column(name).map_err(|error| error.named_by(option));
        let ids = match self.id {
            Some(_) => read(&id_name, "id_column")?,
            None => table.column(&id_name)?,
        };
        let texts = match self.text {
            Some(_) => read(&text_name, "text_column")?,
            None => table.column(&text_name)?,
        };
        let titles = match (&self.title, &title_name) {
            (Some(name), _) => Some(
                table
                    .optional_column(name)
                    .map_err(|e| e.named_by("title_column"))?,
            ),
            (None, Some(name)) => Some(table.optional_column(name)?),
            (None, None) => None,
        };
        let file = Source::file(table.file());
        for (row, ((line, id), (_, text))) in ids.into_iter().zip(texts).enumerate() {
            let source = file.line(line);
            if id.trim().is_empty() {
                return Err(source.error(Some(&id_name), "the id is empty"));
            }
            look(IdentifiedRow {
                id: id.trim(),
                title: titles.as_ref().and_then(|titles| titles[row]),
                text,
                column: &text_name,
                source,
            })?;
        }
        Ok(())
    }
}

/// The first of `names` among `columns`, as the column spells it.
fn find<'a>(columns: &[&'a str], names: &[&str]) -> Option<&'a str> {
    let named = |name: &&str| columns.iter().find(|column| column.eq_ignore_ascii_case(name));
    names.iter().find_map(named).copied()
}
