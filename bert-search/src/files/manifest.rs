//! `index.json`: what belongs to the index. Whatever it does not name does not exist.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::WRITING;
use super::written::FileEntry;
use crate::IndexError;
use crate::analyzer::Analyzer;

/// The name of the manifest.
pub(crate) const MANIFEST: &str = "index.json";

const VERSION: u64 = 2;

/// The most documents or passages of a segment.
pub(crate) const MAX_SEGMENT: u64 = 1 << 30;

/// More commits and segments than any index has.
const MOST_GENERATIONS: u64 = 1 << 53;

/// How alike two vectors are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Similarity {
    /// The cosine of their angle: the index scales vectors and queries to length 1.
    #[default]
    Cosine,
    /// Their dot product, for models that were trained without normalisation.
    Dot,
}

/// What an index is made for. The settings are given once, when it is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexSettings {
    /// The length of a vector; 0 for an index of words alone.
    pub dimension: usize,
    /// How vectors are compared.
    pub similarity: Similarity,
    /// How texts become words for BM25; without it, there is no search by words.
    pub analyzer: Option<Analyzer>,
    /// The name of the model that makes the vectors; the index only keeps it.
    pub model: String,
}

impl IndexSettings {
    /// Settings for vectors of a dimension, compared by their cosine, without words.
    pub fn new(dimension: usize) -> Self {
        IndexSettings {
            dimension,
            similarity: Similarity::default(),
            analyzer: None,
            model: String::new(),
        }
    }

    /// Sets how vectors are compared.
    pub fn with_similarity(mut self, similarity: Similarity) -> Self {
        self.similarity = similarity;
        self
    }

    /// Sets how texts become words, so that they can be searched by BM25.
    pub fn with_analyzer(mut self, analyzer: Analyzer) -> Self {
        self.analyzer = Some(analyzer);
        self
    }

    /// Sets the name of the model.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// The first setting that differs, its value here, and its value there.
    pub(crate) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let pairs = [
            (
                "dimension",
                self.dimension.to_string(),
                other.dimension.to_string(),
            ),
            (
                "similarity",
                format!("{:?}", self.similarity),
                format!("{:?}", other.similarity),
            ),
            (
                "analyzer",
                format!("{:?}", self.analyzer),
                format!("{:?}", other.analyzer),
            ),
            ("model", format!("`{}`", self.model), format!("`{}`", other.model)),
        ];
        pairs.into_iter().find(|(_, here, there)| here != there)
    }
}

/// What the manifest says of the deleted documents of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeletionsEntry {
    /// The file with one bit for a document.
    pub file: FileEntry,
    /// How many documents are deleted.
    pub documents: u64,
}

/// What the manifest says of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentEntry {
    /// The name of its folder.
    pub name: String,
    /// How many documents it has, deleted ones included.
    pub documents: u64,
    /// How many passages they have.
    pub passages: u64,
    /// How many words they have.
    pub words: u64,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// Its deleted documents, if there are any.
    pub deletions: Option<DeletionsEntry>,
}

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The version of the format of the folder.
    pub version: u64,
    /// How many commits there were.
    pub generation: u64,
    /// The number of the next segment. Numbers are not used twice.
    pub next_segment: u64,
    /// The settings of the index.
    pub settings: IndexSettings,
    /// The segments, oldest first.
    pub segments: Vec<SegmentEntry>,
}

/// The file: the manifest, and the CRC-32C of its JSON without white space.
#[derive(Serialize, Deserialize)]
struct Checked<T> {
    crc32c: u32,
    index: T,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u64,
}

impl Manifest {
    /// The manifest of an index without documents.
    pub fn new(settings: IndexSettings) -> Self {
        Manifest {
            version: VERSION,
            generation: 0,
            next_segment: 1,
            settings,
            segments: Vec::new(),
        }
    }

    /// Reads the manifest of the index in `dir`.
    pub fn read(dir: &Path) -> Result<Self, IndexError> {
        let path = dir.join(MANIFEST);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => IndexError::NotAnIndex(dir.to_path_buf()),
            _ => IndexError::io(&path)(error),
        })?;
        // The version comes first: the rest of another version may look different.
        let version: Checked<VersionOnly> =
            serde_json::from_slice(&bytes).map_err(|e| IndexError::damaged(&path, e.to_string()))?;
        if version.index.version != VERSION {
            return Err(IndexError::Version {
                file: path,
                found: version.index.version,
                expected: VERSION,
            });
        }
        let Checked { crc32c, index } = serde_json::from_slice::<Checked<Manifest>>(&bytes)
            .map_err(|e| IndexError::damaged(&path, e.to_string()))?;
        if crc32c != index.crc32c() {
            return Err(IndexError::damaged(
                &path,
                "its content does not match its checksum",
            ));
        }
        match index.fault() {
            None => Ok(index),
            Some(reason) => Err(IndexError::damaged(&path, reason)),
        }
    }

    /// What no writer writes.
    fn fault(&self) -> Option<String> {
        let plain = |name: &str| {
            let allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(allowed)
        };
        if self.settings.dimension > crate::MAX_DIMENSION {
            return Some(format!("dimension {}", self.settings.dimension));
        }
        if self.generation.max(self.next_segment) >= MOST_GENERATIONS {
            return Some(format!(
                "generation {}, next segment {}",
                self.generation, self.next_segment
            ));
        }
        for segment in &self.segments {
            let files = segment
                .files
                .iter()
                .chain(segment.deletions.as_ref().map(|entry| &entry.file));
            let mut names = files.map(|file| &file.name).chain([&segment.name]);
            if let Some(name) = names.find(|name| !plain(name)) {
                return Some(format!("the name of a file, `{name}`"));
            }
            if segment.documents > MAX_SEGMENT || segment.passages > MAX_SEGMENT {
                return Some(format!(
                    "{} has more documents than a segment can have",
                    segment.name
                ));
            }
            // The words of a document are counted in 32 bits.
            if segment.words > segment.documents << 32 {
                return Some(format!(
                    "{} has more words than its documents can have",
                    segment.name
                ));
            }
        }
        None
    }

    /// Writes the manifest atomically: with it the index is in its new state, whole, or it stays in its old one.
    pub fn write(&self, dir: &Path) -> Result<(), IndexError> {
        let path = dir.join(MANIFEST);
        let checked = Checked {
            crc32c: self.crc32c(),
            index: self,
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(WRITING);
        // A temporary file is private to its owner; this one gets the permissions of any new file.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let write = || {
            let mut file = builder.tempfile_in(dir)?;
            let mut text = serde_json::to_vec_pretty(&checked)?;
            text.push(b'\n');
            file.write_all(&text)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|e| e.error)
        };
        write().map_err(IndexError::io(&path))?;
        sync_folder(dir)
    }

    fn crc32c(&self) -> u32 {
        let json = serde_json::to_vec(self).expect("a manifest has only numbers and strings");
        crc32c::crc32c(&json)
    }
}

/// Syncs the names in a folder to disk.
pub(crate) fn sync_folder(dir: &Path) -> Result<(), IndexError> {
    #[cfg(unix)]
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(IndexError::io(dir))?;
    Ok(())
}
