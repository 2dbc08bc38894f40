//! A reader of an index.

mod vectors;
mod words;

use std::path::{Path, PathBuf};

use crate::IndexError;
use crate::document::Document;
use crate::files::{IndexSettings, Manifest};
use crate::segment::Segment;
pub use words::HybridOptions;

/// How often a commit may come between reading the manifest and opening its files.
const ATTEMPTS: usize = 20;

/// One generation of an index, open for reading.
///
/// Its files are mapped into memory. It sees the generation that was committed last when it was opened, whatever a writer does
/// afterwards; a later generation is seen by a reader that is opened later. It can be shared by threads.
#[derive(Debug)]
pub struct IndexReader {
    dir: PathBuf,
    manifest: Manifest,
    segments: Vec<Segment>,
}

impl IndexReader {
    /// Opens the index in the folder `dir`.
    ///
    /// Sizes of files are checked, and the checksums of small ones; [`verify`](Self::verify) checks all.
    ///
    /// # Errors
    /// If there is none, or it is damaged, or the system fails.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, IndexError> {
        let dir = dir.as_ref();
        let mut attempt = 0;
        loop {
            let manifest = Manifest::read(dir)?;
            let open = |entry| Segment::open(dir, entry, &manifest.settings);
            let segments: Result<Vec<Segment>, _> = manifest.segments.iter().cloned().map(open).collect();
            attempt += 1;
            match segments {
                Ok(segments) => {
                    return Ok(IndexReader {
                        dir: dir.to_path_buf(),
                        manifest,
                        segments,
                    });
                }
                // A commit in between has removed files of the older generation.
                Err(error)
                    if error.is_missing_file()
                        && attempt < ATTEMPTS
                        && Manifest::read(dir)?.generation != manifest.generation => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The settings of the index.
    pub fn settings(&self) -> &IndexSettings {
        &self.manifest.settings
    }

    /// The generation that this reader sees: how many commits there were before.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// Whether there was no commit since this reader was opened.
    ///
    /// # Errors
    /// If the manifest cannot be read.
    pub fn is_current(&self) -> Result<bool, IndexError> {
        Ok(Manifest::read(&self.dir)?.generation == self.generation())
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.segments.iter().map(Segment::live_documents).sum()
    }

    /// Whether there are no documents.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Reads all files and compares them with their checksums.
    ///
    /// # Errors
    /// The first file that is damaged or cannot be read.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.segments.iter().try_for_each(Segment::verify)
    }

    /// The document with this id.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn document(&self, id: &str) -> Result<Option<Document>, IndexError> {
        let found = self.find(id)?;
        found
            .map(|(segment, number)| segment.document(number))
            .transpose()
    }

    /// The vectors of the passages of a document, one after the other, as they were indexed: with
    /// [`Similarity::Cosine`](crate::Similarity::Cosine), of length 1.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn vectors(&self, id: &str) -> Result<Option<&[f32]>, IndexError> {
        let Some((segment, number)) = self.find(id)? else {
            return Ok(None);
        };
        segment.vectors(segment.rows_of(number)?).map(Some)
    }

    /// All documents with their vectors, in the order in which they were added, as far as merges keep it. They are read one by
    /// one.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Document, &[f32]), IndexError>> {
        self.segments.iter().flat_map(|segment| {
            segment.live().map(|number| {
                Ok((
                    segment.document(number)?,
                    segment.vectors(segment.rows_of(number)?)?,
                ))
            })
        })
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// How many passages the documents have.
    pub(crate) fn rows(&self) -> Result<usize, IndexError> {
        let mut rows = 0;
        for segment in &self.segments {
            for document in segment.live() {
                rows += segment.rows_of(document)?.len();
            }
        }
        Ok(rows)
    }

    fn find(&self, id: &str) -> Result<Option<(&Segment, u32)>, IndexError> {
        for segment in &self.segments {
            if let Some(number) = segment.find(id)? {
                return Ok(Some((segment, number)));
            }
        }
        Ok(None)
    }
}
