//! Why an index cannot be read, written or searched: every message names the file, the document or the query.

use std::io;
use std::path::{Path, PathBuf};

/// What went wrong with an index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The system refused to read or write.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's message.
        source: io::Error,
    },
    /// The folder holds no index.
    #[error("{dir}: there is no index in this folder, since it has no index.json", dir = .0.display())]
    NotAnIndex(PathBuf),
    /// The folder already holds an index.
    #[error("{dir}: this folder already holds an index; open it, or choose another folder", dir = .0.display())]
    Exists(PathBuf),
    /// An export has the name of something that is there.
    #[error("{path}: this exists already; choose another name for the export", path = .0.display())]
    ExportExists(PathBuf),
    /// A file is not as it was written.
    #[error("{file}: damaged: {reason}", file = .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The index has another format.
    #[error("{file}: format version {found}; this program reads version {expected}", file = .file.display())]
    Version {
        /// The manifest.
        file: PathBuf,
        /// Its version.
        found: u64,
        /// The version that can be read.
        expected: u64,
    },
    /// The index was created with other settings than those asked for.
    #[error("{dir}: the index has {setting} {found}, not {asked}; use another folder for other settings", dir = .dir.display())]
    OtherSettings {
        /// The folder of the index.
        dir: PathBuf,
        /// Which setting.
        setting: &'static str,
        /// Its value in the index.
        found: String,
        /// The value asked for.
        asked: String,
    },
    /// Another writer has the index open.
    #[error("{dir}: another writer{process} has this index open; wait until it ends", dir = .dir.display())]
    Locked {
        /// The folder of the index.
        dir: PathBuf,
        /// The other writer's process in words, or empty if it is not known.
        process: String,
    },
    /// The writer failed before, so what it holds is incomplete.
    #[error("{dir}: this writer has failed; open a new one, which starts from the last commit", dir = .0.display())]
    WriterFailed(PathBuf),
    /// The settings of a new index are not usable.
    #[error("dimension {0}: at most {max} is possible", max = crate::MAX_DIMENSION)]
    Dimension(usize),
    /// A document has an empty id.
    #[error("document {0} of the batch has an empty id")]
    EmptyId(usize),
    /// A batch holds an id twice.
    #[error("the id `{0}` occurs twice in one batch; a document can only be replaced by a later batch")]
    RepeatedId(String),
    /// A passage is not a part of its text.
    #[error("document `{id}`, passage {passage} (bytes {start}..{end}): {reason}")]
    Passage {
        /// The document's id.
        id: String,
        /// The passage, from 0.
        passage: usize,
        /// Where it starts.
        start: usize,
        /// Where it ends.
        end: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A document is too large for a segment.
    #[error("document `{0}` has too many words for an index")]
    DocumentTooLarge(String),
    /// There is not one vector for each passage.
    #[error(
        "{values} values for {passages} passages of dimension {dimension}; there must be {expected}",
        expected = passages * dimension
    )]
    VectorCount {
        /// How many values there are.
        values: usize,
        /// How many passages the documents have.
        passages: usize,
        /// The dimension of the index.
        dimension: usize,
    },
    /// A vector of a document cannot be used.
    #[error("document `{id}`, passage {passage}: {reason}")]
    Vector {
        /// The document's id.
        id: String,
        /// The passage, from 0.
        passage: usize,
        /// What is wrong with the vector.
        reason: String,
    },
    /// The queries are not vectors of the index's dimension.
    #[error("{values} values are no number of query vectors of dimension {dimension}")]
    QueryDimension {
        /// How many values there are.
        values: usize,
        /// The dimension of the index.
        dimension: usize,
    },
    /// The vector of a query cannot be used.
    #[error("query {query}: {reason}")]
    Query {
        /// The query, from 0.
        query: usize,
        /// What is wrong with its vector.
        reason: String,
    },
    /// There are not as many query texts as query vectors.
    #[error("{texts} query texts for {vectors} query vectors; there must be one of each for a query")]
    QueryCount {
        /// How many texts.
        texts: usize,
        /// How many vectors.
        vectors: usize,
    },
    /// No results were asked for.
    #[error("k is 0; at least one result must be asked for")]
    ZeroK,
    /// The index has no vectors.
    #[error("{dir}: this index has no vectors (its dimension is 0); search it with BM25", dir = .0.display())]
    NoVectors(PathBuf),
    /// The index has no words.
    #[error("{dir}: this index was created without words for BM25; search it with vectors", dir = .0.display())]
    NoWords(PathBuf),
    /// A parameter of a ranking function is out of its range.
    #[error("{name} is {value}; it must be {range}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f32,
        /// What is possible.
        range: &'static str,
    },
}

impl IndexError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> IndexError + '_ {
        move |source| IndexError::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn damaged(file: &Path, reason: impl Into<String>) -> Self {
        IndexError::Damaged {
            file: file.to_path_buf(),
            reason: reason.into(),
        }
    }

    /// Whether a file or folder was not there.
    pub(crate) fn is_missing_file(&self) -> bool {
        matches!(self, IndexError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
