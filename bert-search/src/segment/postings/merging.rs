//! The postings of merged segments: their sorted dictionaries become one, word by word, so that memory does not grow with them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use super::dictionary::{Place, Words};
use super::writing::PostingsWriter;
use super::{LENGTHS, Postings};
use crate::IndexError;
use crate::files::{FileEntry, MappedFile, NewFile};
use crate::segment::deletions::Renumbering;

/// A segment that is merged.
pub(in crate::segment) struct Source<'a> {
    /// Its postings.
    pub postings: &'a Postings,
    /// The numbers that its documents get.
    pub numbers: Renumbering<'a>,
}

/// Writes the postings of a new segment, which has the documents of others, one segment after the other.
pub(in crate::segment) fn merge(dir: &Path, sources: &[Source]) -> Result<Vec<FileEntry>, IndexError> {
    let mut live = NewFile::create(dir, LENGTHS)?;
    for source in sources {
        for (document, length) in (0..).zip(source.postings.lengths()?) {
            if source.numbers.number(document).is_some() {
                live.write(&length.to_le_bytes())?;
            }
        }
    }
    let lengths = live.finish()?;
    let mapped = MappedFile::open(dir, &lengths)?;
    let mut writer = PostingsWriter::create(dir, mapped.numbers()?)?;

    let mut streams: Vec<(Words, Option<Place>)> = Vec::new();
    // The next word of each source. Of equal words the one of the first source comes first.
    let mut next = BinaryHeap::new();
    for (number, source) in sources.iter().enumerate() {
        let mut words = source.postings.dictionary.iter();
        let place = words.next()?;
        if place.is_some() {
            next.push(Reverse((words.word.clone(), number)));
        }
        streams.push((words, place));
    }
    while let Some(Reverse((word, number))) = next.pop() {
        let source = &sources[number];
        let (words, place) = &mut streams[number];
        if let Some(place) = place.take() {
            let list = source.postings.list(&place)?;
            list.each(|document, count| match source.numbers.number(document) {
                Some(document) => writer.push(document, count),
                None => Ok(()),
            })?;
        }
        *place = words.next()?;
        if place.is_some() {
            next.push(Reverse((words.word.clone(), number)));
        }
        if next.peek().is_none_or(|Reverse((other, _))| *other != word) {
            writer.finish_word(&word)?;
        }
    }
    let mut files = writer.finish()?;
    files.push(lengths);
    Ok(files)
}
