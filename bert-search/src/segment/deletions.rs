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
        if count as u64 != entry.documents || count > documents {
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
}
