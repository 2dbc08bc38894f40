//! Files mapped into memory: the system reads their pages when they are used, and drops them when memory is short.

use std::fs::File;
use std::path::{Path, PathBuf};

use bytemuck::AnyBitPattern;
use memmap2::Mmap;

use super::written::FileEntry;
use crate::IndexError;

// Numbers in files are little-endian, and are used where they are.
#[cfg(target_endian = "big")]
compile_error!("bert-search maps files of little-endian numbers, so it needs a little-endian machine");

/// Files up to this size are compared with their checksums when they are opened.
const SMALL: u64 = 1 << 20;

/// A file of an index, mapped into memory.
#[derive(Debug)]
pub(crate) struct MappedFile {
    path: PathBuf,
    // An empty file cannot be mapped.
    map: Option<Mmap>,
}

impl MappedFile {
    /// Maps a file, whose size must be that of the entry.
    pub fn open(dir: &Path, entry: &FileEntry) -> Result<Self, IndexError> {
        let path = dir.join(&entry.name);
        let file = File::open(&path).map_err(IndexError::io(&path))?;
        let size = file.metadata().map_err(IndexError::io(&path))?.len();
        entry.check_size(&path, size)?;
        let map = match size {
            0 => None,
            _ => Some(map(&file).map_err(IndexError::io(&path))?),
        };
        let mapped = MappedFile { path, map };
        if size <= SMALL && crc32c::crc32c(mapped.bytes()) != entry.crc32c {
            let reason = "its bytes do not match their checksum";
            return Err(IndexError::damaged(&mapped.path, reason));
        }
        Ok(mapped)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or(&[])
    }

    /// The file as numbers.
    pub fn numbers<T: AnyBitPattern>(&self) -> Result<&[T], IndexError> {
        match &self.map {
            None => Ok(&[]),
            // A map starts at a page, so that it is aligned for every number.
            Some(map) => bytemuck::try_cast_slice(map)
                .map_err(|_| IndexError::damaged(&self.path, "its size is no multiple of that of a number")),
        }
    }

    /// An error about this file.
    pub fn damaged(&self, reason: &str) -> IndexError {
        IndexError::damaged(&self.path, reason)
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the files of a segment are complete before the manifest names them, and no writer changes them afterwards: it
    // only removes their names, which leaves a map valid. So the bytes do not change as long as no other program writes into
    // the folder of the index, which the documentation of the crate forbids.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use super::super::NewFile;
    use super::*;

    fn written(dir: &Path, bytes: &[u8]) -> FileEntry {
        let mut file = NewFile::create(dir, "file").unwrap();
        file.write(bytes).unwrap();
        file.finish().unwrap()
    }

    #[test]
    fn a_map_outlives_the_name_of_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let values: Vec<f32> = (0..5000).map(|i| i as f32 / 3.0).collect();
        let entry = written(dir.path(), bytemuck::cast_slice(&values));
        let mapped = MappedFile::open(dir.path(), &entry).unwrap();
        std::fs::remove_file(dir.path().join("file")).unwrap();
        assert_eq!(mapped.numbers::<f32>().unwrap(), values);
    }

    #[test]
    fn an_empty_file_has_no_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let entry = written(dir.path(), b"");
        let mapped = MappedFile::open(dir.path(), &entry).unwrap();
        assert!(mapped.bytes().is_empty() && mapped.numbers::<u64>().unwrap().is_empty());
    }

    #[test]
    fn part_of_a_number_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let entry = written(dir.path(), b"seven b");
        let mapped = MappedFile::open(dir.path(), &entry).unwrap();
        assert!(matches!(mapped.numbers::<f32>(), Err(IndexError::Damaged { .. })));
    }

    #[test]
    fn size_and_checksum_of_a_small_file_are_compared() {
        let dir = tempfile::tempdir().unwrap();
        let entry = written(dir.path(), b"abcd");
        std::fs::write(dir.path().join("file"), b"abce").unwrap();
        assert!(MappedFile::open(dir.path(), &entry).is_err());
        std::fs::write(dir.path().join("file"), b"abc").unwrap();
        assert!(MappedFile::open(dir.path(), &entry).is_err());
    }
}
