//! A file of plain text, block by block.

use std::path::Path;

use super::text_lines::TextLines;
use crate::error::DataError;

/// The approximate size of a block, in bytes.
const BLOCK: usize = 4 << 20;

/// The text of a file in blocks that end with a line, so that memory does not follow the file. A very long line is divided
/// after white space.
///
/// ```no_run
/// let mut lines = 0;
/// for block in datasets::PlainText::open("corpus.txt".as_ref())? {
///     lines += block?.lines().count();
/// }
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Debug)]
pub struct PlainText {
    lines: TextLines,
    size: usize,
    /// After an error.
    failed: bool,
}

impl PlainText {
    /// The blocks of the file.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        Ok(Self {
            lines: TextLines::open(path)?,
            size: BLOCK,
            failed: false,
        })
    }

    fn next_block(&mut self) -> Result<Option<String>, DataError> {
        let mut block = String::new();
        let mut some = false;
        while block.len() < self.size {
            let Some(part) = self.lines.next_part()? else {
                return Ok(some.then_some(block));
            };
            if some && part.begins {
                block.push('\n');
            }
            block.push_str(part.text);
            some = true;
        }
        Ok(Some(block))
    }
}

impl Iterator for PlainText {
    type Item = Result<String, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let block = self.next_block();
        self.failed = block.is_err();
        block.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(content: &[u8], size: usize) -> Result<Vec<String>, DataError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        std::fs::write(&path, content).unwrap();
        let mut blocks = PlainText::open(&path)?;
        blocks.size = size;
        blocks.collect()
    }

    #[test]
    fn blocks_hold_the_lines() {
        let text = "one\ntwo two\r\n\nthrée 四\nfive";
        for size in 1..40 {
            let blocks = blocks(text.as_bytes(), size).unwrap();
            let lines: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).collect();
            let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            assert_eq!(
                lines,
                ["one", "two two", "thrée 四", "five"],
                "blocks of {size} bytes"
            );
        }
        let two_lines = blocks(text.as_bytes(), 11).unwrap();
        assert_eq!(two_lines, ["one\ntwo two", "\nthrée 四", "five"]);
        assert_eq!(blocks(b"", 8).unwrap(), [""; 0]);
    }

    #[test]
    fn a_long_line_is_divided_between_words() {
        let words = "a long line with words ".repeat(100_000);
        let blocks = blocks(words.as_bytes(), 8).unwrap();
        assert!(blocks.len() > 1, "{}", blocks.len());
        assert_eq!(blocks.concat(), words);
        assert!(blocks.iter().all(|block| block.ends_with(' ')));
    }

    #[test]
    fn an_error_names_the_line_of_the_file() {
        let mut content = b"one line\n".repeat(40);
        content.extend(b"b\xffd\n");
        for size in [1, 7, 64, 1000] {
            let error = blocks(&content, size).unwrap_err();
            assert_eq!(error.line(), Some(41), "blocks of {size} bytes");
            let message = error.to_string();
            assert!(
                message.contains("a.txt, line 41: byte 2 of the line is not UTF-8"),
                "{message}"
            );
        }
        assert_eq!(blocks(b"\xef\xbb\xbfone", 8).unwrap(), ["one"]);
        let missing = PlainText::open(Path::new("nowhere.txt")).unwrap_err();
        assert!(missing.to_string().contains("nowhere.txt"));
    }
}
