//! The dictionary: the sorted words of a segment, each with the place of its postings.
//!
//! `words.dictionary` has blocks of [`WORDS`] words. A block starts with where the postings and the block records of its first
//! word start. A word is the number of bytes that it shares with the word before it in the block, its other bytes, how many
//! documents have it, and how many bytes its postings take; all numbers are of variable length. `words.index` has the place of
//! each block, for a binary search by their first words.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::Path;

use super::block::BLOCK;
use super::variable_byte::{read, write};
use crate::IndexError;
use crate::files::{FileEntry, MappedFile, NewFile};

pub(super) const DICTIONARY: &str = "words.dictionary";
pub(super) const INDEX: &str = "words.index";

/// How many words a block has.
const WORDS: usize = 16;

/// Where the postings of a word are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// How many documents have the word.
    pub documents: u64,
    /// The bytes of its postings.
    pub postings: Range<u64>,
    /// The records of its blocks; there are none if it has one block.
    pub records: Range<u64>,
}

/// How many records the blocks of so many postings have.
pub(super) fn records(documents: u64) -> u64 {
    match documents <= BLOCK as u64 {
        true => 0,
        false => documents.div_ceil(BLOCK as u64),
    }
}

/// The words of a segment.
#[derive(Debug)]
pub(super) struct Dictionary {
    pub words: MappedFile,
    pub index: MappedFile,
}

impl Dictionary {
    /// The place of a word, if there is such a word.
    pub fn find(&self, word: &[u8]) -> Result<Option<Place>, IndexError> {
        let index = self.index.numbers::<u64>()?;
        // The last block whose first word is not behind this one.
        let (mut low, mut high) = (0, index.len());
        while low < high {
            let middle = low.midpoint(high);
            let mut block = self.block(middle)?;
            match block.next()? && &block.word[..] <= word {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        let Some(number) = low.checked_sub(1) else {
            return Ok(None);
        };
        let mut block = self.block(number)?;
        while block.next()? {
            match block.word[..].cmp(word) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Some(block.place)),
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    /// All words, in order.
    pub fn iter(&self) -> Words<'_> {
        Words {
            dictionary: self,
            next: 0,
            block: None,
            started: false,
            word: Vec::new(),
        }
    }

    fn block(&self, number: usize) -> Result<Block<'_>, IndexError> {
        let index = self.index.numbers::<u64>()?;
        let all = self.words.bytes();
        let start = index.get(number).map_or(usize::MAX, |&start| start as usize);
        let end = index.get(number + 1).map_or(all.len(), |&end| end as usize);
        let damaged = || self.index.damaged("it has no usable place of a block of words");
        let mut bytes = all.get(start..end).ok_or_else(damaged)?;
        let starts = read(&mut bytes).zip(read(&mut bytes));
        let (postings, records) = starts.ok_or_else(|| self.words.damaged(UNREADABLE))?;
        Ok(Block {
            file: &self.words,
            bytes,
            word: Vec::new(),
            place: Place {
                documents: 0,
                postings: postings..postings,
                records: records..records,
            },
        })
    }
}

const UNREADABLE: &str = "a word cannot be read";

/// The words of a block, one after the other.
#[derive(Debug)]
struct Block<'a> {
    file: &'a MappedFile,
    bytes: &'a [u8],
    word: Vec<u8>,
    place: Place,
}

impl Block<'_> {
    /// Reads the next word; `false` at the end of the block.
    fn next(&mut self) -> Result<bool, IndexError> {
        if self.bytes.is_empty() {
            return Ok(false);
        }
        self.advance().ok_or_else(|| self.file.damaged(UNREADABLE))?;
        Ok(true)
    }

    fn advance(&mut self) -> Option<()> {
        let bytes = &mut self.bytes;
        let shared = usize::try_from(read(bytes)?).ok()?;
        let len = usize::try_from(read(bytes)?).ok()?;
        let (other, rest) = bytes.split_at_checked(len)?;
        *bytes = rest;
        if shared > self.word.len() {
            return None;
        }
        self.word.truncate(shared);
        self.word.extend_from_slice(other);
        let (documents, size) = (read(bytes)?, read(bytes)?);
        let (postings, first_record) = (self.place.postings.end, self.place.records.end);
        self.place = Place {
            documents,
            postings: postings..postings.checked_add(size)?,
            records: first_record..first_record.checked_add(records(documents))?,
        };
        Some(())
    }
}

/// All words of a dictionary, in order.
#[derive(Debug)]
pub(super) struct Words<'a> {
    dictionary: &'a Dictionary,
    next: usize,
    block: Option<Block<'a>>,
    started: bool,
    /// The word that was read last.
    pub word: Vec<u8>,
}

impl Words<'_> {
    /// Reads the next word, and returns its place; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Place>, IndexError> {
        loop {
            if let Some(block) = &mut self.block
                && block.next()?
            {
                if self.started && self.word >= block.word {
                    return Err(block.file.damaged("its words are not in order"));
                }
                self.started = true;
                self.word.clone_from(&block.word);
                return Ok(Some(block.place.clone()));
            }
            if self.next == self.dictionary.index.numbers::<u64>()?.len() {
                return Ok(None);
            }
            self.block = Some(self.dictionary.block(self.next)?);
            self.next += 1;
        }
    }
}

/// A dictionary that is being written.
#[derive(Debug)]
pub(super) struct NewDictionary {
    words: NewFile,
    index: NewFile,
    count: usize,
    previous: Vec<u8>,
    bytes: Vec<u8>,
}

impl NewDictionary {
    /// Creates the files.
    pub fn create(dir: &Path) -> Result<Self, IndexError> {
        Ok(NewDictionary {
            words: NewFile::create(dir, DICTIONARY)?,
            index: NewFile::create(dir, INDEX)?,
            count: 0,
            previous: Vec::new(),
            bytes: Vec::new(),
        })
    }

    /// Appends a word, which is behind all others; its postings and records follow those of the word before.
    pub fn push(&mut self, word: &[u8], place: &Place) -> Result<(), IndexError> {
        self.bytes.clear();
        if self.count.is_multiple_of(WORDS) {
            self.index.write(&self.words.size().to_le_bytes())?;
            write(&mut self.bytes, place.postings.start);
            write(&mut self.bytes, place.records.start);
            self.previous.clear();
        }
        let pairs = self.previous.iter().zip(word);
        let shared = pairs.take_while(|(a, b)| a == b).count();
        write(&mut self.bytes, shared as u64);
        write(&mut self.bytes, (word.len() - shared) as u64);
        self.bytes.extend_from_slice(&word[shared..]);
        write(&mut self.bytes, place.documents);
        write(&mut self.bytes, place.postings.end - place.postings.start);
        self.previous.truncate(shared);
        self.previous.extend_from_slice(&word[shared..]);
        self.count += 1;
        self.words.write(&self.bytes)
    }

    /// Completes the files.
    pub fn finish(self) -> Result<[FileEntry; 2], IndexError> {
        Ok([self.words.finish()?, self.index.finish()?])
    }
}
