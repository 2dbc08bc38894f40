//! The writer of an index: adds, replaces and deletes documents, merges segments, and commits.

mod leftovers;
mod merge;
mod opening;
mod pending;

use std::path::PathBuf;

use crate::IndexError;
use crate::document::{Document, check_batch};
use crate::files::{IndexSettings, Manifest, WriterLock};
use crate::segment::{NewSegment, Segment, prepare};

use leftovers::remove_leftovers;
use pending::Pending;

/// The writer of an index. There is one at a time: it holds a lock that the system releases when its process ends.
///
/// What it adds, deletes and merges is seen by nobody until [`commit`](Self::commit), which takes all of it into the index at
/// once. A writer that is dropped or killed before leaves the index as its last commit left it; the next writer removes the
/// remains. To resume an interrupted job, open a writer and skip the documents that it [contains](Self::contains).
///
/// Vectors and documents go to disk as they are added. In memory are the ids, and what is known of the words, of the documents
/// since the last segment was completed; when they reach a [limit](Self::set_memory), their segment is completed.
#[derive(Debug)]
pub struct IndexWriter {
    dir: PathBuf,
    _lock: WriterLock,
    manifest: Manifest,
    /// The committed segments and those completed since, with their deletions.
    segments: Vec<Segment>,
    pending: Option<Pending>,
    next_segment: u64,
    changed: bool,
    failed: bool,
    memory: usize,
}

impl IndexWriter {
    /// Sets how many bytes the ids and words of new documents may take in memory; 256 MiB, if it is not called.
    pub fn set_memory(&mut self, bytes: usize) {
        self.memory = bytes;
    }

    /// The settings of the index.
    pub fn settings(&self) -> &IndexSettings {
        &self.manifest.settings
    }

    /// The generation of the last commit.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// How many documents there are, those that are not committed included.
    pub fn len(&self) -> usize {
        let pending = self.pending.as_ref().map_or(0, Pending::live_documents);
        pending + self.segments.iter().map(Segment::live_documents).sum::<usize>()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many segments there are. Many small ones make searches slower; see [`merge`](Self::merge).
    pub fn segments(&self) -> usize {
        self.segments.len() + usize::from(self.pending.is_some())
    }

    /// Whether there is a document with this id, committed or not.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn contains(&self, id: &str) -> Result<bool, IndexError> {
        if self.pending.as_ref().is_some_and(|pending| pending.contains(id)) {
            return Ok(true);
        }
        for segment in &self.segments {
            if segment.find(id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds documents; one whose id is in the index replaces the old document. `vectors` has one vector for each passage, in
    /// the order of the documents and their passages.
    ///
    /// # Errors
    /// If a document or a vector cannot be indexed, or an id occurs twice in the batch; then nothing of the batch is added. If
    /// the system fails, what was added since the last commit is lost, and only a new writer can go on.
    pub fn add(&mut self, documents: &[Document], vectors: &[f32]) -> Result<(), IndexError> {
        self.check()?;
        check_batch(documents)?;
        let vectors = self.prepared(documents, vectors)?;
        self.attempt(|writer| writer.add_checked(documents, &vectors))
    }

    /// Deletes documents, and returns how many of the ids there were.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn delete<S: AsRef<str>>(&mut self, ids: &[S]) -> Result<usize, IndexError> {
        self.check()?;
        self.attempt(|writer| {
            let mut count = 0;
            for id in ids {
                count += usize::from(writer.delete_one(id.as_ref())?);
            }
            Ok(count)
        })
    }

    /// Takes everything since the last commit into the index, and returns the new generation. Without changes, nothing is
    /// written, and the generation stays.
    ///
    /// Afterwards files that are no longer needed are removed. Readers of an older generation keep what they have open.
    ///
    /// # Errors
    /// If the system fails; the index is then as its last commit left it.
    pub fn commit(&mut self) -> Result<u64, IndexError> {
        self.check()?;
        self.attempt(Self::commit_changes)
    }

    fn commit_changes(&mut self) -> Result<u64, IndexError> {
        self.complete_pending()?;
        if !self.changed {
            return Ok(self.manifest.generation);
        }
        self.segments.retain(|segment| segment.live_documents() > 0);
        let generation = self.manifest.generation + 1;
        let mut segments = Vec::with_capacity(self.segments.len());
        for segment in &mut self.segments {
            segments.push(segment.commit(generation)?);
        }
        let manifest = Manifest {
            generation,
            next_segment: self.next_segment,
            segments,
            ..self.manifest.clone()
        };
        manifest.write(&self.dir)?;
        self.manifest = manifest;
        self.changed = false;
        remove_leftovers(&self.dir, &self.manifest);
        Ok(generation)
    }

    fn add_checked(&mut self, documents: &[Document], vectors: &[f32]) -> Result<(), IndexError> {
        let dimension = self.settings().dimension;
        let mut first = 0;
        for document in documents {
            let passages = document.passages.len();
            let end = first + passages * dimension;
            self.delete_one(&document.id)?;
            if self
                .pending
                .as_ref()
                .is_some_and(|pending| !pending.has_room(passages))
            {
                self.complete_pending()?;
            }
            if self.pending.is_none() {
                self.pending = Some(Pending::new(self.new_segment()?));
            }
            if let Some(pending) = &mut self.pending {
                pending.push(document, &vectors[first..end])?;
                if pending.memory() >= self.memory {
                    self.complete_pending()?;
                }
            }
            self.changed = true;
            first = end;
        }
        Ok(())
    }

    fn delete_one(&mut self, id: &str) -> Result<bool, IndexError> {
        // A pending document is in no manifest, so that its deletion alone changes nothing.
        if self.pending.as_mut().is_some_and(|pending| pending.delete(id)) {
            return Ok(true);
        }
        for segment in &mut self.segments {
            if let Some(document) = segment.find(id)? {
                self.changed = true;
                return Ok(segment.delete(document));
            }
        }
        Ok(false)
    }

    fn new_segment(&mut self) -> Result<NewSegment, IndexError> {
        let name = format!("segment-{:06}", self.next_segment);
        self.next_segment += 1;
        NewSegment::create(&self.dir, name, &self.manifest.settings)
    }

    fn complete_pending(&mut self) -> Result<(), IndexError> {
        if let Some(pending) = self.pending.take() {
            self.segments.push(pending.finish()?);
        }
        Ok(())
    }

    /// The vectors, checked and prepared for the similarity of the index.
    fn prepared(&self, documents: &[Document], vectors: &[f32]) -> Result<Vec<f32>, IndexError> {
        let settings = self.settings();
        let passages: usize = documents.iter().map(|document| document.passages.len()).sum();
        // An index without vectors ignores the passages.
        if vectors.len() != passages * settings.dimension {
            return Err(IndexError::VectorCount {
                values: vectors.len(),
                passages,
                dimension: settings.dimension,
            });
        }
        let mut prepared = vectors.to_vec();
        let mut rows = prepared.chunks_exact_mut(settings.dimension.max(1));
        for document in documents {
            for (passage, row) in (0..document.passages.len()).zip(&mut rows) {
                prepare(row, settings.similarity).map_err(|reason| IndexError::Vector {
                    id: document.id.clone(),
                    passage,
                    reason,
                })?;
            }
        }
        Ok(prepared)
    }

    fn check(&self) -> Result<(), IndexError> {
        match self.failed {
            true => Err(IndexError::WriterFailed(self.dir.clone())),
            false => Ok(()),
        }
    }

    /// Runs an action; if it fails, it may have left half of its work, which must not be committed.
    fn attempt<T>(
        &mut self,
        action: impl FnOnce(&mut Self) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let result = action(self);
        self.failed |= result.is_err();
        result
    }
}
