//! A text that is read as far as it is needed.

use std::io::{self, Read};
use std::path::Path;

use crate::error::DataError;
use crate::file::mark;

/// Bytes that are read at once.
pub(crate) const BLOCK: usize = 1 << 16;

/// Reads a text in blocks, without the byte-order mark.
pub(crate) struct BlockReader<R> {
    text: R,
    started: bool,
    ended: bool,
}

impl<R: Read> BlockReader<R> {
    pub(crate) fn new(text: R) -> Self {
        Self {
            text,
            started: false,
            ended: false,
        }
    }

    /// Appends up to [`BLOCK`] bytes to `bytes`, none at the end; `file` is what an error calls the text.
    ///
    /// # Errors
    /// If the text cannot be read, or is UTF-16.
    pub(crate) fn read(&mut self, file: &Path, bytes: &mut Vec<u8>) -> Result<(), DataError> {
        // At the start, enough for a byte-order mark.
        let least = if self.started { 1 } else { 3 };
        let before = bytes.len();
        bytes.resize(before + BLOCK, 0);
        let mut end = before;
        while end - before < least && !self.ended {
            match self.text.read(&mut bytes[end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => end += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(DataError::io(file, e)),
            }
        }
        bytes.truncate(end);
        if !std::mem::replace(&mut self.started, true) {
            let mark = mark(file, &bytes[before..])?;
            bytes.drain(before..before + mark);
        }
        Ok(())
    }

    /// Whether the text has been read to its end.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What has not been read.
    pub(crate) fn into_inner(self) -> R {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Slow(&'static [u8]);

    impl Read for Slow {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let one = bytes.len().min(1);
            self.0.read(&mut bytes[..one])
        }
    }

    #[test]
    fn the_mark_is_left_out_however_the_bytes_come() {
        for (text, expected) in [
            (&b"\xef\xbb\xbfone\xef\xbb\xbf"[..], "one\u{feff}"),
            (b"\xef\xbb\xbf", ""),
            (b"ab", "ab"),
            (b"", ""),
        ] {
            let mut reader = BlockReader::new(Slow(text));
            let mut bytes = vec![];
            while !reader.has_ended() {
                reader.read(Path::new("in.txt"), &mut bytes).unwrap();
            }
            assert_eq!(bytes, expected.as_bytes());
        }
        let wide = BlockReader::new(Slow(b"\xff\xfea\0")).read(Path::new("in.txt"), &mut vec![]);
        assert!(wide.unwrap_err().to_string().contains("UTF-16"));
    }
}
