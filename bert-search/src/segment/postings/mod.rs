//! The inverted index of a segment: which documents have a word, and how often.
//!
//! `words.dictionary` and `words.index` find a word ([`dictionary`]). `words.postings` has the postings of each word, in blocks of
//! [`BLOCK`](block::BLOCK) documents ([`block`]); `words.blocks` has a record of each block of the words that have more than one,
//! so that a search skips blocks without reading them ([`list`]). `words.lengths` has the number of words of each document.

mod block;
mod dictionary;
mod list;
mod merging;
mod new_postings;
mod variable_byte;
mod writing;

use std::path::Path;

use super::file;
use crate::IndexError;
use crate::files::{MappedFile, SegmentEntry};

use dictionary::{Dictionary, Place};
use list::Record;
pub(crate) use list::{Cursor, PostingList};
pub(super) use merging::{Source, merge};
pub(super) use new_postings::NewPostings;

const LENGTHS: &str = "words.lengths";

/// The inverted index of a segment.
#[derive(Debug)]
pub(super) struct Postings {
    dictionary: Dictionary,
    postings: MappedFile,
    records: MappedFile,
    lengths: MappedFile,
    documents: u32,
}

impl Postings {
    /// Opens the files of a segment.
    pub fn open(dir: &Path, entry: &SegmentEntry) -> Result<Self, IndexError> {
        let open = |name| MappedFile::open(dir, file(dir, entry, name)?);
        let postings = Postings {
            dictionary: Dictionary {
                words: open(dictionary::DICTIONARY)?,
                index: open(dictionary::INDEX)?,
            },
            postings: open(writing::POSTINGS)?,
            records: open(writing::RECORDS)?,
            lengths: open(LENGTHS)?,
            documents: entry.documents as u32,
        };
        if postings.lengths()?.len() as u64 != entry.documents {
            return Err(postings
                .lengths
                .damaged("it does not have one number for each document"));
        }
        Ok(postings)
    }

    /// How many words each document has.
    pub fn lengths(&self) -> Result<&[u32], IndexError> {
        self.lengths.numbers()
    }

    /// The documents that have a word, if there are any.
    pub fn find(&self, word: &str) -> Result<Option<PostingList<'_>>, IndexError> {
        let place = self.dictionary.find(word.as_bytes())?;
        place.map(|place| self.list(&place)).transpose()
    }

    fn list(&self, place: &Place) -> Result<PostingList<'_>, IndexError> {
        if place.documents == 0 || place.documents > u64::from(self.documents) {
            return Err(self
                .dictionary
                .words
                .damaged("a word has more documents than there are, or none"));
        }
        let bytes = place.postings.start as usize..place.postings.end as usize;
        let records = place.records.start as usize..place.records.end as usize;
        Ok(PostingList {
            file: &self.postings,
            bytes: (self.postings.bytes().get(bytes))
                .ok_or_else(|| self.postings.damaged("it does not have the postings of a word"))?,
            records: (self.records.numbers::<Record>()?.get(records))
                .ok_or_else(|| self.records.damaged("it does not have the blocks of a word"))?,
            records_file: &self.records,
            len: place.documents as usize,
            documents: self.documents,
        })
    }
}
