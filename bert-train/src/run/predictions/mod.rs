//! `predictions.jsonl` and the further files that a task writes about its answers.

mod spool;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bert_core::store::write_file;
use bert_tasks::Task;
use serde_json::Value;

use crate::run::error::RunError;
pub use spool::Spool;

/// The predictions of an evaluation, whose answers come in any order. They wait on the disk; [`write`](Self::write) puts
/// them into the order of the dataset.
#[derive(Debug)]
pub struct Predictions {
    path: PathBuf,
    lines: Spool,
    files: Vec<ObjectFile>,
}

/// A JSON object with a member for each example.
#[derive(Debug)]
struct ObjectFile {
    name: &'static str,
    members: Spool,
    /// The keys by example.
    keys: Vec<String>,
}

impl Predictions {
    /// Predictions that are to be written to the file `path`, and the further files beside it.
    ///
    /// # Errors
    /// If no temporary file can be made there.
    pub fn new<K: Task>(task: &K, path: &Path) -> io::Result<Self> {
        let dir = match path.parent() {
            // Such as /dev/stdout, beside which nothing can be written.
            _ if fs::metadata(path).is_ok_and(|found| !found.is_file()) => std::env::temp_dir(),
            Some(dir) if dir != Path::new("") => dir.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let file = |name| -> io::Result<ObjectFile> {
            Ok(ObjectFile {
                name,
                members: Spool::new(&dir)?,
                keys: vec![],
            })
        };
        Ok(Self {
            path: path.to_path_buf(),
            lines: Spool::new(&dir)?,
            files: task.files().into_iter().map(file).collect::<io::Result<_>>()?,
        })
    }

    /// Adds the answer to the example with this index in the dataset.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn add<K: Task>(
        &mut self,
        task: &K,
        index: usize,
        example: &K::Example,
        answer: &K::Answer,
    ) -> io::Result<()> {
        let line = task.prediction(example, answer);
        if !line.is_empty() {
            self.lines.put(index, Value::from(line).to_string().as_bytes())?;
        }
        if self.files.is_empty() {
            return Ok(());
        }
        for (file, (key, value)) in self.files.iter_mut().zip(task.entries(example, answer)) {
            file.members.put(index, value.to_string().as_bytes())?;
            if file.keys.len() <= index {
                file.keys.resize(index + 1, String::new());
            }
            file.keys[index] = key;
        }
        Ok(())
    }

    /// Writes the files.
    ///
    /// # Errors
    /// If a file cannot be written; the old one is then unchanged.
    pub fn write(mut self) -> Result<(), RunError> {
        let path = &self.path;
        write_file(path, |out| {
            self.lines.for_each(|_, line| {
                out.write_all(line)?;
                out.write_all(b"\n")
            })
        })
        .map_err(|e| RunError::io(path, e))?;
        for file in self.files {
            let path = path.with_file_name(file.name);
            write_file(&path, |out| file.write(out)).map_err(|e| RunError::io(&path, e))?;
        }
        Ok(())
    }
}

impl ObjectFile {
    fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        // Of members with the same key the last one counts.
        let last: HashMap<&str, usize> = self.keys.iter().map(String::as_str).zip(0..).collect();
        let mut separator = "{";
        self.members.for_each(|index, value| {
            let key = &self.keys[index];
            if last[key.as_str()] != index {
                return Ok(());
            }
            out.write_all(separator.as_bytes())?;
            serde_json::to_writer(&mut *out, key)?;
            out.write_all(b":")?;
            separator = ",";
            out.write_all(value)
        })?;
        let end = if separator == "{" { "{}\n" } else { "}\n" };
        out.write_all(end.as_bytes())
    }
}
