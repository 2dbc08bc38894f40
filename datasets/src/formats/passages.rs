//! Lines to passages: parts of documents that are large enough to be encoded well, and small enough for the memory.

use crate::error::DataError;
use crate::examples::Passage;
use crate::source::Source;

/// The bytes from which on a passage of several lines ends: about 1000 tokens, several rows of the encoder.
const ENOUGH: usize = 1 << 12;
/// The same in a small file, of which a part could not be held out otherwise: about a row.
const MIN: usize = 1 << 9;
/// A file has about this many passages, if that does not make them too small or too large.
const PASSAGES: u64 = 64;

/// What a passage is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A line. A blank line ends a document.
    Line,
    /// A line, which is a document of its own.
    Text,
    /// Lines that follow each other, about 4 KiB of them, or less in small files. Blank lines are left out, and do not count.
    #[default]
    Block,
    /// As a block, but a blank line ends it: documents are separated by blank lines.
    Document,
}

/// Puts lines together to passages, and gives them to `take`.
pub(super) struct PassageWriter<F> {
    unit: Unit,
    enough: usize,
    file: Source,
    take: F,
    /// The passage so far.
    text: String,
    /// The line that it begins in.
    begin: usize,
    /// A passage that waits for what follows: only then is it known whether its document ends with it.
    waiting: Option<Passage>,
    document: u32,
    /// Whether a blank line came after the last text.
    blank: bool,
}

impl<F: FnMut(Passage) -> Result<(), DataError>> PassageWriter<F> {
    /// Passages of the file of `file`, which has `bytes` bytes.
    pub(super) fn new(unit: Unit, file: Source, bytes: u64, take: F) -> Self {
        Self {
            unit,
            enough: (bytes / PASSAGES).clamp(MIN as u64, ENOUGH as u64) as usize,
            file,
            take,
            text: String::new(),
            begin: 1,
            waiting: None,
            document: 0,
            blank: false,
        }
    }

    /// Adds a line, or a part of one: then `begins` is false for all parts but the first.
    pub(super) fn line(&mut self, text: &str, line: usize, begins: bool) -> Result<(), DataError> {
        if text.trim().is_empty() {
            // Also the rest of a line is no end of a document.
            self.blank |= begins;
            return Ok(());
        }
        match self.unit {
            // The rest of such a line is more than any model reads.
            Unit::Line | Unit::Text if !begins => return Ok(()),
            Unit::Line => self.end_passage()?,
            Unit::Text => {
                self.end_passage()?;
                self.end_document()?;
            }
            Unit::Document if self.blank => self.end_passage()?,
            Unit::Document | Unit::Block => {}
        }
        let begins_document = std::mem::take(&mut self.blank) && self.has_content();
        if begins_document && self.unit != Unit::Block {
            self.end_document()?;
        }
        if matches!(self.unit, Unit::Line | Unit::Text) {
            return self.push(text, line);
        }
        let mut rest = text;
        while rest.len() > 2 * self.enough {
            let (part, after) = rest.split_at(cut(rest, self.enough));
            self.push(part, line)?;
            self.end_passage()?;
            rest = after;
        }
        if rest.trim().is_empty() {
            return Ok(());
        }
        self.push(rest, line)?;
        match self.text.len() >= self.enough {
            true => self.end_passage(),
            false => Ok(()),
        }
    }

    /// Ends the document, as a blank line does.
    pub(super) fn blank(&mut self) {
        self.blank = true;
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<(), DataError> {
        self.end_passage()?;
        self.end_document()
    }

    /// Whether a passage has begun and is not handed over yet.
    fn has_content(&self) -> bool {
        self.waiting.is_some() || !self.text.is_empty()
    }

    fn push(&mut self, text: &str, line: usize) -> Result<(), DataError> {
        match self.text.is_empty() {
            true => self.begin = line,
            false => self.text.push('\n'),
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Ends the passage, if there is one.
    fn end_passage(&mut self) -> Result<(), DataError> {
        if self.text.is_empty() {
            return Ok(());
        }
        let passage = Passage {
            text: std::mem::take(&mut self.text),
            document: self.document,
            ends_document: false,
            is_input: false,
            source: self.file.line(self.begin),
        };
        match self.waiting.replace(passage) {
            Some(before) => (self.take)(before),
            None => Ok(()),
        }
    }

    /// Ends the document with the passage that waits.
    fn end_document(&mut self) -> Result<(), DataError> {
        let Some(mut last) = self.waiting.take() else {
            return Ok(());
        };
        last.ends_document = true;
        self.document = self.document.saturating_add(1);
        (self.take)(last)
    }
}

/// Where to cut a line that is longer than twice `enough`: at white space, or between two characters if there is none near.
fn cut(line: &str, enough: usize) -> usize {
    let near = line.char_indices().skip_while(|(at, _)| *at < enough);
    let mut near = near.take_while(|(at, _)| *at < 2 * enough);
    let between = near.clone().next().map_or(line.len(), |(at, _)| at);
    near.find(|(_, character)| character.is_whitespace())
        .map_or(between, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Text, document, whether it ends it, and line, of the passages of a text.
    fn passages(unit: Unit, enough: usize, text: &str) -> Vec<(String, u32, bool, usize)> {
        let mut found = vec![];
        let mut writer = PassageWriter::new(unit, Source::file(Path::new("a.txt")), 0, |passage: Passage| {
            assert!(!passage.is_input);
            found.push((
                passage.text,
                passage.document,
                passage.ends_document,
                passage.source.line,
            ));
            Ok(())
        });
        writer.enough = enough;
        for (at, line) in text.lines().enumerate() {
            writer.line(line, at + 1, true).unwrap();
        }
        writer.finish().unwrap();
        found
    }

    fn all(expected: &[(&str, u32, bool, usize)]) -> Vec<(String, u32, bool, usize)> {
        let expected = expected.iter();
        expected
            .map(|&(text, document, ends, line)| (text.to_owned(), document, ends, line))
            .collect()
    }

    const TEXT: &str = "\none\ntwo\n\n \nthree\nfour five\n\n\nsix\n";

    #[test]
    fn lines_are_passages_of_their_documents() {
        let expected = [
            ("one", 0, false, 2),
            ("two", 0, true, 3),
            ("three", 1, false, 6),
            ("four five", 1, true, 7),
            ("six", 2, true, 10),
        ];
        assert_eq!(passages(Unit::Line, 4, TEXT), all(&expected));
        let of_their_own = [
            ("one", 0, true, 2),
            ("two", 1, true, 3),
            ("three", 2, true, 6),
            ("four five", 3, true, 7),
            ("six", 4, true, 10),
        ];
        assert_eq!(passages(Unit::Text, 4, TEXT), all(&of_their_own));
    }

    #[test]
    fn blocks_are_lines_without_blank_ones() {
        assert_eq!(
            passages(Unit::Block, 1 << 12, TEXT),
            all(&[("one\ntwo\nthree\nfour five\nsix", 0, true, 2)])
        );
        let expected = [
            ("one\ntwo", 0, false, 2),
            ("three\nfour five", 0, false, 6),
            ("six", 0, true, 10),
        ];
        assert_eq!(passages(Unit::Block, 7, TEXT), all(&expected));
    }

    #[test]
    fn documents_end_at_blank_lines_and_have_parts() {
        let whole = [
            ("one\ntwo", 0, true, 2),
            ("three\nfour five", 1, true, 6),
            ("six", 2, true, 10),
        ];
        assert_eq!(passages(Unit::Document, 1 << 12, TEXT), all(&whole));
        let parts = [
            ("one\ntwo", 0, true, 2),
            ("three", 1, false, 6),
            ("four five", 1, true, 7),
            ("six", 2, true, 10),
        ];
        assert_eq!(passages(Unit::Document, 5, TEXT), all(&parts));
    }

    #[test]
    fn long_lines_are_cut_between_words() {
        let text = "one two three four five six\nseven";
        let expected = [
            ("one two", 0, false, 1),
            (" three", 0, false, 1),
            (" four", 0, false, 1),
            (" five six", 0, false, 1),
            ("seven", 0, true, 2),
        ];
        assert_eq!(passages(Unit::Block, 5, text), all(&expected));
        let found = passages(Unit::Block, 4, "äöüäöüäöüäöü");
        let joined: String = found.iter().map(|(text, ..)| text.as_str()).collect();
        assert_eq!(joined, "äöüäöüäöüäöü");
        assert!(found.len() > 2, "{found:?}");
    }
}
