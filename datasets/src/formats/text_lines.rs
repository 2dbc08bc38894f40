//! The lines of a large text file, one after another.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::file::{open_data, utf8};

/// The most bytes of a line that are read at once.
const MAX: usize = 1 << 20;

/// Reads a text file by lines. Memory follows neither the file nor a line of it: a longer line comes in parts.
#[derive(Debug)]
pub(super) struct TextLines {
    path: PathBuf,
    reader: BufReader<File>,
    most: usize,
    /// The number of the line that is read next, from 1.
    line: usize,
    /// Whether the part before did not end its line.
    within: bool,
    bytes: Vec<u8>,
    /// The bytes of the part before that belong to the next part.
    carried: Vec<u8>,
}

/// A line, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinePart<'a> {
    /// Its text, without the line break.
    pub text: &'a str,
    /// The number of the line, from 1.
    pub line: usize,
    /// Whether the line begins with it.
    pub begins: bool,
}

impl TextLines {
    /// The lines of a file.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let file = open_data(path)?;
        Ok(Self {
            path: path.into(),
            reader: BufReader::with_capacity(1 << 16, file),
            most: MAX,
            line: 1,
            within: false,
            bytes: vec![],
            carried: vec![],
        })
    }

    /// The next line, or the next part of a line that is longer than [`MAX`]; none at the end of the file.
    ///
    /// # Errors
    /// If the file cannot be read, or the line is not UTF-8.
    pub(super) fn next_part(&mut self) -> Result<Option<LinePart<'_>>, DataError> {
        self.bytes.clear();
        self.bytes.append(&mut self.carried);
        let room = self.most.saturating_sub(self.bytes.len()).max(1);
        let read = (&mut self.reader)
            .take(room as u64)
            .read_until(b'\n', &mut self.bytes)
            .map_err(|e| DataError::io(&self.path, e))?;
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let ends = read < room || self.bytes.ends_with(b"\n");
        if !ends {
            self.carried = self.bytes.split_off(cut(&self.bytes));
        }
        let (line, begins) = (self.line, !self.within);
        self.within = !ends;
        self.line += usize::from(ends);
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if line > 1 || !begins {
            // Only a file begins with a mark of its encoding.
            let text = std::str::from_utf8(bytes).map_err(|_| ());
            if let Ok(text) = text {
                return Ok(Some(LinePart { text, line, begins }));
            }
        }
        let text = utf8(&self.path, bytes).map_err(|error| error.moved(|_| line))?;
        Ok(Some(LinePart { text, line, begins }))
    }
}

/// Where a part of a line ends: after the last white space, or at least between two characters.
fn cut(bytes: &[u8]) -> usize {
    let space = bytes.iter().rposition(u8::is_ascii_whitespace).map(|at| at + 1);
    let character = || {
        let from = bytes.len().saturating_sub(3);
        let start = (from..bytes.len()).find(|&at| is_start_of_cut_character(bytes, at));
        start.unwrap_or(bytes.len())
    };
    space.unwrap_or_else(character).max(1)
}

/// Whether a character begins at `at` that `bytes` do not hold all of.
fn is_start_of_cut_character(bytes: &[u8], at: usize) -> bool {
    let length = match bytes[at] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => return false,
    };
    at + length > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a file: text, line and whether the line begins with it.
    fn parts(content: &[u8], most: usize) -> Result<Vec<(String, usize, bool)>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        std::fs::write(&path, content).unwrap();
        let mut lines = TextLines::open(&path).unwrap();
        lines.most = most;
        let mut parts = vec![];
        while let Some(part) = lines.next_part().map_err(|error| {
            let file = path.display().to_string();
            error.to_string().replace(&file, "a.txt")
        })? {
            parts.push((part.text.to_owned(), part.line, part.begins));
        }
        Ok(parts)
    }

    #[test]
    fn lines_come_without_their_ends_and_marks() {
        let found = parts(b"\xef\xbb\xbfone\r\n\ntwo\n\xef\xbb\xbfthree", 1 << 20).unwrap();
        let expected = [("one", 1), ("", 2), ("two", 3), ("\u{feff}three", 4)];
        assert_eq!(found, expected.map(|(text, line)| (text.to_owned(), line, true)));
        assert_eq!(parts(b"", 10).unwrap(), []);
        assert_eq!(parts(b"\n", 10).unwrap(), [(String::new(), 1, true)]);
    }

    #[test]
    fn long_lines_come_in_parts_cut_between_words_or_characters() {
        let text = "one two three four\nfive\näöüäöüäöü\nend";
        let found = parts(text.as_bytes(), 9).unwrap();
        let expected = [
            ("one two ", 1, true),
            ("three ", 1, false),
            ("four", 1, false),
            ("five", 2, true),
            ("äöüä", 3, true),
            ("öüäö", 3, false),
            ("ü", 3, false),
            ("end", 4, true),
        ];
        assert_eq!(
            found,
            expected.map(|(text, line, begins)| (text.to_owned(), line, begins))
        );
        // Whatever the length of a part, nothing is lost.
        for most in 4..40 {
            let all: String = parts(text.as_bytes(), most)
                .unwrap()
                .into_iter()
                .map(|(part, line, begins)| {
                    if begins && line > 1 {
                        format!("\n{part}")
                    } else {
                        part
                    }
                })
                .collect();
            assert_eq!(all, text, "{most}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_named_with_their_line() {
        let error = parts(b"one\ntwo \xff\n", 1 << 20).unwrap_err();
        assert!(
            error.starts_with("a.txt, line 2: byte 5 of the line is not UTF-8"),
            "{error}"
        );
        let error = parts(b"\xff\xfeo\0n\0", 1 << 20).unwrap_err();
        assert!(error.starts_with("a.txt, line 1: the text is UTF-16"), "{error}");
    }
}
