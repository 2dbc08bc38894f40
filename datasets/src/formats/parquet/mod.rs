//! Parquet files, as Hugging Face's datasets, pandas and polars write them, read as JSON objects, one per row.
//!
//! Only what such data needs is read: text, numbers, truths, and lists of them in groups. Lists of lists and values of
//! other types are left out. Crates that read all of Parquet lengthen the build, and read the
//! compression that polars and much of the hub use, Zstandard, through C code.

mod column;
mod levels;
mod metadata;
mod page;
mod parts;
mod thrift;
mod values;
mod varint;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use self::column::{Cell, Cells};
use self::metadata::{Chunk, Metadata};
use crate::error::DataError;
use crate::extension::has_extension;
use crate::file::open_data;
use crate::source::Source;

pub use self::parts::check_parquet_files;

const MAGIC: [u8; 4] = *b"PAR1";
/// The most bytes of a page.
const MAX_PAGE_SIZE: usize = 1 << 28;
/// The most bytes of a file's metadata.
const METADATA: u64 = 1 << 28;
/// A file has at least a bit for each of its rows and values, if it has more than this many.
const SMALL: u64 = 10_000;
/// The most fields, present or not, for each byte of a file; a small file can have [`SMALL`] times as many.
const FIELDS: u64 = 16;
/// How many times a file its texts can be: a text that a dictionary holds once can be the text of each row.
const TIMES: u64 = 256;
/// Texts of this many bytes are read from the smallest file.
const FEW: u64 = 16 << 20;

/// The Parquet files that a path means: the file itself, those in a folder, or those that a name with `*` fits, in the
/// order of their names. None if the path is something else.
pub fn parquet_files(path: &Path) -> Vec<PathBuf> {
    let Some(Meaning { dir, fits }) = Meaning::of(path) else {
        return match has_extension(path, &["parquet"]) {
            true => vec![path.into()],
            false => vec![],
        };
    };
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path());
    let mut files: Vec<PathBuf> = files
        .filter(|file| file.is_file() && has_extension(file, &["parquet"]))
        .filter(|file| {
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            fits.is_none_or(|(start, end)| {
                name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            })
        })
        .collect();
    files.sort();
    files
}

/// What a path means that is no file.
struct Meaning<'a> {
    dir: &'a Path,
    /// The starts and the ends of the names, if they are not those of all files of the folder.
    fits: Option<(&'a str, &'a str)>,
}

impl<'a> Meaning<'a> {
    /// None if the path is a file.
    fn of(path: &'a Path) -> Option<Self> {
        if path.is_file() {
            return None;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let fits = name.and_then(|name| name.split_once('*'));
        let dir = match fits {
            Some(_) => path.parent().unwrap_or(path),
            None => path,
        };
        let dir = if dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            dir
        };
        Some(Self { dir, fits })
    }
}

/// The rows of one or several files as objects, numbered from 1 over all of them.
pub(crate) struct ParquetRows {
    source: Source,
    rows: usize,
    file: ParquetFile,
    /// The other files, the next one last.
    others: Vec<PathBuf>,
}

impl ParquetRows {
    /// Opens the files that `path` means; see [`parquet_files`].
    ///
    /// # Errors
    /// If there is none, the first cannot be read, or one is missing; see [`check_parquet_files`].
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        check_parquet_files(path)?;
        let mut files = parquet_files(path);
        files.reverse();
        let first = files.pop().unwrap_or_else(|| path.into());
        Ok(Self {
            source: Source::file(path),
            rows: 0,
            file: ParquetFile::open(&first)?,
            others: files,
        })
    }

    /// For each column of numbered labels, their names in the order of the numbers.
    pub(crate) fn label_names(&self) -> &HashMap<String, Vec<String>> {
        &self.file.metadata.labels
    }
}

impl Iterator for ParquetRows {
    type Item = Result<(Source, Value), DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.file.next_row() {
                Ok(Some(object)) => {
                    self.rows += 1;
                    return Some(Ok((self.source.line(self.rows), object.into())));
                }
                Ok(None) => match ParquetFile::open(&self.others.pop()?) {
                    Ok(file) => self.file = file,
                    Err(error) => {
                        self.others.clear();
                        return Some(Err(error));
                    }
                },
                Err(error) => {
                    self.file.end();
                    self.others.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}

/// A file that is being read.
struct ParquetFile {
    path: PathBuf,
    file: File,
    metadata: Metadata,
    /// The most values that a page can have.
    most: usize,
    /// How many bytes of texts it can still have.
    texts: u64,
    /// The next row group.
    group: usize,
    cells: Vec<(Vec<Arc<str>>, Cells)>,
    /// Rows of the present group that have not been read.
    left: usize,
    row: usize,
}

impl ParquetFile {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read, or is not Parquet.
    fn open(path: &Path) -> Result<Self, DataError> {
        let mut file = open_data(path)?;
        let damaged = |reason: &str| DataError::Parquet {
            file: path.into(),
            reason: reason.into(),
        };
        let size = file.seek(SeekFrom::End(0)).map_err(|e| DataError::io(path, e))?;
        if size < 12 {
            return Err(damaged("the file is too short"));
        }
        let end = at(&mut file, size - 8, 8).map_err(|e| DataError::io(path, e))?;
        let (length, magic) = end.split_at(4);
        if magic != MAGIC {
            return Err(damaged(
                "the end of the file is missing; the download may be incomplete",
            ));
        }
        let length = u64::from(u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
        if length > METADATA || length + 12 > size {
            return Err(damaged("the metadata is larger than the file"));
        }
        let bytes = at(&mut file, size - 8 - length, length as usize).map_err(|e| DataError::io(path, e))?;
        let metadata = Metadata::read(&bytes).map_err(|reason| damaged(&reason))?;
        let rows = metadata.row_groups.iter().map(|group| group.rows as u64);
        let rows = rows.fold(0u64, u64::saturating_add);
        let most = size.saturating_mul(8).max(SMALL);
        if rows > most {
            return Err(damaged(&format!(
                "the metadata says {rows} rows, but the file is too small for that"
            )));
        }
        let columns = metadata.columns.iter().filter(|column| column.lists <= 1).count() as u64;
        if rows.saturating_mul(columns) > FIELDS.saturating_mul(size.max(SMALL)) {
            return Err(damaged(&format!(
                "the metadata says {rows} rows of {columns} columns, but the file is too small for that"
            )));
        }
        let chunks = metadata.row_groups.iter().flat_map(|group| &group.chunks);
        if chunks
            .into_iter()
            .any(|chunk| chunk.start.saturating_add(chunk.length as u64) > size)
        {
            return Err(damaged("a column is beyond the end of the file"));
        }
        Ok(Self {
            path: path.into(),
            file,
            metadata,
            most: usize::try_from(most).unwrap_or(usize::MAX),
            texts: size.saturating_mul(TIMES).max(FEW),
            group: 0,
            cells: vec![],
            left: 0,
            row: 0,
        })
    }

    /// Opens the next row group with rows; whether there is one.
    fn next_group(&mut self) -> Result<bool, DataError> {
        while self.left == 0 {
            let Some(group) = self.metadata.row_groups.get(self.group) else {
                return Ok(false);
            };
            self.group += 1;
            self.left = group.rows;
            self.cells.clear();
            let chunks: Vec<Chunk> = group.chunks.clone();
            for (column, chunk) in self.metadata.columns.iter().zip(chunks) {
                if column.lists > 1 {
                    continue;
                }
                let bytes = at(&mut self.file, chunk.start, chunk.length);
                let bytes = bytes.map_err(|e| DataError::io(&self.path, e))?;
                let names = self.metadata.labels.get(&column.path.join(".")).cloned();
                let cells = Cells::new(column.clone(), names, self.most, chunk, bytes);
                self.cells.push((column.path.clone(), cells));
            }
        }
        Ok(true)
    }

    fn next_row(&mut self) -> Result<Option<Map<String, Value>>, DataError> {
        if !self.next_group()? {
            return Ok(None);
        }
        self.left -= 1;
        self.row += 1;
        let mut object = Map::new();
        for (path, cells) in &mut self.cells {
            let error = |reason: String| DataError::Parquet {
                file: self.path.clone(),
                reason: format!("column `{}`, row {}: {reason}", path.join("."), self.row),
            };
            let cell = cells.next().map_err(error)?;
            let text = |value: &Value| value.as_str().map_or(0, str::len) as u64;
            let length = match &cell {
                Cell::Null => 0,
                Cell::One(value) => text(value),
                Cell::Many(values) => values.iter().map(text).sum(),
            };
            let left = self.texts.checked_sub(length);
            self.texts = left.ok_or_else(|| error(format!("texts are more than {TIMES} times the file")))?;
            let value = match cell {
                Cell::Null => Value::Null,
                Cell::One(value) => value,
                Cell::Many(values) => values.into(),
            };
            put(&mut object, path, value);
        }
        Ok(Some(object))
    }

    /// Reads no further.
    fn end(&mut self) {
        (self.left, self.group) = (0, self.metadata.row_groups.len());
    }
}

/// Puts `value` into the objects in `object` that `path` names.
fn put(object: &mut Map<String, Value>, path: &[Arc<str>], value: Value) {
    match path {
        [] => {}
        [name] => drop(object.insert(name.to_string(), value)),
        [name, rest @ ..] => {
            let inner = object.entry(&**name).or_insert_with(|| Map::new().into());
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// `length` bytes of a file from byte `start`.
fn at(file: &mut File, start: u64, length: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![];
    file.take(length as u64).read_to_end(&mut bytes)?;
    match bytes.len() == length {
        true => Ok(bytes),
        false => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests;
