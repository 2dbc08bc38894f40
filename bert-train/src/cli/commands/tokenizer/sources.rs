//! The texts that a vocabulary is learnt from.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use datasets::{Message, PlainText, TextFile, has_extension, parquet_files};

use crate::cli::error::CommandError;
use crate::cli::flag::flag;

/// The names of tables end in one of these.
const TABLES: [&str; 6] = ["csv", "tsv", "jsonl", "ndjson", "json", "parquet"];

/// Files of plain text, and tables with a column of texts.
#[derive(Debug)]
pub struct Sources {
    texts: Vec<(PathBuf, u64)>,
    tables: Vec<(PathBuf, u64)>,
    column: String,
}

impl Sources {
    /// The files that `paths` name: themselves, and the `.txt` files in folders.
    ///
    /// # Errors
    /// If one does not exist, a folder has no such file, or the column of tables is missing.
    pub fn find(paths: &[PathBuf], column: Option<&str>) -> Result<Self, CommandError> {
        let mut found = Self {
            texts: vec![],
            tables: vec![],
            column: column.unwrap_or_default().to_owned(),
        };
        for path in paths {
            let parts = parquet_files(path);
            if has_extension(path, &TABLES) || !path.is_dir() && !parts.is_empty() {
                let size = match parts.is_empty() {
                    true => bytes(path)?,
                    false => parts.iter().map(|part| bytes(part)).sum::<Result<_, _>>()?,
                };
                found.tables.push((path.clone(), size));
            } else if path.is_dir() {
                let before = found.texts.len();
                found.add_folder(path)?;
                if found.texts.len() == before {
                    return Err(CommandError::option(format!(
                        "{}: there is no .txt file in this folder; give files of other names themselves",
                        path.display()
                    )));
                }
            } else {
                found.texts.push((path.clone(), bytes(path)?));
            }
        }
        match (found.tables.first(), column) {
            (Some((table, _)), None) => {
                let question = format!("{}: which column holds the texts? Name it with ", table.display());
                Err(CommandError::option(Message::new(question).option("text_column")))
            }
            (None, Some(_)) => Err(CommandError::option(
                Message::default()
                    .option("text_column")
                    .text(" names a column of tables, but no file is a table"),
            )),
            _ => Ok(found),
        }
    }

    /// Adds the `.txt` files of a folder and of the folders in it, in the order of their names.
    fn add_folder(&mut self, dir: &Path) -> Result<(), CommandError> {
        let failed = |e| CommandError::io(dir, e);
        let entries = fs::read_dir(dir).map_err(failed)?;
        let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if hidden(&entry.file_name()) {
                continue;
            }
            // Links to folders are not followed: they may lead back.
            if entry.file_type().map_err(failed)?.is_dir() {
                self.add_folder(&path)?;
            } else if has_extension(&path, &["txt"]) && !path.is_dir() {
                let size = bytes(&path)?;
                self.texts.push((path, size));
            }
        }
        Ok(())
    }

    /// The size of all files.
    pub fn bytes(&self) -> u64 {
        self.texts.iter().chain(&self.tables).map(|(_, size)| size).sum()
    }

    /// Calls `take` with some texts at a time, and the number of bytes of the files that are then read.
    ///
    /// # Errors
    /// If a file cannot be read, or `take` fails.
    pub fn for_each(
        &self,
        mut take: impl FnMut(&[&str], u64) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let mut before = 0;
        for (path, size) in &self.texts {
            let mut read = 0;
            for block in PlainText::open(path)? {
                let block = block?;
                read += block.len() as u64;
                let lines: Vec<&str> = block.lines().collect();
                take(&lines, before + read.min(*size))?;
            }
            before += size;
        }
        for (path, size) in &self.tables {
            let rows = TextFile::new(path)
                .labelled(false)
                .text_column(&self.column)
                .read()?;
            for note in rows.notes() {
                eprintln!("{}", note.render(flag));
            }
            let (mut done, all) = (0, rows.len().max(1) as u64);
            for chunk in rows.chunks() {
                let chunk = chunk.map_err(CommandError::from)?;
                let texts: Vec<&str> = chunk.iter().map(|example| example.text.as_str()).collect();
                done += texts.len() as u64;
                take(&texts, before + (*size as f64 * done as f64 / all as f64) as u64)?;
            }
            before += size;
        }
        Ok(())
    }
}

/// Whether the file is not meant to be seen, such as one that an editor or a copy has not finished.
fn hidden(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

/// The size of a file.
fn bytes(path: &Path) -> Result<u64, CommandError> {
    let found = fs::metadata(path).map_err(|e| CommandError::io(path, e))?;
    Ok(found.len())
}
