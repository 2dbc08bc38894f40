//! A CSV or TSV file, some of its records at a time.

use std::fs::File;
use std::io::{Read, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Table, delimited};
use crate::error::DataError;
use crate::extension::has_extension;
use crate::file::utf8;

/// The bytes at the start of a file that show what separates its columns.
const SAMPLE: u64 = 1 << 16;

/// The parts of a CSV or TSV file.
#[derive(Debug)]
pub(crate) struct Records {
    path: PathBuf,
    file: File,
    part: usize,
    format: Format,
    /// The bytes that are read and not given out.
    rest: Vec<u8>,
    /// The header, which begins every part but the first.
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
    /// Tabs between fields, a record per line.
    Tsv,
    /// Tabs between fields, which may be in quotes.
    QuotedTsv,
}

impl Records {
    /// Parts of about `part` bytes of the file; `None` if only the whole file shows how it is to be read.
    pub(super) fn of(path: &Path, file: File, part: usize) -> Result<Option<Self>, DataError> {
        let failed = |e| DataError::io(path, e);
        let mut sample = vec![];
        (&file).take(SAMPLE).read_to_end(&mut sample).map_err(failed)?;
        (&file).rewind().map_err(failed)?;
        let sample = sample.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&sample);
        let format = if has_extension(path, &["csv"]) {
            let (separator, skipped) = delimited::separator(&String::from_utf8_lossy(sample));
            Format::Csv { separator, skipped }
        } else if has_extension(path, &["tsv"]) {
            let format = tsv_format(path, &file, part)?;
            (&file).rewind().map_err(failed)?;
            format
        } else {
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
    pub(super) fn next_table(&mut self) -> Result<Option<Table>, DataError> {
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
            Format::Tsv => Table::from_tabs(&self.path, delimited::plain_records(text)),
            Format::QuotedTsv => {
                let records = delimited::quoted_records(text).map_or(vec![], |quoted| quoted.records);
                Table::from_tabs(&self.path, (records, true))
            }
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

    /// Where the first record that is not skipped is, with its line break.
    fn header_in(&self, text: &[u8]) -> Range<usize> {
        let mut start = match self.format {
            Format::Tsv | Format::QuotedTsv => 0,
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

/// The most bytes of a quoted field; a quote that is not closed by then is a character.
const MAX_FIELD_LENGTH: usize = 16 << 20;

/// What quotes in a TSV file are: that depends on all of them.
fn tsv_format(path: &Path, file: &File, part: usize) -> Result<Format, DataError> {
    let mut quotes = delimited::Quotes::default();
    let (mut rest, mut scanned) = (vec![], 0);
    let mut scanner = Scanner::new(Format::QuotedTsv);
    loop {
        let read = file.take(part as u64).read_to_end(&mut rest);
        let done = read.map_err(|e| DataError::io(path, e))? == 0;
        let end = scanner.last_end(&rest, scanned);
        scanned = rest.len();
        let end = match end {
            _ if done => rest.len(),
            Some(end) => end,
            None if rest.len() > MAX_FIELD_LENGTH => return Ok(Format::Tsv),
            None => continue,
        };
        // The reader reports text that is not UTF-8.
        let Ok(text) = utf8(path, &rest[..end]) else {
            return Ok(Format::Tsv);
        };
        quotes.observe(text);
        rest.drain(..end);
        (scanner, scanned) = (Scanner::new(Format::QuotedTsv), 0);
        if done || quotes.are_characters() {
            return Ok(match quotes.around_fields() {
                true => Format::QuotedTsv,
                false => Format::Tsv,
            });
        }
    }
}

/// Finds the ends of records.
struct Scanner {
    format: Format,
    quoted: bool,
    field_start: bool,
    end: Option<usize>,
}

impl Scanner {
    fn new(format: Format) -> Self {
        Self {
            format,
            quoted: false,
            field_start: true,
            end: None,
        }
    }

    /// The end of the last complete record in `bytes`, of which those before `from` have been seen.
    fn last_end(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate().skip(from) {
            self.observe(byte, at);
        }
        self.end
    }

    /// The end of the first record.
    fn first_end(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().enumerate().find_map(|(at, &byte)| {
            self.observe(byte, at);
            self.end
        })
    }

    fn observe(&mut self, byte: u8, at: usize) {
        let separator = match self.format {
            Format::Csv { separator, .. } => separator,
            Format::QuotedTsv => b'\t',
            Format::Tsv => {
                if byte == b'\n' {
                    self.ends(at + 1);
                }
                return;
            }
        };
        match byte {
            // Doubled quotes inside a quoted field close it and open it again.
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

    fn ends(&mut self, at: usize) {
        self.end = Some(at);
    }
}
