//! Writing postings word by word, from new documents and from merged segments alike.

use std::path::Path;

use super::block::{BLOCK, Block};
use super::dictionary::{NewDictionary, Place, records};
use super::list::{Record, record};
use crate::IndexError;
use crate::files::{FileEntry, NewFile};

pub(super) const POSTINGS: &str = "words.postings";
pub(super) const RECORDS: &str = "words.blocks";

/// The words and postings of a segment that is being written. No more than a block is in memory.
#[derive(Debug)]
pub(super) struct PostingsWriter<'a> {
    dictionary: NewDictionary,
    postings: NewFile,
    records: NewFile,
    lengths: &'a [u32],
    block: Block,
    /// No document of the block is before this one.
    base: u32,
    /// The record of the first block, until there is a second one.
    first: Option<Record>,
    place: Place,
    bytes: Vec<u8>,
}

impl<'a> PostingsWriter<'a> {
    /// Creates the files; `lengths` has the number of words of each document.
    pub fn create(dir: &Path, lengths: &'a [u32]) -> Result<Self, IndexError> {
        Ok(PostingsWriter {
            dictionary: NewDictionary::create(dir)?,
            postings: NewFile::create(dir, POSTINGS)?,
            records: NewFile::create(dir, RECORDS)?,
            lengths,
            block: Block::empty(),
            base: 0,
            first: None,
            place: Place::default(),
            bytes: Vec::new(),
        })
    }

    /// Appends a posting of the next word. Documents come in order.
    pub fn push(&mut self, document: u32, count: u32) -> Result<(), IndexError> {
        if self.block.len == BLOCK {
            self.write_block()?;
        }
        self.block.push(document, count);
        self.place.documents += 1;
        Ok(())
    }

    /// Completes a word, which is behind all others. Without postings it is left out.
    pub fn finish_word(&mut self, word: &[u8]) -> Result<(), IndexError> {
        if self.place.documents == 0 {
            return Ok(());
        }
        self.write_block()?;
        let record = self.place.records.start;
        self.place.records.end = record + records(self.place.documents);
        self.place.postings.end = self.postings.size();
        self.dictionary.push(word, &self.place)?;
        self.base = 0;
        self.place = Place {
            documents: 0,
            postings: self.place.postings.end..self.place.postings.end,
            records: self.place.records.end..self.place.records.end,
        };
        Ok(())
    }

    fn write_block(&mut self) -> Result<(), IndexError> {
        let start = self.postings.size() - self.place.postings.start;
        let record = record(start, &self.block, self.lengths);
        if self.base == 0 {
            self.first = Some(record);
        } else {
            for record in self.first.take().into_iter().chain([record]) {
                self.records.write(bytemuck::bytes_of(&record))?;
            }
        }
        self.bytes.clear();
        self.block.encode(self.base, &mut self.bytes);
        self.postings.write(&self.bytes)?;
        self.base = self.block.documents[self.block.len - 1] + 1;
        self.block.len = 0;
        Ok(())
    }

    /// Completes the files.
    pub fn finish(self) -> Result<Vec<FileEntry>, IndexError> {
        let mut files = vec![self.postings.finish()?, self.records.finish()?];
        files.extend(self.dictionary.finish()?);
        Ok(files)
    }
}
