//! A large file of records, some of them at a time, so that memory does not follow the file.

use std::fs::File;
use std::io::{Read, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Table, delimited};
use crate::error::DataError;
use crate::extension::has_extension;
use crate::file::utf8;

/// Files of at least this many bytes are read in parts.
const LARGE: u64 = 32 << 20;
/// The approximate size of a part, in bytes.
const PART: usize = 4 << 20;
/// The bytes at the start of a file that show what separates its columns.
const SAMPLE: u64 = 1 << 16;

/// The parts of a large CSV, TSV or JSON-lines file, each as a [`Table`] with the file's columns and line numbers.
#[derive(Debug)]
pub(crate) struct Parts {
    path: PathBuf,
    file: File,
    part: usize,
    format: Format,
    /// The bytes that are read and not given out.
    rest: Vec<u8>,
    /// The header of a file with columns, which begins every part but the first.
    header: Vec<u8>,
    /// The lines before `rest`.
    lines: usize,
    first: bool,
    done: bool,
}

/// How a file is divided into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Fields may be in quotes, which may hold line breaks.
    Csv { separator: u8, skipped: usize },
    /// A record per line.
    Tsv,
    /// An object per line.
    Json,
}

impl Parts {
    /// The parts of the file; `None` if it is small, or only the whole file shows how it is to be read.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, DataError> {
        Self::of_size(path, LARGE, PART)
    }

    /// Parts of about `part` bytes of a file of at least `large`.
    fn of_size(path: &Path, large: u64, part: usize) -> Result<Option<Self>, DataError> {
        let failed = |e| DataError::io(path, e);
        let Ok(file) = File::open(path) else {
            // The reader of small files says why.
            return Ok(None);
        };
        let data = file.metadata().map_err(failed)?;
        if !data.is_file() || data.len() < large {
            return Ok(None);
        }
        let mut sample = vec![];
        (&file).take(SAMPLE).read_to_end(&mut sample).map_err(failed)?;
        (&file).rewind().map_err(failed)?;
        let sample = sample.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&sample);
        let format = if has_extension(path, &["csv"]) {
            let (separator, skipped) = delimited::separator(&String::from_utf8_lossy(sample));
            Format::Csv { separator, skipped }
        } else if has_extension(path, &["jsonl", "ndjson"]) && sample.trim_ascii_start().starts_with(b"{") {
            Format::Json
        } else if has_extension(path, &["tsv"]) && !has_quotes(path)? {
            Format::Tsv
        } else {
            // Whether quotes in a TSV file are a part of their fields depends on all of them.
            return Ok(None);
        };
        Ok(Some(Self {
            path: path.to_path_buf(),
            file,
            part,
            format,
            rest: vec![],
            header: vec![],
            lines: 0,
            first: true,
            done: false,
        }))
    }

    /// Reads more of the file, about a part; at its end, `done` is set.
    fn fill(&mut self) -> Result<(), DataError> {
        let before = self.rest.len();
        let wanted = self.part as u64;
        (&mut self.file)
            .take(wanted)
            .read_to_end(&mut self.rest)
            .map_err(|e| DataError::io(&self.path, e))?;
        self.done = self.rest.len() == before;
        Ok(())
    }

    /// The next part; `None` at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read, or a record is malformed.
    pub(crate) fn next_table(&mut self) -> Result<Option<Table>, DataError> {
        loop {
            let Some(part) = self.next_bytes()? else {
                return Ok(None);
            };
            let lines = self.lines;
            self.lines += part.iter().filter(|&&byte| byte == b'\n').count();
            let first = std::mem::replace(&mut self.first, false);
            if part.trim_ascii().is_empty() && !first {
                continue;
            }
            let text = match first {
                true => part,
                false => [self.header.as_slice(), &part].concat(),
            };
            let header = match first {
                true => 0,
                false => self.header.iter().filter(|&&byte| byte == b'\n').count(),
            };
            let shift = |line: usize| (line + lines).saturating_sub(header).max(1);
            let table = self.parse(&text, first).map_err(|error| error.moved(shift))?;
            if first {
                self.header = text[self.header_in(&text)].to_vec();
            }
            return Ok(Some(table.moved(shift)));
        }
    }

    fn parse(&self, bytes: &[u8], first: bool) -> Result<Table, DataError> {
        let text = utf8(&self.path, bytes)?;
        match self.format {
            Format::Csv { separator, skipped } => {
                let skipped = if first { skipped } else { 0 };
                Table::parse_separated(&self.path, text, separator, skipped)
            }
            Format::Tsv => Table::parse_tsv(&self.path, text),
            Format::Json => Table::parse_json(&self.path, text),
        }
    }

    /// The bytes of the next complete records; `None` at the end of the file.
    fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, DataError> {
        let mut scanner = Scanner::new(self.format);
        let mut scanned = 0;
        loop {
            let end = scanner.last_end(&self.rest, scanned);
            scanned = self.rest.len();
            if self.done {
                let all = std::mem::take(&mut self.rest);
                return Ok((!all.is_empty()).then_some(all));
            }
            // The first part holds the header and at least one row.
            let enough = |end: &usize| {
                self.rest.len() >= self.part && (!self.first || self.has_row(&self.rest[..*end]))
            };
            if let Some(end) = end.filter(enough) {
                let rest = self.rest.split_off(end);
                return Ok(Some(std::mem::replace(&mut self.rest, rest)));
            }
            self.fill()?;
        }
    }

    /// Whether something follows the header.
    fn has_row(&self, text: &[u8]) -> bool {
        !text[self.header_in(text).end..].trim_ascii().is_empty()
    }

    /// Where the first record that is not skipped is, with its line break; nowhere for JSON.
    fn header_in(&self, text: &[u8]) -> Range<usize> {
        let mut start = match self.format {
            Format::Json => return 0..0,
            Format::Tsv => 0,
            Format::Csv { skipped, .. } => {
                let mut breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
                let after = skipped.checked_sub(1).and_then(|last| breaks.nth(last));
                after.map_or(0, |(at, _)| at + 1)
            }
        };
        let blank = |line: &[u8]| line.trim_ascii().is_empty();
        loop {
            let mut scanner = Scanner::new(self.format);
            let end = scanner
                .first_end(&text[start..])
                .map_or(text.len(), |end| start + end);
            if !blank(&text[start..end]) || end == text.len() {
                return start..end;
            }
            start = end;
        }
    }
}

/// Whether there is a quotation mark in the file.
fn has_quotes(path: &Path) -> Result<bool, DataError> {
    let failed = |e| DataError::io(path, e);
    let mut file = File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(false),
            count if buffer[..count].contains(&b'"') => return Ok(true),
            _ => {}
        }
    }
}

/// Finds the ends of records.
struct Scanner {
    format: Format,
    quoted: bool,
    field_start: bool,
    end: Option<usize>,
    /// The end of a line of JSON whose next line is not known yet.
    pending: Option<usize>,
}

impl Scanner {
    fn new(format: Format) -> Self {
        Self {
            format,
            quoted: false,
            field_start: true,
            end: None,
            pending: None,
        }
    }

    /// The end of the last complete record in `bytes`, of which those before `from` have been seen.
    fn last_end(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate().skip(from) {
            self.see(byte, at);
        }
        self.end
    }

    /// The end of the first record.
    fn first_end(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().enumerate().find_map(|(at, &byte)| {
            self.see(byte, at);
            self.end
        })
    }

    fn see(&mut self, byte: u8, at: usize) {
        match self.format {
            // Doubled quotes inside a quoted field close it and open it again.
            Format::Csv { separator, .. } => {
                match byte {
                    b'"' if self.quoted => {
                        self.quoted = false;
                        self.field_start = true;
                        return;
                    }
                    b'"' if self.field_start => self.quoted = true,
                    b'\n' if !self.quoted => self.ends(at + 1),
                    _ => {}
                }
                self.field_start = !self.quoted && (byte == separator || matches!(byte, b'\n' | b'\r'));
            }
            Format::Tsv if byte == b'\n' => self.ends(at + 1),
            Format::Tsv => {}
            // An object over several lines is indented.
            Format::Json => {
                if let Some(end) = self.pending.take().filter(|_| byte == b'{') {
                    self.ends(end);
                }
                if byte == b'\n' {
                    self.pending = Some(at + 1);
                }
            }
        }
    }

    fn ends(&mut self, at: usize) {
        self.end = Some(at);
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
            "a.jsonl",
            "{\"text\": \"one {\", \"label\": \"a\"}\n\n{\"label\": \"b\", \"text\": \"two\"}\n{\n  \"text\": \"three\",\n  \
             \"label\": \"c\"\n}\n{\"text\": \"four\", \"label\": 1}",
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
        let lines: String = (0..40).map(|_| "{\"text\": \"a\", \"label\": \"b\"}\n").collect();
        let error = read("a.jsonl", &format!("{lines}{{\"text\"\n"), 64).unwrap_err();
        assert!(error.contains("line 41"), "{error}");
    }

    #[test]
    fn files_that_must_be_read_whole_are() {
        let whole = |name: &str, content: &str| read(name, content, 8).unwrap_err() == "not in parts";
        assert!(whole("a.tsv", "text\tlabel\n\"a\"\tb\n"));
        assert!(whole("a.jsonl", "[{\"text\": \"a\", \"label\": \"b\"}]"));
        assert!(whole("a.json", "{\"text\": \"a\", \"label\": \"b\"}"));
    }
}
