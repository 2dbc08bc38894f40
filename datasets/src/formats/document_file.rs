//! Users' files of texts for language models: plain text, or a column of a table.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::examples::{Collector, Examples, Passage, PassageDataset};
use crate::extension::has_extension;
use crate::formats::parquet::parquet_files;
use crate::formats::text_file::TextFile;
use crate::source::Source;

use super::passages::{PassageWriter, Unit};
use super::text_lines::TextLines;

/// The passages of a text of at least this many bytes are kept in a temporary file.
const LARGE: u64 = 32 << 20;
/// Files of these names are tables.
const TABLES: [&str; 6] = ["csv", "tsv", "jsonl", "ndjson", "json", "parquet"];

/// Which file to read, and how.
///
/// A table (CSV, TSV, JSON or Parquet, by the end of its name) has a column of texts, one document a row. Any other file is
/// plain text in UTF-8. The passages of a large file are in a temporary file, so that memory does not follow it.
///
/// ```no_run
/// use datasets::{DocumentFile, Unit};
/// let passages = DocumentFile::new("corpus.txt".as_ref()).unit(Unit::Document).read()?;
/// println!("{} passages", passages.len());
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DocumentFile {
    path: PathBuf,
    unit: Unit,
    text: Option<String>,
}

impl DocumentFile {
    /// A file, in blocks.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            unit: Unit::default(),
            text: None,
        }
    }

    /// What a passage is.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// The column with the texts of a table; it is guessed from its name otherwise.
    pub fn text_column(mut self, name: &str) -> Self {
        self.text = Some(name.into());
        self
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, is not UTF-8, has no text, or is a table without such a column.
    pub fn read(&self) -> Result<PassageDataset, DataError> {
        let bytes = fs::metadata(&self.path).map_or(0, |data| data.len());
        let in_memory = if bytes < LARGE { LARGE } else { 0 };
        let mut passages = Collector::of_size(&self.path, in_memory as usize);
        let notes = match has_extension(&self.path, &TABLES) || !parquet_files(&self.path).is_empty() {
            true => self.read_table(bytes, &mut passages)?,
            false => self.read_text(bytes, &mut passages)?,
        };
        Ok(notes.into_iter().fold(passages.finish()?, Examples::with_note))
    }

    fn read_text(
        &self,
        bytes: u64,
        passages: &mut Collector<Passage>,
    ) -> Result<Vec<crate::Message>, DataError> {
        let mut lines = TextLines::open(&self.path)?;
        let file = Source::file(&self.path);
        let mut writer = PassageWriter::new(self.unit, file, bytes, |passage| passages.push(passage));
        while let Some(part) = lines.next_part()? {
            writer.line(part.text, part.line, part.begins)?;
        }
        writer.finish()?;
        Ok(vec![])
    }

    fn read_table(
        &self,
        bytes: u64,
        passages: &mut Collector<Passage>,
    ) -> Result<Vec<crate::Message>, DataError> {
        let mut table = TextFile::new(&self.path).labelled(false);
        if let Some(name) = &self.text {
            table = table.text_column(name);
        }
        let texts = table.read()?;
        let file = Source::file(&self.path);
        let mut writer = PassageWriter::new(self.unit, file, bytes, |passage| passages.push(passage));
        texts.try_for_each(|example| {
            for line in example.text.lines() {
                writer.line(line, example.source.line, true)?;
            }
            writer.blank();
            Ok::<(), DataError>(())
        })?;
        writer.finish()?;
        Ok(texts.notes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        (dir, path)
    }

    fn texts(passages: &PassageDataset) -> Vec<(&str, u32)> {
        let passages = passages.examples().iter();
        passages
            .map(|passage| (passage.text.as_str(), passage.document))
            .collect()
    }

    #[test]
    fn a_row_of_a_table_is_a_document() {
        let csv = "id,text\n1,\"one\ntwo\"\n2,three\n3,four\n";
        let (_dir, path) = written("a.csv", csv);
        let file = DocumentFile::new(&path);
        let read = |unit| file.clone().unit(unit).read().unwrap();
        assert_eq!(
            texts(&read(Unit::Document)),
            [("one\ntwo", 0), ("three", 1), ("four", 2)]
        );
        assert_eq!(texts(&read(Unit::Block)), [("one\ntwo\nthree\nfour", 0)]);
        assert_eq!(
            texts(&read(Unit::Line)),
            [("one", 0), ("two", 0), ("three", 1), ("four", 2)]
        );
        assert_eq!(read(Unit::Line).examples()[3].source.line, 5);
        assert_eq!(texts(&file.text_column("id").read().unwrap()), [("1\n2\n3", 0)]);
        let error = DocumentFile::new(&path).text_column("body").read().unwrap_err();
        assert!(error.to_string().contains("there is no column `body`"), "{error}");
    }

    #[test]
    fn a_file_without_text_is_refused() {
        for content in ["", "\n \n\t\n"] {
            let (_dir, path) = written("a.txt", content);
            let error = DocumentFile::new(&path).read().unwrap_err().to_string();
            assert!(
                error.ends_with("a.txt: no rows; at least one is needed"),
                "{error}"
            );
        }
        let error = DocumentFile::new(Path::new("nowhere/a.txt")).read().unwrap_err();
        assert!(error.to_string().starts_with("nowhere/a.txt: "), "{error}");
    }

    #[test]
    fn many_passages_are_kept_in_a_file_and_are_the_same() {
        let text: String = (0..3000)
            .map(|line| format!("line {line} é\n{}", if line % 7 == 6 { "\n" } else { "" }))
            .collect();
        let (_dir, path) = written("a.txt", &text);
        for unit in [Unit::Line, Unit::Text, Unit::Block, Unit::Document] {
            let expected = DocumentFile::new(&path).unit(unit).read().unwrap();
            assert!(!expected.is_stored());
            let mut passages = Collector::of_size(&path, 1 << 12);
            DocumentFile::new(&path)
                .unit(unit)
                .read_text(text.len() as u64, &mut passages)
                .unwrap();
            let found = passages.finish().unwrap();
            assert!(found.is_stored());
            assert_eq!(found, expected);
            if unit == Unit::Block {
                continue;
            }
            // No document is in both parts.
            let (train, dev) = found.hold_out(0.1).unwrap();
            assert!(train.is_stored() && dev.is_stored());
            let of = |data: &PassageDataset| -> Vec<u32> {
                data.examples().iter().map(|passage| passage.document).collect()
            };
            let (train, dev) = (of(&train), of(&dev));
            assert!(dev.iter().all(|document| !train.contains(document)));
            assert!(
                (expected.len() / 11..expected.len() / 9).contains(&dev.len()),
                "{}",
                dev.len()
            );
            let in_memory = expected.hold_out(0.1).unwrap().1;
            assert_eq!(of(&in_memory), dev);
        }
    }

    #[test]
    fn inputs_stay_inputs() {
        let lines: String = (0..5000).map(|line| format!("the [MASK] {line}\n")).collect();
        let memory = crate::TextDataset::from_lines(Path::new("in.txt"), lines.as_bytes()).unwrap();
        let mut collector = Collector::of_size(Path::new("in.txt"), 0);
        for text in memory.examples().iter() {
            collector.push(text.clone()).unwrap();
        }
        let stored = PassageDataset::of_inputs(collector.finish().unwrap());
        assert!(stored.is_stored());
        assert_eq!(stored, PassageDataset::of_inputs(memory));
        assert!(
            stored
                .examples()
                .iter()
                .all(|passage| passage.is_input && passage.ends_document)
        );
    }
}
