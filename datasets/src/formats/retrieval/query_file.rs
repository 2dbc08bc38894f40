//! Queries.

use std::path::{Path, PathBuf};

use super::fields::for_each_line;
use super::identified_table::IdentifiedTable;
use super::topics::{Topics, begins_topic};
use crate::error::DataError;
use crate::examples::{Collector, Examples, Queries, Query};
use crate::extension::has_extension;
use crate::message::counted;
use crate::source::Source;

/// Frequent names of the column of queries, the most likely first.
const TEXT_NAMES: [&str; 5] = ["text", "query", "question", "claim", "title"];

/// Which file to read, and which of its columns.
///
/// - CSV, JSON (lines or an array) and Parquet have columns of ids and texts: `_id` and `text` in BEIR's `queries.jsonl`.
/// - TSV has such a header, or it is a file of MS MARCO without one: id and text.
/// - Any other name, and a file that begins with `<top>`, is one of TREC topics: the titles are the queries.
///
/// ```no_run
/// use datasets::QueryFile;
/// let queries = QueryFile::new("scifact/queries.jsonl".as_ref()).read()?;
/// println!("{}", queries.examples()[0].text);
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct QueryFile {
    path: PathBuf,
    table: IdentifiedTable,
}

/// How a file without named columns is read.
enum Form {
    Unknown,
    Header,
    Tabs,
    Topics(Topics),
}

impl QueryFile {
    /// A file whose columns are recognised by their names.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            table: IdentifiedTable {
                id: None,
                title: None,
                text: None,
                text_names: &TEXT_NAMES,
            },
        }
    }

    /// The column with the ids.
    pub fn id_column(mut self, name: &str) -> Self {
        self.table.id = Some(name.into());
        self
    }

    /// The column with the queries.
    pub fn text_column(mut self, name: &str) -> Self {
        self.table.text = Some(name.into());
        self
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, a column is missing, an id is empty or occurs twice, a query is empty, or there is none.
    pub fn read(&self) -> Result<Queries, DataError> {
        let queries = match has_extension(&self.path, &["csv", "json", "jsonl", "ndjson", "parquet"]) {
            true => None,
            false => self.read_lines()?,
        };
        let queries = match queries {
            Some(queries) => queries,
            None => self.read_table()?,
        };
        queries.by_id()?;
        Ok(queries)
    }

    fn read_table(&self) -> Result<Queries, DataError> {
        let mut queries = Collector::new(&self.path);
        let notes = self.table.for_each_row(&self.path, |row| {
            queries.push(query(row.source, row.id, row.text, Some(row.column))?)
        })?;
        Ok(notes.into_iter().fold(queries.finish()?, Examples::with_note))
    }

    /// The queries of a file without named columns; `None` if it has some.
    fn read_lines(&self) -> Result<Option<Queries>, DataError> {
        let mut queries = Collector::new(&self.path);
        let mut form = Form::Unknown;
        for_each_line(&self.path, |source, line| {
            if matches!(form, Form::Unknown) {
                let fields: Vec<&str> = line
                    .split('\t')
                    .map(|field| field.trim_matches(['"', ' ']))
                    .collect();
                form = match begins_topic(line) {
                    true => Form::Topics(Topics::default()),
                    false if self.table.is_header(&fields) => Form::Header,
                    false => Form::Tabs,
                };
            }
            match &mut form {
                Form::Topics(topics) => topics.line(source, line),
                Form::Tabs => {
                    let fields: Vec<&str> = line.split('\t').collect();
                    let [id, text] = fields[..] else {
                        let reason = format!(
                            "{}; without a header there are two, id and query, separated by a tab",
                            counted(fields.len(), "column")
                        );
                        return Err(source.error(None, reason));
                    };
                    match id.trim() {
                        "" => Err(source.error(Some("id"), "the id is empty")),
                        id => queries.push(query(source.clone(), id, text, None)?),
                    }
                }
                Form::Header | Form::Unknown => Ok(()),
            }
        })?;
        if let Form::Topics(topics) = form {
            for query in topics.finish()? {
                queries.push(query)?;
            }
        } else if matches!(form, Form::Header) {
            return Ok(None);
        }
        queries.finish().map(Some)
    }
}

fn query(source: Source, id: &str, text: &str, column: Option<&str>) -> Result<Query, DataError> {
    let text = text.trim().to_owned();
    match text.is_empty() {
        true => Err(source.error(column, "the query is empty")),
        false => Ok(Query {
            id: id.to_owned(),
            text,
            source,
        }),
    }
}
