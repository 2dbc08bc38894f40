//! Writes examples to a temporary file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use super::{Codec, Example, Examples, NONE, Records, SAME, Storable, StoredExamples, UNIT};
use crate::error::DataError;
use crate::file::scratch_dir;
use crate::source::Source;

/// Writes examples to a temporary file.
pub struct ExampleWriter<E> {
    out: BufWriter<File>,
    starts: Vec<u64>,
    count: usize,
    end: u64,
    record: Vec<u8>,
    /// The parts of the record before.
    before: [Option<String>; 3],
    source: Source,
    codec: Codec<E>,
}

impl<E: Storable> ExampleWriter<E> {
    /// A writer of the examples of the data file `path`.
    ///
    /// # Errors
    /// If no temporary file can be created.
    pub fn new(path: &Path) -> io::Result<Self> {
        Self::with(path, Codec::new())
    }
}

impl<E: Example> ExampleWriter<E> {
    pub(super) fn with(path: &Path, codec: Codec<E>) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(tempfile::tempfile_in(scratch_dir())?),
            starts: vec![],
            count: 0,
            end: 0,
            record: vec![],
            before: Default::default(),
            source: Source::file(path),
            codec,
        })
    }

    /// Adds an example.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn push(&mut self, example: &E) -> io::Result<()> {
        let first = self.count.is_multiple_of(UNIT);
        if first {
            self.starts.push(self.end);
        }
        let Source { line, document, .. } = *example.source();
        self.record.clear();
        self.record.extend((line as u64).to_le_bytes());
        let document = document.map_or(0, |document| document.saturating_add(1));
        self.record.extend(document.to_le_bytes());
        for (part, before) in (self.codec.parts)(example).iter().zip(&mut self.before) {
            let length = match part.as_deref() {
                None => NONE,
                Some(part) if !first && before.as_deref() == Some(part) => SAME,
                Some(part) => part.len() as u32,
            };
            self.record.extend(length.to_le_bytes());
            if length != SAME {
                self.record.extend(part.as_deref().unwrap_or_default().as_bytes());
                *before = part.as_deref().map(str::to_owned);
            }
        }
        self.out.write_all(&self.record)?;
        self.end += self.record.len() as u64;
        self.count += 1;
        Ok(())
    }

    /// The dataset.
    ///
    /// # Errors
    /// If there is no example, or the disk is full or fails.
    pub fn finish(self) -> Result<Examples<E>, DataError> {
        let path = self.source.file.clone();
        let failed = |e| DataError::io(&path, e);
        let file = self.out.into_inner().map_err(|e| failed(e.into_error()))?;
        if self.count == 0 {
            return Err(DataError::Empty(path.to_path_buf()));
        }
        let mut starts = self.starts;
        starts.push(self.end);
        let records = Records {
            file,
            starts,
            count: self.count,
            source: self.source,
        };
        Ok(Examples::stored(StoredExamples {
            records: Arc::new(records),
            chosen: None,
            codec: self.codec,
            loaded: Arc::default(),
        }))
    }
}
