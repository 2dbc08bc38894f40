//! Creating an index, and opening it for writing.

use std::fs;
use std::path::Path;

use super::IndexWriter;
use super::leftovers::remove_leftovers;
use crate::files::{IndexSettings, MANIFEST, Manifest, WriterLock};
use crate::segment::Segment;
use crate::{IndexError, MAX_DIMENSION};

/// How much memory documents may take before their segment is completed, if nothing else is said.
const MEMORY: usize = 256 << 20;

impl IndexWriter {
    /// Creates an index in the folder `dir`, which may be new.
    ///
    /// # Errors
    /// If there is an index, or the system fails.
    pub fn create(dir: impl AsRef<Path>, settings: IndexSettings) -> Result<Self, IndexError> {
        let dir = dir.as_ref();
        if settings.dimension > MAX_DIMENSION {
            return Err(IndexError::Dimension(settings.dimension));
        }
        fs::create_dir_all(dir).map_err(IndexError::io(dir))?;
        let lock = WriterLock::acquire(dir)?;
        if dir.join(MANIFEST).exists() {
            return Err(IndexError::Exists(dir.to_path_buf()));
        }
        let manifest = Manifest::new(settings);
        manifest.write(dir)?;
        Self::with_lock(dir, lock, manifest)
    }

    /// Opens the index in the folder `dir` for writing.
    ///
    /// # Errors
    /// If there is none, another writer has it open, it is damaged, or the system fails.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, IndexError> {
        let dir = dir.as_ref();
        // Before the lock, which makes a file: a wrong folder stays as it is.
        Manifest::read(dir)?;
        let lock = WriterLock::acquire(dir)?;
        let manifest = Manifest::read(dir)?;
        Self::with_lock(dir, lock, manifest)
    }

    /// Opens the index in the folder `dir`, or creates it, if there is none.
    ///
    /// # Errors
    /// As of [`open`](Self::open) and [`create`](Self::create), and if the index has other settings.
    pub fn open_or_create(dir: impl AsRef<Path>, settings: IndexSettings) -> Result<Self, IndexError> {
        let dir = dir.as_ref();
        if !dir.join(MANIFEST).exists() {
            return Self::create(dir, settings);
        }
        let writer = Self::open(dir)?;
        match writer.settings().difference(&settings) {
            None => Ok(writer),
            Some((setting, found, asked)) => Err(IndexError::OtherSettings {
                dir: dir.to_path_buf(),
                setting,
                found,
                asked,
            }),
        }
    }

    fn with_lock(dir: &Path, lock: WriterLock, manifest: Manifest) -> Result<Self, IndexError> {
        remove_leftovers(dir, &manifest);
        let open = |entry| Segment::open(dir, entry, &manifest.settings);
        let segments: Vec<Segment> = manifest
            .segments
            .iter()
            .cloned()
            .map(open)
            .collect::<Result<_, _>>()?;
        Ok(IndexWriter {
            dir: dir.to_path_buf(),
            _lock: lock,
            next_segment: manifest.next_segment,
            manifest,
            segments,
            pending: None,
            changed: false,
            failed: false,
            memory: MEMORY,
        })
    }
}
