//! The files of an index: written with checksums, mapped into memory, named by a manifest, guarded by a lock.

mod checksum;
mod lock;
mod manifest;
mod mapped;
mod written;

pub(crate) use lock::WriterLock;
pub(crate) use manifest::{DeletionsEntry, MANIFEST, MAX_SEGMENT, Manifest, SegmentEntry, sync_folder};
pub use manifest::{IndexSettings, Similarity};
pub(crate) use mapped::MappedFile;
pub(crate) use written::{FileEntry, NewFile};

/// The prefix of the name of a file until it is complete.
pub(crate) const WRITING: &str = ".writing-";
