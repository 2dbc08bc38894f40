//! Which documents of a segment are deleted: one bit for each.

use std::path::Path;

use crate::IndexError;
use crate::files::{DeletionsEntry, FileEntry, MappedFile, NewFile};

/// The set of deleted documents.
#[derive(Debug)]
pub(super) struct Deletions {
    // Empty until something is deleted.
    bits: Vec<u8>,
    documents: usize,
    count: usize,
    changed: bool,
}

impl Deletions {
    /// No deletions among so many documents.
    pub fn none(documents: usize) -> Self {
        Deletions {
            bits: Vec::new(),
            documents,
            count: 0,
            changed: false,
        }
    }

    /// Reads the set that was committed last.
    pub fn open(dir: &Path, entry: &DeletionsEntry, documents: usize) -> Result<Self, IndexError> {
        let file = MappedFile::open(dir, &entry.file)?;
        let bits = file.bytes().to_vec();
        // Files above a megabyte are not checked by their map, but this one is read anyway.
        if bits.len() != documents.div_ceil(8) || crc32c::crc32c(&bits) != entry.file.crc32c {
            return Err(file.damaged("it does not match the number of documents, or its checksum"));
        }
        let count: usize = bits.iter().map(|byte| byte.count_ones() as usize).sum();
        let behind = bits.last().map_or(0, |last| last >> ((documents + 7) % 8) >> 1);
        if count as u64 != entry.documents || behind != 0 {
            return Err(file.damaged("the number of deleted documents is not that of the manifest"));
        }
        Ok(Deletions {
            bits,
            documents,
            count,
            changed: false,
        })
    }

    /// How many are deleted.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether a document is deleted.
    pub fn contains(&self, document: u32) -> bool {
        let byte = self.bits.get(document as usize / 8);
        byte.is_some_and(|byte| byte >> (document % 8) & 1 == 1)
    }

    /// Deletes a document; `false` if it was deleted before.
    pub fn insert(&mut self, document: u32) -> bool {
        if self.contains(document) {
            return false;
        }
        if self.bits.is_empty() {
            self.bits = vec![0; self.documents.div_ceil(8)];
        }
        self.bits[document as usize / 8] |= 1 << (document % 8);
        self.count += 1;
        self.changed = true;
        true
    }

    /// Writes the set into a file of its own, for it belongs to one generation, unless it is unchanged.
    pub fn write(&mut self, dir: &Path, generation: u64) -> Result<Option<FileEntry>, IndexError> {
        if !self.changed {
            return Ok(None);
        }
        let name = format!("deleted-{generation:06}");
        // A commit that failed half-way may have left one.
        let _ = std::fs::remove_file(dir.join(&name));
        let mut file = NewFile::create(dir, name)?;
        file.write(&self.bits)?;
        self.changed = false;
        file.finish().map(Some)
    }
}

/// The numbers that documents get when those that are deleted are left out.
#[derive(Debug)]
pub(super) struct Renumbering<'a> {
    deletions: &'a Deletions,
    first: u32,
    /// How many documents are deleted before each block of 64.
    before: Vec<u32>,
}

impl<'a> Renumbering<'a> {
    /// The first document that is not deleted gets the number `first`.
    pub fn new(deletions: &'a Deletions, first: u32) -> Self {
        let mut count = 0;
        let blocks = deletions.bits.chunks(8).map(|block| {
            let before = count;
            count += block.iter().map(|byte| byte.count_ones()).sum::<u32>();
            before
        });
        Renumbering {
            deletions,
            first,
            before: blocks.collect(),
        }
    }

    /// The number of a document; `None` if it is deleted.
    pub fn number(&self, document: u32) -> Option<u32> {
        if self.deletions.contains(document) {
            return None;
        }
        let block = document as usize / 64;
        let Some(mut deleted) = self.before.get(block).copied() else {
            return Some(self.first + document);
        };
        for byte in 8 * block..document as usize / 8 {
            deleted += self.deletions.bits[byte].count_ones();
        }
        let lower = (1_u8 << (document % 8)) - 1;
        deleted += (self.deletions.bits[document as usize / 8] & lower).count_ones();
        Some(self.first + document - deleted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut deletions = Deletions::none(11);
        assert!(deletions.write(dir.path(), 1).unwrap().is_none());
        assert!(deletions.insert(10) && deletions.insert(3) && !deletions.insert(10));
        let file = deletions.write(dir.path(), 1).unwrap().unwrap();
        assert!(deletions.write(dir.path(), 2).unwrap().is_none());
        let mut entry = DeletionsEntry { file, documents: 2 };
        let read = Deletions::open(dir.path(), &entry, 11).unwrap();
        let found: Vec<u32> = (0..11).filter(|&document| read.contains(document)).collect();
        assert_eq!((found, read.count()), (vec![3, 10], 2));
        assert!(Deletions::open(dir.path(), &entry, 20).is_err());
        entry.documents = 1;
        assert!(Deletions::open(dir.path(), &entry, 11).is_err());
    }

    #[test]
    fn documents_are_numbered_without_the_deleted_ones() {
        let mut deletions = Deletions::none(300);
        for deleted in [vec![], vec![0, 5, 63, 64, 70, 128, 255, 299]] {
            deleted
                .into_iter()
                .for_each(|document| assert!(deletions.insert(document)));
            let numbers = Renumbering::new(&deletions, 1000);
            let mut next = 1000;
            for document in 0..300 {
                let expected = (!deletions.contains(document)).then_some(next);
                assert_eq!(numbers.number(document), expected);
                next += u32::from(expected.is_some());
            }
        }
    }
}
