//! Collects examples in memory while they are few, and in a temporary file from then on.

use std::io;
use std::path::{Path, PathBuf};

use super::{ExampleWriter, Examples, Storable};
use crate::error::DataError;
use crate::file::scratch_dir;

/// The most bytes of examples in memory.
const MAX: usize = 128 << 20;

/// Collects the examples of a data file.
pub(crate) struct Collector<E> {
    path: PathBuf,
    most: usize,
    bytes: usize,
    examples: Vec<E>,
    /// From the moment on at which there are many.
    writer: Option<ExampleWriter<E>>,
}

impl<E: Storable> Collector<E> {
    pub(crate) fn new(path: &Path) -> Self {
        Self::of_size(path, MAX)
    }

    /// With at most `most` bytes of examples in memory, if a temporary file can be made.
    pub(crate) fn of_size(path: &Path, most: usize) -> Self {
        Self {
            path: path.into(),
            most,
            bytes: 0,
            examples: vec![],
            writer: None,
        }
    }

    /// Adds an example.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub(crate) fn push(&mut self, example: E) -> Result<(), DataError> {
        if let Some(writer) = &mut self.writer {
            return writer.push(&example).map_err(scratch_error);
        }
        self.bytes += example.size();
        self.examples.push(example);
        if self.bytes <= self.most {
            return Ok(());
        }
        self.spill(ExampleWriter::new(&self.path))
    }

    /// Moves the examples to a temporary file, if it could be made.
    pub(super) fn spill(&mut self, writer: io::Result<ExampleWriter<E>>) -> Result<(), DataError> {
        match writer {
            Ok(mut writer) => {
                for example in std::mem::take(&mut self.examples) {
                    writer.push(&example).map_err(scratch_error)?;
                }
                self.writer = Some(writer);
            }
            // Without room for a temporary file they stay in memory.
            Err(_) => self.most = usize::MAX,
        }
        Ok(())
    }

    /// The dataset.
    ///
    /// # Errors
    /// If there is no example, or the disk is full or fails.
    pub(crate) fn finish(self) -> Result<Examples<E>, DataError> {
        match self.writer {
            Some(writer) => writer.finish(),
            None => Examples::new(&self.path, self.examples),
        }
    }
}

fn scratch_error(error: io::Error) -> DataError {
    DataError::io(&scratch_dir(), error)
}
