//! A collection, queries and judgements as one dataset.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{CollectionFile, QueryFile, read_judgements};
use crate::error::DataError;
use crate::examples::{
    Article, Collection, Collector, Examples, Identified, JudgedQuery, Judgements, Queries, RetrievalDataset,
    RetrievalExample,
};
use crate::message::counted;

/// The three files of a retrieval corpus. Several splits have the collection in common, and perhaps the queries.
///
/// ```no_run
/// use datasets::RetrievalFiles;
/// let files = RetrievalFiles {
///     collection: "scifact/corpus.jsonl".into(),
///     queries: "scifact/queries.jsonl".into(),
///     judgements: "scifact/qrels/train.tsv".into(),
/// };
/// println!("{} articles and queries", files.read()?.len());
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrievalFiles {
    /// The articles (see [`CollectionFile`]).
    pub collection: PathBuf,
    /// The queries (see [`QueryFile`]).
    pub queries: PathBuf,
    /// Which articles are relevant for which query (see [`read_judgements`]).
    pub judgements: PathBuf,
}

impl RetrievalFiles {
    /// Reads the files: all articles, and the queries that were judged. Notes say what the judgements name that is missing.
    ///
    /// # Errors
    /// If a file cannot be read, or no query has a relevant article in the collection.
    pub fn read(&self) -> Result<RetrievalDataset, DataError> {
        let judgements = read_judgements(&self.judgements)?;
        let queries = QueryFile::new(&self.queries).read()?;
        let collection = CollectionFile::new(&self.collection).read()?;
        join(&collection, &queries, &judgements, &self.judgements)
    }
}

/// The articles, and the judged queries; `file` is that of the judgements.
fn join(
    collection: &Collection,
    queries: &Queries,
    judgements: &Judgements,
    file: &Path,
) -> Result<RetrievalDataset, DataError> {
    let numbers = collection.by_id()?;
    let mut examples = Collector::new(file);
    collection.try_for_each(|article: &Article| examples.push(RetrievalExample::Article(article.clone())))?;
    let (mut missing, mut known, mut relevant) = (Missing::default(), 0, 0);
    queries.try_for_each(|query| {
        let Some(grades) = judgements.grades(query.id()) else {
            return Ok(());
        };
        known += 1;
        let mut numbered = Vec::with_capacity(grades.len());
        for (article, &grade) in grades {
            match numbers.get(article.as_str()) {
                Some(&number) => numbered.push((number as u32, grade)),
                None => missing.add(format_args!("article `{article}` for the query `{}`", query.id())),
            }
        }
        relevant += numbered.iter().filter(|(_, grade)| *grade > 0).count();
        examples.push(RetrievalExample::Query(JudgedQuery {
            query: query.clone(),
            grades: numbered,
            negatives: vec![],
        }))
    })?;
    let mut unknown = Missing::default();
    if known < judgements.len() {
        let ids = queries.by_id()?;
        for (query, _) in judgements.iter().filter(|(query, _)| !ids.contains_key(*query)) {
            unknown.add(format_args!("query `{query}`"));
        }
    }
    let shown = file.display();
    if relevant == 0 {
        let reason = "no judgement says that an article of the collection is relevant for one of the queries";
        return Err(DataError::at(file, 1, None, reason));
    }
    let notes = [queries.notes(), collection.notes()].concat();
    let missing = missing.note("judgement", "that the collection lacks");
    let unknown = unknown.note("query", "that the queries lack");
    let lacking = [missing, unknown]
        .into_iter()
        .flatten()
        .map(|note| format!("{shown}: {note}").into());
    Ok(notes
        .into_iter()
        .chain(lacking)
        .fold(examples.finish()?, Examples::with_note))
}

/// What judgements name, and is not there.
#[derive(Default)]
struct Missing {
    count: usize,
    first: String,
}

impl Missing {
    fn add(&mut self, what: fmt::Arguments<'_>) {
        if self.count == 0 {
            self.first = what.to_string();
        }
        self.count += 1;
    }

    fn note(&self, what: &str, lack: &str) -> Option<String> {
        let count = match what {
            "query" if self.count != 1 => format!("{} queries", self.count),
            _ => counted(self.count, what),
        };
        (self.count > 0).then(|| format!("{count} {lack} (the first: {}) left out", self.first))
    }
}
