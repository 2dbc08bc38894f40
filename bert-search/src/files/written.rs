//! A new file that is written once, from its start to its end, and its entry in the manifest.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checksum::checksum_of;
use crate::IndexError;

const BUFFER: usize = 256 << 10;

/// What the manifest says of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    /// Its path in the folder of the segment, with `/`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The CRC-32C of its bytes.
    pub crc32c: u32,
}

impl FileEntry {
    /// Reads the file and compares its size and checksum.
    pub fn verify(&self, dir: &Path) -> Result<(), IndexError> {
        let path = dir.join(&self.name);
        let (size, crc32c) = checksum_of(&path)?;
        self.check_size(&path, size)?;
        if crc32c != self.crc32c {
            return Err(IndexError::damaged(
                &path,
                "its bytes do not match their checksum",
            ));
        }
        Ok(())
    }

    /// An error unless `size` is the size in the manifest.
    pub fn check_size(&self, path: &Path, size: u64) -> Result<(), IndexError> {
        if size == self.size {
            return Ok(());
        }
        let reason = format!("it has {size} bytes, and should have {}", self.size);
        Err(IndexError::damaged(path, reason))
    }
}

/// A file that is being written. Its checksum is computed on the way, so that it need not be read again.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    name: String,
    out: BufWriter<File>,
    size: u64,
    crc32c: u32,
}

impl NewFile {
    /// Creates the file `name` in `dir`, where no file has this name.
    pub fn create(dir: &Path, name: impl Into<String>) -> Result<Self, IndexError> {
        let name = name.into();
        let path = dir.join(&name);
        let file = File::create_new(&path).map_err(IndexError::io(&path))?;
        Ok(NewFile {
            path,
            name,
            out: BufWriter::with_capacity(BUFFER, file),
            size: 0,
            crc32c: 0,
        })
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        self.out.write_all(bytes).map_err(IndexError::io(&self.path))?;
        self.size += bytes.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, bytes);
        Ok(())
    }

    /// How many bytes were written.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Syncs the file to disk and closes it.
    pub fn finish(mut self) -> Result<FileEntry, IndexError> {
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .map_err(IndexError::io(&self.path))?;
        Ok(FileEntry {
            name: self.name,
            size: self.size,
            crc32c: self.crc32c,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_of_a_written_file_is_that_of_the_file_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = NewFile::create(dir.path(), "numbers").unwrap();
        for i in 0..100_000_u32 {
            file.write(&i.to_le_bytes()).unwrap();
        }
        assert_eq!(file.size(), 400_000);
        let entry = file.finish().unwrap();
        let on_disk = checksum_of(&dir.path().join("numbers")).unwrap();
        assert_eq!((entry.size, entry.crc32c), on_disk);
        entry.verify(dir.path()).unwrap();
    }

    #[test]
    fn a_changed_byte_and_a_missing_byte_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = NewFile::create(dir.path(), "words").unwrap();
        file.write(b"some words").unwrap();
        let entry = file.finish().unwrap();
        let path = dir.path().join("words");
        std::fs::write(&path, b"some werds").unwrap();
        assert!(
            entry
                .verify(dir.path())
                .unwrap_err()
                .to_string()
                .contains("checksum")
        );
        std::fs::write(&path, b"some word").unwrap();
        let message = entry.verify(dir.path()).unwrap_err().to_string();
        assert!(message.contains("9 bytes") && message.contains("10"), "{message}");
    }
}
