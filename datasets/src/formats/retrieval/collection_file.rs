//! Collections of articles.

use std::path::{Path, PathBuf};

use super::fields::for_each_line;
use super::identified_table::IdentifiedTable;
use crate::error::DataError;
use crate::examples::{Article, Collection, Collector, Examples};
use crate::extension::has_extension;
use crate::formats::text_lines::TextLines;
use crate::message::{Message, counted};
use crate::source::Source;

/// Frequent names of the column of texts, the most likely first.
const TEXT_NAMES: [&str; 9] = [
    "text",
    "contents",
    "content",
    "body",
    "articleBody",
    "article",
    "passage",
    "document",
    "abstract",
];

/// Which file to read, and which of its columns.
///
/// - CSV, JSON (lines or an array) and Parquet have columns of ids, texts and perhaps titles: `_id`, `title` and `text` in BEIR's
///   `corpus.jsonl`.
/// - TSV has such a header, or it is a file of MS MARCO without one: id and text, or id, address, title and text.
///
/// Articles of a large file are kept in a temporary file.
///
/// ```no_run
/// use datasets::CollectionFile;
/// let collection = CollectionFile::new("scifact/corpus.jsonl".as_ref()).read()?;
/// println!("{} articles", collection.len());
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CollectionFile {
    path: PathBuf,
    table: IdentifiedTable,
}

impl CollectionFile {
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

    /// The column with the titles.
    pub fn title_column(mut self, name: &str) -> Self {
        self.table.title = Some(name.into());
        self
    }

    /// The column with the texts.
    pub fn text_column(mut self, name: &str) -> Self {
        self.table.text = Some(name.into());
        self
    }

    /// Reads the file. Notes of the collection say how many articles are empty.
    ///
    /// # Errors
    /// If it cannot be read, a column is missing, an id is empty or occurs twice, or there is no article.
    pub fn read(&self) -> Result<Collection, DataError> {
        let mut articles = Collector::new(&self.path);
        let mut empty = Empty::default();
        let mut add = |source: Source, id: &str, title: Option<&str>, text: &str| {
            let title = title.map(str::trim).filter(|title| !title.is_empty());
            if title.is_none() && text.trim().is_empty() {
                empty.add(source.line);
            }
            articles.push(Article {
                id: id.to_owned(),
                title: title.map(str::to_owned),
                text: text.trim().to_owned(),
                source,
            })
        };
        let notes = match self.has_no_header()? {
            true => {
                for_each_line(&self.path, |source, line| {
                    let fields: Vec<&str> = line.split('\t').collect();
                    let (id, title, text) = match fields[..] {
                        [id, text] => (id, None, text),
                        [id, _, title, text] => (id, Some(title), text),
                        _ => {
                            let reason = format!(
                                "{}; without a header there are two (id, text) or four (id, address, title, text)",
                                counted(fields.len(), "column")
                            );
                            return Err(source.error(None, reason));
                        }
                    };
                    match id.trim() {
                        "" => Err(source.error(Some("id"), "the id is empty")),
                        id => add(source.clone(), id, title, text),
                    }
                })?;
                vec![]
            }
            false => self
                .table
                .for_each_row(&self.path, |row| add(row.source, row.id, row.title, row.text))?,
        };
        let collection = notes.into_iter().fold(articles.finish()?, Examples::with_note);
        collection.by_id()?;
        Ok(match empty.note(&self.path) {
            Some(note) => collection.with_note(note),
            None => collection,
        })
    }

    /// Whether the file separates columns by tabs, and its first line does not name them.
    fn has_no_header(&self) -> Result<bool, DataError> {
        if !has_extension(&self.path, &["tsv", "txt"]) {
            return Ok(false);
        }
        let mut lines = TextLines::open(&self.path)?;
        while let Some(part) = lines.next_part()? {
            if !part.text.trim().is_empty() {
                let fields: Vec<&str> = part
                    .text
                    .split('\t')
                    .map(|field| field.trim_matches(['"', ' ']))
                    .collect();
                return Ok(!self.table.is_header(&fields));
            }
        }
        Err(DataError::Empty(self.path.clone()))
    }
}

/// Articles without title and text.
#[derive(Default)]
struct Empty {
    count: usize,
    first: usize,
}

impl Empty {
    fn add(&mut self, line: usize) {
        if self.count == 0 {
            self.first = line;
        }
        self.count += 1;
    }

    fn note(&self, path: &Path) -> Option<Message> {
        let (file, line) = (path.display(), self.first);
        match self.count {
            0 => None,
            1 => Some(format!("{file}, line {line}: the article is empty: a search will not find it").into()),
            count => Some(format!("{file}: {count} articles are empty, the first on line {line}: a search will not find them").into()),
        }
    }
}
