//! A large file, some of its rows at a time, so that memory does not follow the file.

use std::path::Path;

use super::Table;
use super::objects::{ObjectTables, Values};
use super::records::Records;
use crate::error::DataError;
use crate::extension::has_extension;
use crate::file::open_data;
use crate::formats::parquet::{ParquetRows, parquet_files};
use crate::json::json_rows;

/// Files of at least this many bytes are read in parts. Fuzzing tries small ones.
const LARGE: u64 = if cfg!(fuzzing) { 128 } else { 32 << 20 };
/// Parquet, which is compressed, from this many on.
const LARGE_PARQUET: u64 = if cfg!(fuzzing) { 128 } else { 8 << 20 };
/// The approximate size of a part, in bytes.
const PART: usize = if cfg!(fuzzing) { 512 } else { 4 << 20 };

/// The parts of a large file or of a stream of objects, each as a [`Table`] with the file's columns and line numbers.
pub(crate) enum Parts {
    /// Of CSV or TSV.
    Records(Box<Records>),
    /// Of JSON or Parquet.
    Objects(ObjectTables),
}

impl Parts {
    /// The parts of the file; `None` if it is small, or only the whole file shows how it is to be read.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, DataError> {
        let parquet = parquet_files(path);
        if !parquet.is_empty() {
            let sizes = parquet
                .iter()
                .filter_map(|file| Some(file.metadata().ok()?.len()));
            if sizes.sum::<u64>() < LARGE_PARQUET {
                return Ok(None);
            }
            let rows = ParquetRows::open(path)?;
            let names = rows.label_names().clone();
            return Ok(Some(Parts::Objects(ObjectTables::new(
                path,
                Box::new(rows),
                names,
                None,
            ))));
        }
        Self::of_size(path, LARGE, PART)
    }

    /// The parts of a stream of objects, which `path` names in errors.
    pub(crate) fn of_objects(path: &Path, values: Values) -> Self {
        Parts::Objects(ObjectTables::new(path, values, Default::default(), None))
    }

    /// Parts of about `part` bytes of a file of at least `large`.
    fn of_size(path: &Path, large: u64, part: usize) -> Result<Option<Self>, DataError> {
        let failed = |e| DataError::io(path, e);
        let Ok(file) = open_data(path) else {
            // The reader of small files says why.
            return Ok(None);
        };
        let data = file.metadata().map_err(failed)?;
        if !data.is_file() || data.len() < large {
            return Ok(None);
        }
        if has_extension(path, &["json", "jsonl", "ndjson"]) {
            let (values, note) = json_rows(path)?;
            let tables = ObjectTables::new(path, Box::new(values), Default::default(), note);
            return Ok(Some(Parts::Objects(tables)));
        }
        let records = Records::of(path, file, part)?;
        Ok(records.map(|records| Parts::Records(Box::new(records))))
    }

    /// The next part; `None` at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read, or a record is malformed.
    pub(crate) fn next_table(&mut self) -> Result<Option<Table>, DataError> {
        match self {
            Parts::Records(records) => records.next_table(),
            Parts::Objects(objects) => objects.next_table(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A line, a text and its label.
    type Row = (usize, String, String);

    /// The columns `text` and `label` of all parts, with their lines; the number of parts.
    fn read(name: &str, content: &str, part: usize) -> Result<(Vec<Row>, usize), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        let mut parts = Parts::of_size(&path, 0, part).unwrap().ok_or("not in parts")?;
        let (mut rows, mut count) = (vec![], 0);
        while let Some(table) = parts.next_table().map_err(|e| e.to_string())? {
            count += 1;
            let labels = table.column("label").unwrap();
            for ((line, text), (_, label)) in table.column("text").unwrap().into_iter().zip(labels) {
                rows.push((line, text.to_owned(), label.to_owned()));
            }
        }
        Ok((rows, count))
    }

    /// Parts of every size hold the same rows as the whole file.
    fn same(name: &str, content: &str) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        let table = Table::read(&path).unwrap();
        let labels = table.column("label").unwrap();
        let whole = table.column("text").unwrap().into_iter().zip(labels);
        let whole: Vec<_> = whole
            .map(|((line, text), (_, label))| (line, text.to_owned(), label.to_owned()))
            .collect();
        let mut most = 0;
        for part in (1..60).chain([content.len(), 10 * content.len()]) {
            let (rows, parts) = read(name, content, part).unwrap();
            assert_eq!(rows, whole, "{name}, parts of {part} bytes");
            most = most.max(parts);
        }
        assert!(most > 2, "{name}");
    }

    #[test]
    fn parts_hold_what_the_whole_file_holds() {
        same("a.csv", "text,label\none,a\ntwo,b\nthree,a\nfour,b\n");
        same("a.csv", "\u{feff}text,label\r\none,a\r\n\r\n\r\ntwo,b\r\nthree,a");
        same(
            "a.csv",
            "text,label\n\"one, \"\"two\"\"\nand three\",a\n\"\",b\n\"\n\n\",c\nlast,d\n",
        );
        same("a.csv", "sep=;\ntext;label\none;a\n\"t;w\no\";b\nthree;a\n");
        same("a.csv", "\"te\"\"xt\",text,label\n1,one,a\n2,two,b\n3,three,a\n");
        same("a.tsv", "\n\ntext\tlabel\none\ta\n\ntwo\tb\nthree\ta\n");
        same(
            "a.tsv",
            "text\tlabel\n\"one\"\ta\n\"t\two\n\"\tb\n\"th\"\"ree\"\ta\nfour\tb\n",
        );
        same(
            "a.tsv",
            "text\tlabel\n\"one\ta\ntwo\" three\tb\n\"th\"\"ree\"\ta\n\"four\tb\n",
        );
    }

    #[test]
    fn errors_name_the_line_of_the_file() {
        let rows: String = (0..40).map(|row| format!("text {row},a\n")).collect();
        let error = |rest: &str| read("a.csv", &format!("text,label\n{rows}{rest}"), 64).unwrap_err();
        assert!(
            error("one,a,b\n").contains("line 42: 3 fields"),
            "{}",
            error("one,a,b\n")
        );
        let open = error("\"one,a\ntwo,b\n");
        assert!(open.contains("line 42: a quote is opened here"), "{open}");
    }

    #[test]
    fn objects_are_read_some_at_a_time() {
        let rows = |from: usize, to: usize| {
            (from..to).map(|row| format!("{{\"text\": \"text {row}\", \"label\": \"{}\"}}", row % 3))
        };
        let count = 2 * crate::examples::CHUNK + 7;
        let lines: String = rows(0, count).map(|row| row + "\n").collect();
        let array = format!("[{}]", rows(0, count).collect::<Vec<_>>().join(",\n"));
        let member = format!("{{\"version\": 1, \"data\": {array}}}");
        let contents = [
            ("a.jsonl", &lines),
            ("a.json", &lines),
            ("a.json", &array),
            ("a.json", &member),
        ];
        for (name, content) in contents {
            let (rows, parts) = read(name, content, 8).unwrap();
            assert_eq!((rows.len(), parts), (count, 3), "{name}");
            for (at, (line, text, _)) in rows.iter().enumerate() {
                assert_eq!((*line, text), (at + 1, &format!("text {at}")));
            }
        }
        let error = read("a.jsonl", &format!("{lines}{{\"text\"\n"), 8).unwrap_err();
        assert!(error.contains(&format!("line {}", count + 1)), "{error}");
    }
}
