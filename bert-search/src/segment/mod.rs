//! A segment: documents and their vectors in files that never change, with a set of deleted documents beside them.

mod deletions;
mod documents;
mod new_segment;
mod postings;
mod quantization;
mod vectors;

use std::path::{Path, PathBuf};

use crate::IndexError;
use crate::document::Document;
use crate::files::{DeletionsEntry, FileEntry, IndexSettings, SegmentEntry};

use deletions::Deletions;
use documents::Documents;
pub(crate) use new_segment::NewSegment;
use postings::Postings;
pub(crate) use postings::{Cursor, PostingList};
pub(crate) use quantization::quantize;
use vectors::Vectors;
pub(crate) use vectors::{prepare, prepare_all};

/// A complete segment, its files mapped into memory.
#[derive(Debug)]
pub(crate) struct Segment {
    dir: PathBuf,
    entry: SegmentEntry,
    documents: Documents,
    vectors: Vectors,
    postings: Option<Postings>,
    deletions: Deletions,
    deleted_words: u64,
}

impl Segment {
    /// Opens a segment of the index in `index`.
    pub fn open(index: &Path, entry: SegmentEntry, settings: &IndexSettings) -> Result<Self, IndexError> {
        let dir = index.join(&entry.name);
        let documents = Documents::open(&dir, &entry)?;
        let vectors = Vectors::open(&dir, &entry, settings.dimension)?;
        let deletions = match &entry.deletions {
            None => Deletions::none(entry.documents as usize),
            Some(found) => Deletions::open(&dir, found, entry.documents as usize)?,
        };
        let postings = match settings.analyzer {
            None => None,
            Some(_) => Some(Postings::open(&dir, &entry)?),
        };
        let mut segment = Segment {
            dir,
            entry,
            documents,
            vectors,
            postings,
            deletions,
            deleted_words: 0,
        };
        segment.deleted_words = segment.count_deleted_words()?;
        Ok(segment)
    }

    /// How many documents it has, deleted ones included. They are numbered from 0.
    pub fn documents(&self) -> u32 {
        self.entry.documents as u32
    }

    /// How many documents are not deleted.
    pub fn live_documents(&self) -> usize {
        self.entry.documents as usize - self.deletions.count()
    }

    /// How many vectors it has, those of deleted documents included.
    pub fn rows(&self) -> usize {
        self.entry.passages as usize
    }

    /// Whether the document is deleted.
    pub fn is_deleted(&self, document: u32) -> bool {
        self.deletions.contains(document)
    }

    /// The documents that are not deleted.
    pub fn live(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.documents()).filter(|&document| !self.is_deleted(document))
    }

    /// Deletes a document; `false` if it was deleted before.
    pub fn delete(&mut self, document: u32) -> bool {
        self.deletions.insert(document)
    }

    /// The number of the live document with this id.
    pub fn find(&self, id: &str) -> Result<Option<u32>, IndexError> {
        let found = self.documents.find(id)?;
        Ok(found.filter(|&document| !self.is_deleted(document)))
    }

    /// The id of a document.
    pub fn id(&self, document: u32) -> Result<&str, IndexError> {
        self.documents.id(document)
    }

    /// A document.
    pub fn document(&self, document: u32) -> Result<Document, IndexError> {
        self.documents.document(document)
    }

    /// The rows of a document's vectors.
    pub fn rows_of(&self, document: u32) -> Result<std::ops::Range<usize>, IndexError> {
        self.documents.rows_of(document)
    }

    /// The document that a row belongs to, which is one of `among`.
    pub fn document_of(&self, row: usize, among: &std::ops::Range<u32>) -> Result<u32, IndexError> {
        self.documents.document_of(row, among)
    }

    /// Vectors, row after row.
    pub fn vectors(&self, rows: std::ops::Range<usize>) -> Result<&[f32], IndexError> {
        self.vectors.vectors(rows)
    }

    /// Rows of bytes, and the scale of each.
    pub fn quantized(&self, rows: std::ops::Range<usize>) -> Result<(&[i8], &[f32]), IndexError> {
        self.vectors.quantized(rows)
    }

    /// How many words the documents have that were not deleted when the segment was opened.
    pub fn live_words(&self) -> u64 {
        self.entry.words - self.deleted_words
    }

    /// How many words each document has.
    pub fn lengths(&self) -> Result<&[u32], IndexError> {
        self.postings.as_ref().map_or(Ok(&[]), Postings::lengths)
    }

    /// The documents that have the word, deleted ones included, and how many of them are not deleted.
    pub fn postings(&self, word: &str) -> Result<Option<(PostingList<'_>, u64)>, IndexError> {
        let Some(postings) = &self.postings else {
            return Ok(None);
        };
        let Some(list) = postings.find(word)? else {
            return Ok(None);
        };
        let mut live = list.len() as u64;
        if self.deletions.count() > 0 {
            list.each(|document, _| {
                live -= u64::from(self.is_deleted(document));
                Ok(())
            })?;
        }
        Ok(Some((list, live)))
    }

    fn count_deleted_words(&self) -> Result<u64, IndexError> {
        let mut words = 0;
        if self.deletions.count() > 0 {
            for (document, &length) in (0..).zip(self.lengths()?) {
                words += u64::from(length) * u64::from(self.is_deleted(document));
            }
        }
        match words <= self.entry.words {
            true => Ok(words),
            false => Err(IndexError::damaged(
                &self.dir,
                "its documents have more words than the manifest says",
            )),
        }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads all files and compares them with their checksums.
    pub fn verify(&self) -> Result<(), IndexError> {
        let deletions = self.entry.deletions.as_ref().map(|entry| &entry.file);
        let mut files = self.entry.files.iter().chain(deletions);
        files.try_for_each(|file| file.verify(&self.dir))
    }

    /// What the manifest of a generation says of the segment; new deletions are written first.
    pub fn commit(&mut self, generation: u64) -> Result<SegmentEntry, IndexError> {
        if let Some(file) = self.deletions.write(&self.dir, generation)? {
            let documents = self.deletions.count() as u64;
            self.entry.deletions = Some(DeletionsEntry { file, documents });
        }
        Ok(self.entry.clone())
    }
}

/// The file of this name.
fn file<'a>(dir: &Path, entry: &'a SegmentEntry, name: &str) -> Result<&'a FileEntry, IndexError> {
    let found = entry.files.iter().find(|file| file.name == name);
    found.ok_or_else(|| IndexError::damaged(&dir.join(name), "the manifest does not name this file"))
}
