//! A segment that is being written.

use std::fs;
use std::path::{Path, PathBuf};

use super::Segment;
use super::deletions::Renumbering;
use super::documents::NewDocuments;
use super::postings::{self, NewPostings, Source};
use super::vectors::NewVectors;
use crate::IndexError;
use crate::document::Document;
use crate::files::{FileEntry, IndexSettings, MAX_SEGMENT, SegmentEntry, sync_folder};

/// A segment that is being written. It becomes a part of the index when a manifest names it.
#[derive(Debug)]
pub(crate) struct NewSegment {
    index: PathBuf,
    name: String,
    settings: IndexSettings,
    documents: NewDocuments,
    vectors: NewVectors,
    postings: Option<NewPostings>,
    words: u64,
}

impl NewSegment {
    /// Creates the folder `name` in the index.
    pub fn create(index: &Path, name: String, settings: &IndexSettings) -> Result<Self, IndexError> {
        let dir = index.join(&name);
        fs::create_dir(&dir).map_err(IndexError::io(&dir))?;
        Ok(NewSegment {
            documents: NewDocuments::create(&dir)?,
            vectors: NewVectors::create(&dir, settings.dimension)?,
            postings: settings.analyzer.map(NewPostings::new),
            words: 0,
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

    /// About how much memory the words of its documents take.
    pub fn memory(&self) -> usize {
        self.postings.as_ref().map_or(0, NewPostings::memory)
    }

    /// Appends a document with the vectors of its passages.
    pub fn push(&mut self, document: &Document, vectors: &[f32]) -> Result<(), IndexError> {
        if let Some(postings) = &mut self.postings {
            self.words += u64::from(postings.push(document)?);
        }
        self.documents.push(document)?;
        self.vectors.push(vectors)
    }

    /// Completes the files, syncs them to disk, and opens the segment.
    pub fn finish(mut self) -> Result<Segment, IndexError> {
        let files = match self.postings.take() {
            None => Vec::new(),
            Some(postings) => postings.finish(&self.dir())?,
        };
        self.finish_with(files)
    }

    /// Fills the segment with the documents of others that are not deleted, and completes it.
    pub fn finish_merged(mut self, segments: &[Segment]) -> Result<Segment, IndexError> {
        for segment in segments {
            for document in segment.live() {
                self.documents.copy(&segment.documents, document)?;
                self.vectors.push(segment.vectors(segment.rows_of(document)?)?)?;
            }
        }
        let mut files = Vec::new();
        if self.settings.analyzer.is_some() {
            let mut sources = Vec::with_capacity(segments.len());
            let mut first = 0;
            for segment in segments {
                self.words += segment.entry.words - segment.count_deleted_words()?;
                sources.push(Source {
                    postings: segment.postings.as_ref().ok_or_else(no_words(segment))?,
                    numbers: Renumbering::new(&segment.deletions, first),
                });
                first += segment.live_documents() as u32;
            }
            files = postings::merge(&self.dir(), &sources)?;
        }
        self.finish_with(files)
    }

    fn dir(&self) -> PathBuf {
        self.index.join(&self.name)
    }

    fn finish_with(self, mut files: Vec<FileEntry>) -> Result<Segment, IndexError> {
        let dir = self.dir();
        let (documents, passages) = (u64::from(self.documents()), self.documents.rows());
        files.extend(self.documents.finish(&dir)?);
        files.extend(self.vectors.finish()?);
        sync_folder(&dir)?;
        let entry = SegmentEntry {
            name: self.name,
            documents,
            passages,
            words: self.words,
            files,
            deletions: None,
        };
        Segment::open(&self.index, entry, &self.settings)
    }
}

fn no_words(segment: &Segment) -> impl FnOnce() -> IndexError + '_ {
    || IndexError::damaged(segment.dir(), "it has no words")
}
