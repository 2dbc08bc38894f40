//! The postings of new documents, in memory until their segment is complete.

use std::collections::HashMap;
use std::path::Path;

use super::LENGTHS;
use super::variable_byte::{read, write};
use super::writing::PostingsWriter;
use crate::IndexError;
use crate::analyzer::Analyzer;
use crate::document::Document;
use crate::files::{FileEntry, NewFile};

/// About what a word takes in memory beside its bytes and those of its postings.
const WORD_OVERHEAD: usize = 128;

/// The inverted index of a segment that is being written.
#[derive(Debug)]
pub(in crate::segment) struct NewPostings {
    analyzer: Analyzer,
    numbers: HashMap<Box<str>, u32>,
    lists: Vec<NewList>,
    lengths: Vec<u32>,
    memory: usize,
}

/// The documents of a word: differences and counts, all but the last as numbers of variable length.
#[derive(Debug, Default)]
struct NewList {
    bytes: Vec<u8>,
    /// The document before the last one.
    before: u32,
    last: u32,
    count: u32,
}

impl NewList {
    fn push(&mut self, document: u32) {
        if self.count > 0 && self.last != document {
            self.write_last();
        }
        self.last = document;
        self.count += 1;
    }

    fn write_last(&mut self) {
        write(&mut self.bytes, u64::from(self.last - self.before));
        write(&mut self.bytes, u64::from(self.count));
        self.before = self.last;
        self.count = 0;
    }
}

impl NewPostings {
    /// No documents.
    pub fn new(analyzer: Analyzer) -> Self {
        NewPostings {
            analyzer,
            numbers: HashMap::new(),
            lists: Vec::new(),
            lengths: Vec::new(),
            memory: 0,
        }
    }

    /// About how much memory it takes.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Appends the title and the text of a document, and returns how many words they have.
    pub fn push(&mut self, document: &Document) -> Result<u32, IndexError> {
        let number = self.lengths.len() as u32;
        let mut length = 0_u32;
        for text in [&document.title, &document.text] {
            self.analyzer.each_word(text, |word| {
                length = length
                    .checked_add(1)
                    .ok_or_else(|| IndexError::DocumentTooLarge(document.id.clone()))?;
                let list = match self.numbers.get(word) {
                    Some(&list) => list as usize,
                    None => {
                        self.numbers.insert(word.into(), self.lists.len() as u32);
                        self.memory += word.len() + WORD_OVERHEAD;
                        self.lists.push(NewList::default());
                        self.lists.len() - 1
                    }
                };
                let list = &mut self.lists[list];
                let before = list.bytes.capacity();
                list.push(number);
                self.memory += list.bytes.capacity() - before;
                Ok::<(), IndexError>(())
            })?;
        }
        self.lengths.push(length);
        self.memory += size_of::<u32>();
        Ok(length)
    }

    /// Writes the files.
    pub fn finish(self, dir: &Path) -> Result<Vec<FileEntry>, IndexError> {
        let mut words: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        words.sort_unstable();
        let mut writer = PostingsWriter::create(dir, &self.lengths)?;
        let mut lists = self.lists;
        for (word, number) in words {
            let mut list = std::mem::take(&mut lists[number as usize]);
            list.write_last();
            let (mut bytes, mut document) = (&list.bytes[..], 0);
            while let Some((gap, count)) = read(&mut bytes).zip(read(&mut bytes)) {
                document += gap as u32;
                writer.push(document, count as u32)?;
            }
            writer.finish_word(word.as_bytes())?;
        }
        let mut files = writer.finish()?;
        let mut file = NewFile::create(dir, LENGTHS)?;
        file.write(bytemuck::cast_slice(&self.lengths))?;
        files.push(file.finish()?);
        Ok(files)
    }
}
