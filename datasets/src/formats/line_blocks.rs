//! The lines of a text that is read as they are needed, such as standard input.

use std::io::{Cursor, Read};
use std::path::Path;

use crate::block_reader::BlockReader;
use crate::error::DataError;
use crate::examples::CHUNK;
use crate::file::utf8_part;
use crate::source::Source;

/// A block ends with the line that reaches this many bytes.
const BLOCK: usize = 4 << 20;
/// The most bytes of a line.
const MAX_BYTES: usize = 1 << 30;

/// The lines of a text in UTF-8 in blocks of up to [`CHUNK`] lines or about 4 MiB, so that memory does not follow the text.
///
/// ```
/// use datasets::LineBlocks;
/// let mut blocks = LineBlocks::new("standard input".as_ref(), Box::new(&b"one\ntwo\n"[..]));
/// let block = blocks.next().expect("a block")?;
/// assert_eq!((block[1].0.line, block[1].1.as_str()), (2, "two"));
/// # Ok::<(), datasets::DataError>(())
/// ```
pub struct LineBlocks {
    text: BlockReader<Box<dyn Read + Send>>,
    file: Source,
    /// What has been read and not given out.
    rest: Vec<u8>,
    /// The lines before `rest`.
    lines: usize,
    failed: bool,
}

impl LineBlocks {
    /// The lines of `text`; `file` is what errors call it.
    pub fn new(file: &Path, text: Box<dyn Read + Send>) -> Self {
        Self {
            text: BlockReader::new(text),
            file: Source::file(file),
            rest: vec![],
            lines: 0,
            failed: false,
        }
    }

    /// Reads the first block, and gives its bytes. They stay part of the text.
    ///
    /// # Errors
    /// If the text cannot be read.
    pub fn first_block(&mut self) -> Result<&[u8], DataError> {
        let end = self.read_block()?;
        Ok(&self.rest[..end])
    }

    /// The text from the first line that was not given out.
    pub fn into_text(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.rest).chain(self.text.into_inner()))
    }

    /// Reads a block; its length.
    fn read_block(&mut self) -> Result<usize, DataError> {
        let (mut scanned, mut end, mut lines) = (0, 0, 0);
        loop {
            for at in scanned..self.rest.len() {
                if self.rest[at] == b'\n' {
                    (end, lines) = (at + 1, lines + 1);
                    if lines == CHUNK || end >= BLOCK {
                        return Ok(end);
                    }
                }
            }
            scanned = self.rest.len();
            if self.text.has_ended() {
                return Ok(scanned);
            }
            if scanned >= BLOCK && end > 0 {
                return Ok(end);
            }
            if scanned > MAX_BYTES {
                let line = self.file.line(self.lines + 1);
                let reason = format!("a line of more than {} MiB", MAX_BYTES >> 20);
                return Err(line.error(None, reason));
            }
            self.text.read(&self.file.file, &mut self.rest)?;
        }
    }

    fn next_block(&mut self) -> Result<Option<Vec<(Source, String)>>, DataError> {
        let end = self.read_block()?;
        let rest = self.rest.split_off(end);
        let block = std::mem::replace(&mut self.rest, rest);
        let before = self.lines;
        let text = utf8_part(&self.file.file, &block).map_err(|error| error.moved(|line| line + before))?;
        let lines = text.lines().enumerate();
        let lines: Vec<_> = lines
            .map(|(at, line)| (self.file.line(before + at + 1), line.to_owned()))
            .collect();
        self.lines += lines.len();
        Ok((!lines.is_empty()).then_some(lines))
    }
}

impl Iterator for LineBlocks {
    type Item = Result<Vec<(Source, String)>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        // Nothing follows an error.
        if self.failed {
            return None;
        }
        let block = self.next_block();
        self.failed = block.is_err();
        block.transpose()
    }
}

impl std::fmt::Debug for LineBlocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LineBlocks")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::block_reader::BLOCK as READ;

    /// A text of endless lines; a reader may take only a limited number of bytes.
    struct Endless {
        line: &'static [u8],
        left: usize,
    }

    impl Read for Endless {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            assert!(self.left > 0, "more was read than a block needs");
            let count = self.line.len().min(bytes.len()).min(self.left);
            bytes[..count].copy_from_slice(&self.line[..count]);
            self.left -= count;
            Ok(count)
        }
    }

    fn blocks(text: impl Read + Send + 'static) -> LineBlocks {
        LineBlocks::new(Path::new("in.txt"), Box::new(text))
    }

    #[test]
    fn a_block_is_read_from_a_text_that_never_ends() {
        let short = Endless {
            line: b"one\r\n",
            left: 5 * CHUNK,
        };
        let mut lines = blocks(short);
        let first = lines.next().unwrap().unwrap();
        assert_eq!(first.len(), CHUNK);
        assert!(first.iter().all(|(_, line)| line == "one"));
        static LINE: [u8; READ] = {
            let mut line = [b'x'; READ];
            line[READ - 1] = b'\n';
            line
        };
        let long = Endless {
            line: &LINE,
            left: BLOCK,
        };
        assert_eq!(blocks(long).next().unwrap().unwrap().len(), BLOCK / READ);
    }

    #[test]
    fn lines_keep_their_numbers_over_blocks() {
        let text: String = (1..=2 * CHUNK + 5).map(|line| format!("{line}\n")).collect();
        let all: Vec<_> = blocks(Cursor::new(format!("\u{feff}{text}last")))
            .flat_map(Result::unwrap)
            .collect();
        assert_eq!(all.len(), 2 * CHUNK + 6);
        for (at, (source, line)) in all.iter().enumerate() {
            let expected = if at == 2 * CHUNK + 5 {
                "last".to_owned()
            } else {
                (at + 1).to_string()
            };
            assert_eq!((source.line, line), (at + 1, &expected));
        }
        let mut bytes = text.into_bytes();
        bytes.extend(b"one\ntw\xff\n");
        let error = blocks(Cursor::new(bytes))
            .find_map(Result::err)
            .unwrap()
            .to_string();
        let line = 2 * CHUNK + 7;
        assert!(
            error.starts_with(&format!("in.txt, line {line}: byte 3 of the line is not UTF-8")),
            "{error}"
        );
    }

    #[test]
    fn the_first_block_stays_part_of_the_text() {
        let mut lines = blocks(&b"\xef\xbb\xbfone\ntwo"[..]);
        assert_eq!(lines.first_block().unwrap(), b"one\ntwo");
        let mut text = String::new();
        lines.into_text().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo");
        assert!(blocks(&b""[..]).next().is_none());
        let wide = blocks(&b"\xff\xfeo\0"[..])
            .next()
            .unwrap()
            .unwrap_err()
            .to_string();
        assert!(wide.contains("UTF-16"), "{wide}");
    }
}
