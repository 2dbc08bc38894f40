//! A JSON text that is read as far as it is needed.

use std::io::Read;
use std::path::Path;

use crate::block_reader::BlockReader;
use crate::error::DataError;
use crate::file::utf8_part;
use crate::source::Source;

/// The most bytes of one value.
const MAX_BYTES: usize = 1 << 30;

/// The part of a text that has been read and not used yet.
pub(super) struct Input<R> {
    text: BlockReader<R>,
    file: Source,
    bytes: Vec<u8>,
    /// The first byte that has not been used.
    at: usize,
    /// The line of that byte, from 1.
    line: usize,
}

impl<R: Read> Input<R> {
    pub(super) fn new(file: &Path, text: R) -> Self {
        Self {
            text: BlockReader::new(text),
            file: Source::file(file),
            bytes: vec![],
            at: 0,
            line: 1,
        }
    }

    /// The current line.
    pub(super) fn line(&self) -> Source {
        self.file.line(self.line)
    }

    /// Counts lines that are passed without their bytes.
    pub(super) fn pass_lines(&mut self, lines: usize) {
        self.line += lines;
    }

    /// Uses `count` bytes.
    pub(super) fn advance(&mut self, count: usize) {
        let passed = &self.bytes[self.at..][..count];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.at += count;
    }

    /// How many bytes have been read and not used.
    pub(super) fn available(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next `count` bytes, which have been read.
    pub(super) fn start(&self, count: usize) -> &[u8] {
        &self.bytes[self.at..][..count]
    }

    /// The next `count` bytes as text.
    pub(super) fn text(&self, count: usize) -> Result<&str, DataError> {
        let before = self.line - 1;
        utf8_part(&self.file.file, self.start(count)).map_err(|error| error.moved(|line| line + before))
    }

    /// Reads more; `false` at the end.
    fn more(&mut self) -> Result<bool, DataError> {
        if self.text.has_ended() {
            return Ok(false);
        }
        if self.available() > MAX_BYTES {
            let reason = format!("a value of more than {} MiB", MAX_BYTES >> 20);
            return Err(self.line().error(None, reason));
        }
        self.bytes.drain(..self.at);
        self.at = 0;
        let before = self.bytes.len();
        self.text.read(&self.file.file, &mut self.bytes)?;
        Ok(self.bytes.len() > before)
    }

    /// The byte `offset` after the current one, if there is one.
    fn peek(&mut self, offset: usize) -> Result<Option<u8>, DataError> {
        while self.available() <= offset {
            if !self.more()? && self.available() <= offset {
                return Ok(None);
            }
        }
        Ok(Some(self.bytes[self.at + offset]))
    }

    /// The next byte that is not JSON's white space, which becomes the current one.
    pub(super) fn next_byte(&mut self) -> Result<Option<u8>, DataError> {
        loop {
            match self.peek(0)? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.advance(1),
                other => return Ok(other),
            }
        }
    }

    /// The bytes up to the end of the line.
    pub(super) fn line_length(&mut self) -> Result<usize, DataError> {
        let mut from = 0;
        loop {
            let rest = &self.bytes[self.at + from..];
            if let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
                return Ok(from + end);
            }
            from = self.available();
            if !self.more()? {
                return Ok(self.available());
            }
        }
    }

    /// The length of the value that starts here, by its brackets and quotes alone; `None` if it has no end.
    pub(super) fn value_length(&mut self) -> Result<Option<usize>, DataError> {
        let mut scanner = Scanner::default();
        let mut from = 0;
        loop {
            let rest = &self.bytes[self.at + from..];
            if let Some(end) = rest
                .iter()
                .enumerate()
                .find_map(|(at, &byte)| scanner.scan(byte, at))
            {
                return Ok(Some(from + end));
            }
            from = self.available();
            if !self.more()? {
                return Ok(scanner.is_outside().then(|| self.available()));
            }
        }
    }

    /// Uses the value that starts here, without keeping it in memory; an error if it has no end.
    pub(super) fn skip_value(&mut self) -> Result<(), DataError> {
        let mut scanner = Scanner::default();
        loop {
            let rest = &self.bytes[self.at..];
            if let Some(end) = rest
                .iter()
                .enumerate()
                .find_map(|(at, &byte)| scanner.scan(byte, at))
            {
                self.advance(end);
                return Ok(());
            }
            self.advance(self.available());
            if !self.more()? {
                return match scanner.is_outside() {
                    true => Ok(()),
                    false => Err(self.line().error(None, "not JSON (a value has no end)")),
                };
            }
        }
    }
}

/// Finds the end of a value by brackets and quotes.
#[derive(Default)]
struct Scanner {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Scanner {
    /// The end of the value, if this byte at `at` shows it.
    fn scan(&mut self, byte: u8, at: usize) -> Option<usize> {
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return (!self.quoted && self.depth == 0).then_some(at + 1);
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth == 0 => return Some(at),
            b'}' | b']' => {
                self.depth -= 1;
                return (self.depth == 0).then_some(at + 1);
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => return Some(at),
            _ => {}
        }
        None
    }

    /// Whether the text may end here.
    fn is_outside(&self) -> bool {
        self.depth == 0 && !self.quoted
    }
}
