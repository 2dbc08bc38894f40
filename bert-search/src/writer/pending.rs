//! The documents of the segment that is being written.

use std::collections::HashMap;

use crate::IndexError;
use crate::document::Document;
use crate::segment::{NewSegment, Segment};

/// About what an id takes in memory beside its bytes.
const ID_OVERHEAD: usize = 64;

/// A segment that is being written, with what must be known to replace and delete its documents.
#[derive(Debug)]
pub(super) struct Pending {
    segment: NewSegment,
    /// The live documents.
    numbers: HashMap<Box<str>, u32>,
    deleted: Vec<u32>,
    id_memory: usize,
}

impl Pending {
    /// A segment without documents.
    pub fn new(segment: NewSegment) -> Self {
        Pending {
            segment,
            numbers: HashMap::new(),
            deleted: Vec::new(),
            id_memory: 0,
        }
    }

    /// Whether so many more passages, with their document, still find room.
    pub fn has_room(&self, passages: usize) -> bool {
        self.segment.has_room(passages)
    }

    /// About how much memory it takes.
    pub fn memory(&self) -> usize {
        self.id_memory + self.segment.memory()
    }

    /// How many documents are not deleted.
    pub fn live_documents(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there is a document with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.numbers.contains_key(id)
    }

    /// Appends a document whose id is not there.
    pub fn push(&mut self, document: &Document, vectors: &[f32]) -> Result<(), IndexError> {
        let number = self.segment.documents();
        self.segment.push(document, vectors)?;
        self.numbers.insert(document.id.as_str().into(), number);
        self.id_memory += document.id.len() + ID_OVERHEAD;
        Ok(())
    }

    /// Deletes a document; `false` if it is not there.
    pub fn delete(&mut self, id: &str) -> bool {
        let number = self.numbers.remove(id);
        self.deleted.extend(number);
        number.is_some()
    }

    /// Completes the segment.
    pub fn finish(self) -> Result<Segment, IndexError> {
        let mut segment = self.segment.finish()?;
        for document in self.deleted {
            segment.delete(document);
        }
        Ok(segment)
    }
}
