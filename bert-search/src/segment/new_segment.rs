//! A segment that is being written.

use std::fs;
use std::path::{Path, PathBuf};

use super::documents::NewDocuments;
use super::vectors::NewVectors;
use super::{MAX_SEGMENT, Segment};
use crate::IndexError;
use crate::document::Document;
use crate::files::{IndexSettings, SegmentEntry, sync_folder};

/// A segment that is being written. It becomes a part of the index when a manifest names it.
#[derive(Debug)]
pub(crate) struct NewSegment {
    index: PathBuf,
    name: String,
    settings: IndexSettings,
    documents: NewDocuments,
    vectors: NewVectors,
}

impl NewSegment {
    /// Creates the folder `name` in the index.
    pub fn create(index: &Path, name: String, settings: &IndexSettings) -> Result<Self, IndexError> {
        let dir = index.join(&name);
        fs::create_dir(&dir).map_err(IndexError::io(&dir))?;
        Ok(NewSegment {
            documents: NewDocuments::create(&dir)?,
            vectors: NewVectors::create(&dir, settings.dimension)?,
            index: index.to_path_buf(),
            name,
            settings: settings.clone(),
        })
    }

    /// How many documents it has.
    pub fn documents(&self) -> u32 {
        self.documents.count()
    }

    /// Whether so many more passages, with their document, still find room.
    pub fn has_room(&self, passages: usize) -> bool {
        u64::from(self.documents()) < MAX_SEGMENT && self.documents.rows() + passages as u64 <= MAX_SEGMENT
    }

    /// Appends a document with the vectors of its passages.
    pub fn push(&mut self, document: &Document, vectors: &[f32]) -> Result<(), IndexError> {
        self.documents.push(document)?;
        self.vectors.push(vectors)
    }

    /// Appends the documents of `segments` that are not deleted.
    pub fn copy(&mut self, segments: &[Segment]) -> Result<(), IndexError> {
        for segment in segments {
            for document in segment.live() {
                self.documents.copy(&segment.documents, document)?;
                self.vectors.push(segment.vectors(segment.rows_of(document)?)?)?;
            }
        }
        Ok(())
    }

    /// Completes the files, syncs them to disk, and opens the segment.
    pub fn finish(self) -> Result<Segment, IndexError> {
        let dir = self.index.join(&self.name);
        let (documents, passages) = (u64::from(self.documents()), self.documents.rows());
        let mut files = self.documents.finish(&dir)?;
        files.extend(self.vectors.finish()?);
        sync_folder(&dir)?;
        let entry = SegmentEntry {
            name: self.name,
            documents,
            passages,
            files,
            deletions: None,
        };
        Segment::open(&self.index, entry, &self.settings)
    }
}
