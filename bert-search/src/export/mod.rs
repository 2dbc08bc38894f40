//! Exports: the passages of an index with their vectors, in files that other programs read.

mod npy;
mod parquet;
mod qdrant;
mod thrift;

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::document::Document;
use crate::files::{WRITING, sync_folder};
use crate::{IndexError, IndexReader};

/// What an export is written as. Each has one row, or point, for a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A folder: `vectors.npy` with an array of f32, rows × dimension, for NumPy, and `passages.jsonl` with a line for each row:
    /// `id`, `passage`, `title`, and the `text` of the passage.
    Npy,
    /// A Parquet file, uncompressed, with the columns `id`, `passage`, `title`, `text`, and `vector`, a list of f32.
    Parquet,
    /// A folder with bodies of requests to a Qdrant server: `collection.json` creates a collection, and `points-000001.json` and
    /// so on fill it. The id of a point is the version 5 UUID of `ID#PASSAGE` in the name space of URLs, so that a later
    /// export replaces it.
    Qdrant,
}

/// A passage beside its vector.
#[derive(Serialize)]
struct Passage<'a> {
    id: &'a str,
    passage: usize,
    title: &'a str,
    text: &'a str,
}

/// Writes all passages of an index with their vectors, as they are in the index, into a new file or folder, and returns how many
/// there are. Documents without passages are left out.
///
/// They are read one by one, so that memory does not grow with the index; Parquet takes about 32 MiB. The export gets its name
/// when it is complete and on disk: if it is interrupted, there is no file or folder of this name.
///
/// # Errors
/// If there is a file or folder of this name, if the index has no vectors or is damaged, or if the system fails.
pub fn export(reader: &IndexReader, path: impl AsRef<Path>, format: ExportFormat) -> Result<u64, IndexError> {
    let path = path.as_ref();
    if reader.settings().dimension == 0 {
        return Err(IndexError::NoVectors(reader.dir().to_path_buf()));
    }
    if path.symlink_metadata().is_ok() {
        return Err(IndexError::ExportExists(path.to_path_buf()));
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(IndexError::io(parent))?;
    let scratch = tempfile::Builder::new().prefix(WRITING).tempdir_in(parent);
    let scratch = scratch.map_err(IndexError::io(parent))?;
    let complete = scratch.path().join("complete");
    let rows = match format {
        ExportFormat::Parquet => parquet::write(reader, scratch.path(), "complete")?,
        ExportFormat::Npy | ExportFormat::Qdrant => {
            fs::create_dir(&complete).map_err(IndexError::io(&complete))?;
            let rows = match format {
                ExportFormat::Npy => npy::write(reader, &complete)?,
                _ => qdrant::write(reader, &complete)?,
            };
            sync_folder(&complete)?;
            rows
        }
    };
    fs::rename(&complete, path).map_err(IndexError::io(path))?;
    sync_folder(parent)?;
    Ok(rows)
}

/// Shows each passage with its vector.
fn each_passage(
    reader: &IndexReader,
    mut show: impl FnMut(&Passage, &[f32]) -> Result<(), IndexError>,
) -> Result<u64, IndexError> {
    let mut rows = 0;
    for entry in reader.entries() {
        let (document, vectors) = entry?;
        let vectors = vectors.chunks_exact(reader.settings().dimension);
        for (number, vector) in vectors.enumerate() {
            show(&passage(&document, number, reader)?, vector)?;
            rows += 1;
        }
    }
    Ok(rows)
}

fn passage<'a>(
    document: &'a Document,
    number: usize,
    reader: &IndexReader,
) -> Result<Passage<'a>, IndexError> {
    let text = document.passage(number).ok_or_else(|| {
        let reason = format!("document `{}` has no text for passage {number}", document.id);
        IndexError::damaged(reader.dir(), reason)
    })?;
    Ok(Passage {
        id: &document.id,
        passage: number,
        title: &document.title,
        text,
    })
}
