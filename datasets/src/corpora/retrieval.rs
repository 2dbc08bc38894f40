//! Folders of retrieval corpora: BEIR's and MS MARCO's.

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::examples::{Collection, RetrievalDataset};
use crate::formats::{CollectionFile, RetrievalFiles};

/// The splits that BEIR names, those to evaluate on first.
const BEIR_DEV: [&str; 3] = ["dev", "valid", "test"];
/// MS MARCO's splits to evaluate on, the usual one first.
const MSMARCO_DEV: [&str; 2] = ["dev.small", "dev"];

/// A folder in the layout of BEIR (Thakur et al. 2021: `corpus.jsonl`, `queries.jsonl`, `qrels/train.tsv`) or of MS MARCO's passage
/// ranking (Bajaj et al. 2016: `collection.tsv`, `queries.train.tsv`, `qrels.train.tsv`).
///
/// ```no_run
/// let folder = datasets::RetrievalFolder::find("data/scifact".as_ref()).expect("it is one");
/// let train = folder.train()?;
/// let dev = folder.dev()?;
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RetrievalFolder {
    dir: PathBuf,
    is_beir: bool,
}

impl RetrievalFolder {
    /// The folder, if it has a collection.
    pub fn find(dir: &Path) -> Option<Self> {
        let is_beir = dir.join("corpus.jsonl").is_file();
        let is_msmarco = dir.join("collection.tsv").is_file();
        (is_beir || is_msmarco).then(|| Self {
            dir: dir.into(),
            is_beir,
        })
    }

    /// The files of a split; none if it has no judgements.
    fn split(&self, name: &str) -> Option<RetrievalFiles> {
        let path = |name: String| self.dir.join(name);
        let files = match self.is_beir {
            true => RetrievalFiles {
                collection: self.collection_path(),
                queries: path("queries.jsonl".into()),
                judgements: path(format!("qrels/{name}.tsv")),
            },
            false => RetrievalFiles {
                collection: self.collection_path(),
                queries: path(format!("queries.{name}.tsv")),
                judgements: path(format!("qrels.{name}.tsv")),
            },
        };
        files.judgements.is_file().then_some(files)
    }

    /// The collection alone.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn collection(&self) -> Result<Collection, DataError> {
        CollectionFile::new(&self.collection_path()).read()
    }

    fn collection_path(&self) -> PathBuf {
        self.dir.join(match self.is_beir {
            true => "corpus.jsonl",
            false => "collection.tsv",
        })
    }

    /// The training data.
    ///
    /// # Errors
    /// If it is missing, or a file cannot be read.
    pub fn train(&self) -> Result<RetrievalDataset, DataError> {
        match self.split("train") {
            Some(files) => files.read(),
            None => Err(self.missing(&["train"])),
        }
    }

    /// The evaluation data; none if the folder has none.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn dev(&self) -> Result<Option<RetrievalDataset>, DataError> {
        let names: &[&str] = if self.is_beir { &BEIR_DEV } else { &MSMARCO_DEV };
        let files = names.iter().find_map(|name| self.split(name));
        files.map(|files| files.read()).transpose()
    }

    /// The judgements of a file, over the folder's collection and queries; of MS MARCO, the queries are those whose file has the
    /// name of the judgements' (`queries.dev.tsv` for `qrels.dev.tsv`).
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn judged_by(&self, judgements: &Path) -> Result<RetrievalDataset, DataError> {
        let queries = match self.is_beir {
            true => self.dir.join("queries.jsonl"),
            false => {
                let name = judgements.file_name().unwrap_or_default().to_string_lossy();
                judgements.with_file_name(name.replacen("qrels", "queries", 1))
            }
        };
        RetrievalFiles {
            collection: self.collection_path(),
            queries,
            judgements: judgements.into(),
        }
        .read()
    }

    /// The error where none of the splits `names` is there.
    pub fn missing(&self, names: &[&str]) -> DataError {
        let looked = names.iter().map(|name| match self.is_beir {
            true => format!("qrels/{name}.tsv"),
            false => format!("qrels.{name}.tsv"),
        });
        DataError::NoFile {
            dir: self.dir.clone(),
            looked: looked.collect::<Vec<_>>().join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::RetrievalExample;
    use std::fs;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        dir
    }

    /// The ids of the queries, each with its relevant articles.
    fn queries(data: &RetrievalDataset) -> Vec<(String, Vec<u32>)> {
        let queries = data.examples().iter().filter_map(|example| match example {
            RetrievalExample::Article(_) => None,
            RetrievalExample::Query(judged) => Some((judged.query.id.clone(), judged.relevant().collect())),
        });
        queries.collect()
    }

    #[test]
    fn beir_is_read() {
        let dir = folder(&[
            (
                "corpus.jsonl",
                "{\"_id\": \"a\", \"title\": \"A\", \"text\": \"x\"}\n{\"_id\": \"b\", \"title\": \"\", \"text\": \"y\"}\n",
            ),
            (
                "queries.jsonl",
                "{\"_id\": \"1\", \"text\": \"one\"}\n{\"_id\": \"2\", \"text\": \"two\"}\n{\"_id\": \"3\", \"text\": \"three\"}\n",
            ),
            (
                "qrels/train.tsv",
                "query-id\tcorpus-id\tscore\n1\tb\t1\n1\ta\t0\n9\ta\t1\n",
            ),
            (
                "qrels/test.tsv",
                "query-id\tcorpus-id\tscore\n2\ta\t1\n2\tb\t2\n3\tc\t1\n",
            ),
        ]);
        let found = RetrievalFolder::find(dir.path()).unwrap();
        let (train, test) = (found.train().unwrap(), found.dev().unwrap().unwrap());
        assert_eq!((train.articles().unwrap(), test.articles().unwrap()), (2, 2));
        assert_eq!(queries(&train), [("1".into(), vec![1])]);
        assert_eq!(queries(&test), [("2".into(), vec![0, 1]), ("3".into(), vec![])]);
        let note = |data: &RetrievalDataset| data.notes()[0].to_string();
        assert!(
            note(&train)
                .ends_with("train.tsv: 1 query that the queries lack (the first: query `9`) left out")
        );
        assert!(
            note(&test).ends_with(
                "test.tsv: 1 judgement that the collection lacks (the first: article `c` for the query `3`) left out"
            ),
            "{}",
            note(&test)
        );
        let again = found.judged_by(&dir.path().join("qrels/test.tsv")).unwrap();
        assert_eq!(queries(&again), queries(&test));
        fs::write(dir.path().join("qrels/train.tsv"), "1\tc\t1\n").unwrap();
        let error = found.train().unwrap_err().to_string();
        assert!(
            error.contains("no judgement says that an article of the collection is relevant"),
            "{error}"
        );
        fs::remove_file(dir.path().join("qrels/train.tsv")).unwrap();
        let error = found.train().unwrap_err().to_string();
        assert!(
            error.contains("there is no qrels/train.tsv in this folder"),
            "{error}"
        );
    }

    #[test]
    fn msmarco_is_read() {
        let dir = folder(&[
            ("collection.tsv", "0\tx\n1\ty\n"),
            ("queries.train.tsv", "10\tone\n"),
            ("qrels.train.tsv", "10\t0\t1\t1\n"),
            ("queries.dev.small.tsv", "20\ttwo\n"),
            ("qrels.dev.small.tsv", "20\t0\t0\t1\n"),
        ]);
        let found = RetrievalFolder::find(dir.path()).unwrap();
        assert_eq!(queries(&found.train().unwrap()), [("10".into(), vec![1])]);
        assert_eq!(queries(&found.dev().unwrap().unwrap()), [("20".into(), vec![0])]);
        let again = found.judged_by(&dir.path().join("qrels.dev.small.tsv")).unwrap();
        assert_eq!(queries(&again), [("20".into(), vec![0])]);
        assert!(RetrievalFolder::find(&dir.path().join("nowhere")).is_none());
    }
}
