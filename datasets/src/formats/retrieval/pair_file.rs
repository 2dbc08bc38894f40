//! Queries, each with articles that answer it, in one file.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::DataError;
use crate::examples::{Article, Collector, Examples, JudgedQuery, Query, RetrievalDataset, RetrievalExample};
use crate::extension::has_extension;
use crate::file::open_data;
use crate::formats::parquet::{ParquetRows, parquet_files};
use crate::formats::table::{Parts, Table};
use crate::json::json_values;
use crate::message::Message;
use crate::source::Source;

/// Frequent names of the column of queries, the most likely first.
const QUERIES: [&str; 6] = ["query", "question", "anchor", "headline", "claim", "title"];
/// Frequent names of the column of relevant articles, the most likely first.
const POSITIVES: [&str; 14] = [
    "positive_passages",
    "positive_ctxs",
    "positives",
    "positive",
    "pos",
    "article",
    "passage",
    "document",
    "text",
    "body",
    "content",
    "answer",
    "context",
    "articleBody",
];
/// Frequent names of the column of hard negatives, the most likely first.
const NEGATIVES: [&str; 6] = [
    "negative_passages",
    "hard_negative_ctxs",
    "negatives",
    "negative",
    "neg",
    "hard_negatives",
];
/// Names of an article's id, where it is an object.
const IDS: [&str; 6] = ["docid", "doc_id", "passage_id", "_id", "id", "pid"];

/// Which file to read, and which of its columns.
///
/// - CSV and TSV have a column of queries and one of relevant articles, perhaps one of articles that are not relevant (hard
///   negatives).
/// - JSON and Parquet can also have lists of articles, each a text or an object with `text`, and perhaps `title` and `docid`:
///   `positive_passages` and `negative_passages` in tevatron's files, `pos` and `neg`, `positive_ctxs` and
///   `hard_negative_ctxs`.
///
/// Rows with the same query belong together, and equal articles are one article of the collection.
///
/// ```no_run
/// let data = datasets::PairFile::new("train.jsonl".as_ref()).read()?;
/// println!("{} articles", data.articles()?);
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PairFile {
    path: PathBuf,
    query: Option<String>,
    article: Option<String>,
    negative: Option<String>,
}

/// A row of the file.
struct PairRow {
    source: Source,
    query: String,
    positives: Vec<Named>,
    negatives: Vec<Named>,
}

/// An article, perhaps with an id.
struct Named {
    id: Option<String>,
    title: Option<String>,
    text: String,
}

impl PairFile {
    /// A file whose columns are recognised by their names.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            query: None,
            article: None,
            negative: None,
        }
    }

    /// The column with the queries.
    pub fn query_column(mut self, name: &str) -> Self {
        self.query = Some(name.into());
        self
    }

    /// The column with the relevant articles.
    pub fn article_column(mut self, name: &str) -> Self {
        self.article = Some(name.into());
        self
    }

    /// The column with the hard negatives.
    pub fn negative_column(mut self, name: &str) -> Self {
        self.negative = Some(name.into());
        self
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, a column is missing, a query or an article is empty, an article is relevant and a hard negative for
    /// one query, or two articles have one id.
    pub fn read(&self) -> Result<RetrievalDataset, DataError> {
        let mut pairs = Pairs::new(&self.path);
        let notes = match has_extension(&self.path, &["csv", "tsv", "txt"]) {
            true => self.read_tables(&mut pairs)?,
            false => self.read_objects(&mut pairs)?,
        };
        Ok(notes.into_iter().fold(pairs.finish()?, Examples::with_note))
    }

    fn read_tables(&self, pairs: &mut Pairs) -> Result<Vec<String>, DataError> {
        let Some(mut parts) = Parts::open(&self.path)? else {
            let table = Table::read(&self.path)?;
            self.rows(&table, pairs)?;
            return Ok(table.notes().to_vec());
        };
        let mut notes = vec![];
        while let Some(table) = parts.next_table()? {
            self.rows(&table, pairs)?;
            if notes.is_empty() {
                notes = table.notes().to_vec();
            }
        }
        Ok(notes)
    }

    fn rows(&self, table: &Table, pairs: &mut Pairs) -> Result<(), DataError> {
        let columns: Vec<&str> = table.columns().iter().map(String::as_str).collect();
        let Names {
            query,
            positive,
            negative,
        } = self.names(&columns, |reason| table.no_column(reason))?;
        let queries = named(table.column(&query), &self.query, "query_column")?;
        let positives = named(table.column(&positive), &self.article, "article_column")?;
        let negatives =
            negative.map(|name| named(table.optional_column(&name), &self.negative, "negative_column"));
        let negatives = negatives.transpose()?;
        let file = Source::file(table.file());
        let article = |text: &str| Named {
            id: None,
            title: None,
            text: text.to_owned(),
        };
        for (row, ((line, text), (_, positive_text))) in queries.into_iter().zip(positives).enumerate() {
            let negative = negatives.as_ref().and_then(|negatives| negatives[row]);
            let negative = negative.filter(|text| !text.trim().is_empty());
            let source = file.line(line);
            if positive_text.trim().is_empty() {
                return Err(source.error(Some(&positive), "the article is empty"));
            }
            let row = PairRow {
                source,
                query: text.to_owned(),
                positives: vec![article(positive_text)],
                negatives: negative.map(article).into_iter().collect(),
            };
            pairs.add(row, &query)?;
        }
        Ok(())
    }

    fn read_objects(&self, pairs: &mut Pairs) -> Result<Vec<String>, DataError> {
        let path = &self.path;
        let values: Box<dyn Iterator<Item = Result<(Source, Value), DataError>>> =
            if parquet_files(path).is_empty() {
                let text = open_data(path)?;
                Box::new(json_values(path, text))
            } else {
                Box::new(ParquetRows::open(path)?)
            };
        for value in values {
            let (source, value) = value?;
            let Value::Object(object) = value else {
                let reason =
                    "not a JSON object; the file must hold one object per line, or an array of objects";
                return Err(source.error(None, reason));
            };
            let columns: Vec<&str> = object.keys().map(String::as_str).collect();
            let names = self.names(&columns, |reason| {
                let reason = reason.text(format!("; the names here are: {}", columns.join(", ")));
                source.error(None, reason)
            })?;
            let row = PairRow {
                query: text_of(object.get(&names.query)).unwrap_or_default(),
                positives: articles(object.get(&names.positive), &source, &names.positive)?,
                negatives: match &names.negative {
                    Some(name) => articles(object.get(name), &source, name)?,
                    None => vec![],
                },
                source,
            };
            if row.positives.is_empty() {
                return Err(row
                    .source
                    .error(Some(&names.positive), "no article; a query needs at least one"));
            }
            pairs.add(row, &names.query)?;
        }
        Ok(vec![])
    }

    fn names(&self, columns: &[&str], missing: impl Fn(Message) -> DataError) -> Result<Names, DataError> {
        let find = |asked: &Option<String>, names: &[&str], taken: Option<&str>| match asked {
            Some(name) => Some(name.clone()),
            None => names.iter().find_map(|name| {
                let found = columns.iter().find(|column| column.eq_ignore_ascii_case(name))?;
                (Some(*found) != taken).then(|| (*found).to_owned())
            }),
        };
        let question = |what: &str, option| {
            missing(Message::new(format!("which column holds the {what}? Name it with ")).option(option))
        };
        let query = find(&self.query, &QUERIES, self.article.as_deref())
            .ok_or_else(|| question("queries", "query_column"))?;
        let positive = find(&self.article, &POSITIVES, Some(&query))
            .ok_or_else(|| question("articles", "article_column"))?;
        let negative = find(&self.negative, &NEGATIVES, None);
        Ok(Names {
            query,
            positive,
            negative,
        })
    }
}

/// The names of the columns to read.
struct Names {
    query: String,
    positive: String,
    negative: Option<String>,
}

/// What was read of a column that the option named, if it did.
fn named<T>(
    read: Result<T, DataError>,
    asked: &Option<String>,
    option: &'static str,
) -> Result<T, DataError> {
    match asked {
        Some(_) => read.map_err(|error| error.named_by(option)),
        None => read,
    }
}

/// A text or a number.
fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The articles of a field: a text, an object, or a list of them.
fn articles(value: Option<&Value>, source: &Source, column: &str) -> Result<Vec<Named>, DataError> {
    let all = match value {
        None | Some(Value::Null) => return Ok(vec![]),
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let named = all.iter().map(|value| match value {
        Value::String(text) => Some(Named {
            id: None,
            title: None,
            text: text.clone(),
        }),
        Value::Object(object) => of_object(object),
        _ => None,
    });
    let named: Option<Vec<Named>> = named.collect();
    let named = named.ok_or_else(|| {
        source.error(
            Some(column),
            "an article must be a text, or an object with a `text`",
        )
    })?;
    let is_empty = |named: &Named| named.text.trim().is_empty() && named.title.is_none();
    match named.iter().any(is_empty) {
        true => Err(source.error(Some(column), "the article is empty")),
        false => Ok(named),
    }
}

fn of_object(object: &Map<String, Value>) -> Option<Named> {
    let title = text_of(object.get("title")).filter(|title| !title.trim().is_empty());
    Some(Named {
        id: IDS.iter().find_map(|name| text_of(object.get(*name))),
        title,
        text: text_of(object.get("text").or_else(|| object.get("contents")))?,
    })
}

/// The articles and queries so far.
struct Pairs {
    path: PathBuf,
    articles: Collector<RetrievalExample>,
    count: u32,
    /// The number of each article, by a hash of what it says: the texts of a large file are not in memory.
    numbers: HashMap<u128, u32>,
    /// The number of each article that has an id in the file.
    ids: HashMap<String, u32>,
    queries: Vec<JudgedQuery>,
    /// The number of each query, by its text.
    by_text: HashMap<String, usize>,
}

impl Pairs {
    fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            articles: Collector::new(path),
            count: 0,
            numbers: HashMap::new(),
            ids: HashMap::new(),
            queries: vec![],
            by_text: HashMap::new(),
        }
    }

    fn add(&mut self, row: PairRow, column: &str) -> Result<(), DataError> {
        let PairRow {
            source,
            query,
            positives,
            negatives,
        } = row;
        let text = query.trim().to_owned();
        if text.is_empty() {
            return Err(source.error(Some(column), "the query is empty"));
        }
        let number = match self.by_text.get(&text) {
            Some(&number) => number,
            None => {
                let number = self.queries.len();
                self.queries.push(JudgedQuery {
                    query: Query {
                        id: (number + 1).to_string(),
                        text: text.clone(),
                        source: source.clone(),
                    },
                    grades: vec![],
                    negatives: vec![],
                });
                self.by_text.insert(text, number);
                number
            }
        };
        for article in positives {
            let article = self.article(article, &source)?;
            let grades = &mut self.queries[number].grades;
            if !grades.contains(&(article, 1)) {
                grades.push((article, 1));
            }
        }
        for article in negatives {
            let article = self.article(article, &source)?;
            let negatives = &mut self.queries[number].negatives;
            if !negatives.contains(&article) {
                negatives.push(article);
            }
        }
        let judged = &self.queries[number];
        match judged
            .negatives
            .iter()
            .any(|article| judged.grades.contains(&(*article, 1)))
        {
            true => Err(source.error(
                None,
                "an article is relevant for this query, and a negative for it",
            )),
            false => Ok(()),
        }
    }

    /// The number of an article, which is added if it is new.
    fn article(&mut self, article: Named, source: &Source) -> Result<u32, DataError> {
        let Named { id, title, text } = article;
        let text = text.trim();
        let hash = |start: u8| {
            let mut hash = DefaultHasher::new();
            (start, &title, text).hash(&mut hash);
            u128::from(hash.finish())
        };
        let key = hash(0) << 64 | hash(1);
        let known = match &id {
            Some(id) => self.ids.get(id).copied(),
            None => self.numbers.get(&key).copied(),
        };
        if let Some(number) = known {
            return match id {
                Some(id) if self.numbers.get(&key) != Some(&number) => {
                    let reason = format!("the article `{id}` has another text on a line before");
                    Err(source.error(None, reason))
                }
                _ => Ok(number),
            };
        }
        let number = *self.numbers.entry(key).or_insert(self.count);
        if let Some(id) = &id {
            self.ids.insert(id.clone(), number);
        }
        if number == self.count {
            self.count += 1;
            let shown = id.unwrap_or_else(|| format!("article {}", number + 1));
            self.articles.push(RetrievalExample::Article(Article {
                id: shown,
                title,
                text: text.to_owned(),
                source: source.clone(),
            }))?;
        }
        Ok(number)
    }

    fn finish(mut self) -> Result<RetrievalDataset, DataError> {
        if self.queries.is_empty() {
            return Err(DataError::Empty(self.path));
        }
        for query in self.queries {
            self.articles.push(RetrievalExample::Query(query))?;
        }
        self.articles.finish()
    }
}
