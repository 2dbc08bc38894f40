//! The postings of a word, and a cursor that goes over them.

use std::ops::Range;

use super::block::{BLOCK, Block};
use crate::IndexError;
use crate::files::MappedFile;

/// What is known of a block without reading it: where it starts in the postings of its word; its last document, the highest count
/// and the least number of words of its documents, packed.
pub(super) type Record = [u64; 2];

/// Larger counts and lengths are kept as this.
const MOST: u32 = u16::MAX as u32;

/// Packs a record.
pub(super) fn record(start: u64, block: &Block, lengths: &[u32]) -> Record {
    let documents = &block.documents[..block.len];
    let length = |&document: &u32| lengths.get(document as usize).copied().unwrap_or(0);
    let shortest = documents.iter().map(length).min().unwrap_or(0);
    let count = block.counts[..block.len].iter().copied().max().unwrap_or(0);
    let last = documents.last().copied().unwrap_or(0);
    let bounds = u64::from(count.min(MOST)) << 32 | u64::from(shortest.min(MOST)) << 48;
    [start, u64::from(last) | bounds]
}

/// The documents that have a word, deleted ones included, and how often they have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostingList<'a> {
    pub(super) file: &'a MappedFile,
    pub(super) bytes: &'a [u8],
    /// One for each block, or none if there is one block.
    pub(super) records: &'a [Record],
    pub(super) records_file: &'a MappedFile,
    pub(super) len: usize,
    /// The number of documents of the segment.
    pub(super) documents: u32,
}

impl PostingList<'_> {
    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Shows each document, and how often it has the word.
    pub fn each(&self, mut show: impl FnMut(u32, u32) -> Result<(), IndexError>) -> Result<(), IndexError> {
        let mut block = Block::empty();
        for number in 0..self.len.div_ceil(BLOCK) {
            self.read(number, &mut block)?;
            for (&document, &count) in block.documents.iter().zip(&block.counts).take(block.len) {
                show(document, count)?;
            }
        }
        Ok(())
    }

    fn read(&self, number: usize, block: &mut Block) -> Result<(), IndexError> {
        let base = number
            .checked_sub(1)
            .map_or(0, |before| last(&self.records[before]) + 1);
        let start = self.records.get(number).map_or(0, |record| record[0] as usize);
        let end = self
            .records
            .get(number + 1)
            .map_or(self.bytes.len(), |record| record[0] as usize);
        let len = (self.len - number * BLOCK).min(BLOCK);
        let read = self.bytes.get(start..end);
        let read = read.and_then(|bytes| block.decode(bytes, len, base, self.documents));
        let as_recorded = self
            .records
            .get(number)
            .is_none_or(|record| last(record) == block.documents[len - 1]);
        read.filter(|()| as_recorded)
            .ok_or_else(|| self.file.damaged("the documents of a word cannot be read"))
    }
}

fn last(record: &Record) -> u32 {
    // Documents are less than 2^30, and damage must not overflow.
    record[1] as u32 & (u32::MAX >> 1)
}

/// A place in a posting list, which only moves forward. The block where it is, is in memory.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    list: PostingList<'a>,
    /// The record of the only block.
    only: [Record; 1],
    /// The first block that does not end before the place.
    number: usize,
    /// The number of the block in memory.
    loaded: usize,
    block: Block,
    /// The first posting of the block in memory that is not before the place.
    position: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a list, with the numbers of words of all documents.
    pub fn new(list: PostingList<'a>, lengths: &[u32]) -> Result<Self, IndexError> {
        let mut cursor = Cursor {
            list,
            only: [[0; 2]],
            number: 0,
            loaded: usize::MAX,
            block: Block::empty(),
            position: 0,
        };
        if list.records.is_empty() {
            list.read(0, &mut cursor.block)?;
            cursor.only = [record(0, &cursor.block, lengths)];
            cursor.loaded = 0;
        }
        Ok(cursor)
    }

    fn records(&self) -> &[Record] {
        match self.list.records {
            [] => &self.only,
            records => records,
        }
    }

    /// No document of the next block is before this one.
    fn base(&self) -> u32 {
        let before = self.number.checked_sub(1);
        before.map_or(0, |before| last(&self.records()[before]) + 1)
    }

    /// Moves to the first block that does not end before a document.
    fn skip(&mut self, document: u32) {
        let rest = &self.records()[self.number..];
        if rest.first().is_some_and(|record| last(record) < document) {
            self.number += rest.partition_point(|record| last(record) < document);
        }
    }

    /// No document from `document` on is before this one; `None` if there is no more. Where the block is in memory, it is the
    /// next one.
    pub fn next_from(&mut self, document: u32) -> Result<Option<u32>, IndexError> {
        self.skip(document);
        if self.number == self.records().len() {
            return Ok(None);
        }
        if self.loaded == self.number {
            let rest = &self.block.documents[self.position..self.block.len];
            return Ok(rest.get(rest.partition_point(|&other| other < document)).copied());
        }
        match document.max(self.base()) {
            next if next < self.list.documents => Ok(Some(next)),
            _ => Err(self
                .list
                .records_file
                .damaged("a block has documents that there are not")),
        }
    }

    /// For each block that may have documents of a window: at least the highest count, and at most the least number of words.
    pub fn bounds(&mut self, window: &Range<u32>) -> impl Iterator<Item = (u32, u32)> {
        self.skip(window.start);
        let (mut base, end) = (self.base(), window.end);
        let of_window = move |record: &&Record| {
            let starts = base < end;
            base = last(record) + 1;
            starts
        };
        let records = self.records()[self.number..].iter().take_while(of_window);
        records.map(|record| {
            let (count, length) = (record[1] >> 32 & u64::from(MOST), record[1] >> 48);
            let count = if count == u64::from(MOST) {
                u32::MAX
            } else {
                count as u32
            };
            (count, length as u32)
        })
    }

    /// Shows each document of a window, and how often it has the word.
    pub fn each(&mut self, window: &Range<u32>, mut show: impl FnMut(u32, u32)) -> Result<(), IndexError> {
        self.skip(window.start);
        while self.number < self.records().len() && self.base() < window.end {
            self.seek(window.start)?;
            let block = &self.block;
            let end = block.documents[..block.len].partition_point(|&document| document < window.end);
            for position in self.position..end {
                show(block.documents[position], block.counts[position]);
            }
            self.position = self.position.max(end);
            if self.position < self.block.len {
                break;
            }
            self.number += 1;
        }
        Ok(())
    }

    /// How often a document has the word.
    pub fn count_of(&mut self, document: u32) -> Result<u32, IndexError> {
        self.skip(document);
        if self.number == self.records().len() {
            return Ok(0);
        }
        self.seek(document)?;
        let found = self.position < self.block.len && self.block.documents[self.position] == document;
        Ok(if found {
            self.block.counts[self.position]
        } else {
            0
        })
    }

    /// Moves to the first posting from a document on, in the block that ends with it or behind it.
    fn seek(&mut self, document: u32) -> Result<(), IndexError> {
        if self.loaded != self.number {
            self.list.read(self.number, &mut self.block)?;
            self.loaded = self.number;
            self.position = 0;
        }
        let rest = &self.block.documents[self.position..self.block.len];
        if rest.first().is_some_and(|&first| first < document) {
            self.position += rest.partition_point(|&other| other < document);
        }
        Ok(())
    }
}
