//! The documents of a segment: JSON lines, a table of where each starts, and their ids, in order for the look-up.
//!
//! `documents.jsonl` and `ids` hold documents and ids one after the other. `documents.table` has three numbers for each document:
//! where it starts in `documents.jsonl`, where its id starts in `ids`, and its first row; and three more for the end. `ids.order`
//! has the numbers of the documents in the order of their ids.

use std::ops::Range;
use std::path::Path;

use super::file;
use crate::IndexError;
use crate::document::Document;
use crate::files::{FileEntry, MappedFile, NewFile, SegmentEntry};

const DOCUMENTS: &str = "documents.jsonl";
const TABLE: &str = "documents.table";
const IDS: &str = "ids";
const ORDER: &str = "ids.order";

type Record = [u64; 3];

/// The documents of a segment.
#[derive(Debug)]
pub(super) struct Documents {
    documents: MappedFile,
    table: MappedFile,
    ids: MappedFile,
    order: MappedFile,
}

impl Documents {
    /// Opens the files of a segment.
    pub fn open(dir: &Path, entry: &SegmentEntry) -> Result<Self, IndexError> {
        let open = |name| MappedFile::open(dir, file(dir, entry, name)?);
        let documents = Documents {
            documents: open(DOCUMENTS)?,
            table: open(TABLE)?,
            ids: open(IDS)?,
            order: open(ORDER)?,
        };
        let count = entry.documents as usize;
        let table = documents.table.numbers::<Record>()?;
        let last = [
            documents.documents.bytes().len() as u64,
            documents.ids.bytes().len() as u64,
            entry.passages,
        ];
        if table.len() != count + 1 || table[count] != last {
            return Err(documents.table.damaged("it does not match the other files"));
        }
        if documents.order.numbers::<u32>()?.len() != count {
            return Err(documents
                .order
                .damaged("it does not have one number for each document"));
        }
        Ok(documents)
    }

    /// The range of a document in one of the columns of the table.
    fn range(&self, document: u32, column: usize) -> Result<Range<usize>, IndexError> {
        let table = self.table.numbers::<Record>()?;
        // The end of the table is the end of the other files, which was compared when they were opened.
        match (table.get(document as usize..document as usize + 2), table.last()) {
            (Some([start, end]), Some(last))
                if start[column] <= end[column] && end[column] <= last[column] =>
            {
                Ok(start[column] as usize..end[column] as usize)
            }
            _ => Err(self.table.damaged("it has no usable record for a document")),
        }
    }

    /// The rows of a document's vectors.
    pub fn rows_of(&self, document: u32) -> Result<Range<usize>, IndexError> {
        self.range(document, 2)
    }

    /// The document that a row belongs to, which is one of `among`.
    pub fn document_of(&self, row: usize, among: &Range<u32>) -> Result<u32, IndexError> {
        let table = self.table.numbers::<Record>()?;
        let records = table
            .get(among.start as usize..among.end as usize)
            .unwrap_or_default();
        // Where each document has one passage, which is common, its position is known.
        if let Some(guess) = records
            .first()
            .and_then(|first| row.checked_sub(first[2] as usize))
            && let Some([start, end]) = records.get(guess..guess + 2)
            && (start[2], end[2]) == (row as u64, row as u64 + 1)
        {
            return Ok(among.start + guess as u32);
        }
        // Documents without passages start where the next one starts, so the last document that starts here is meant.
        match records.partition_point(|record| record[2] <= row as u64) {
            0 => Err(self.table.damaged("it has no document for a row")),
            behind => Ok(among.start + behind as u32 - 1),
        }
    }

    /// The id of a document.
    pub fn id(&self, document: u32) -> Result<&str, IndexError> {
        let bytes = self.ids.bytes().get(self.range(document, 1)?);
        let id = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
        id.ok_or_else(|| self.ids.damaged("an id cannot be read"))
    }

    /// A document.
    pub fn document(&self, document: u32) -> Result<Document, IndexError> {
        let line = self.documents.bytes().get(self.range(document, 0)?);
        let read = line.and_then(|line| serde_json::from_slice(line).ok());
        read.ok_or_else(|| self.documents.damaged("a document cannot be read"))
    }

    /// The number of the last document with this id; earlier ones were replaced before the segment was complete.
    pub fn find(&self, id: &str) -> Result<Option<u32>, IndexError> {
        let order = self.order.numbers::<u32>()?;
        let (mut low, mut high) = (0, order.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.id(order[middle])? <= id {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        let Some(last) = low.checked_sub(1).map(|last| order[last]) else {
            return Ok(None);
        };
        Ok((self.id(last)? == id).then_some(last))
    }
}

/// The documents of a segment that is being written.
#[derive(Debug)]
pub(super) struct NewDocuments {
    documents: NewFile,
    table: NewFile,
    ids: NewFile,
    count: u32,
    rows: u64,
}

impl NewDocuments {
    /// Creates the files.
    pub fn create(dir: &Path) -> Result<Self, IndexError> {
        Ok(NewDocuments {
            documents: NewFile::create(dir, DOCUMENTS)?,
            table: NewFile::create(dir, TABLE)?,
            ids: NewFile::create(dir, IDS)?,
            count: 0,
            rows: 0,
        })
    }

    /// How many documents were added.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How many passages they have.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends a document.
    pub fn push(&mut self, document: &Document) -> Result<(), IndexError> {
        self.write_record()?;
        let mut line = serde_json::to_vec(document).expect("a document has only strings and numbers");
        line.push(b'\n');
        self.documents.write(&line)?;
        self.ids.write(document.id.as_bytes())?;
        self.rows += document.passages.len() as u64;
        self.count += 1;
        Ok(())
    }

    /// Appends a document of another segment.
    pub fn copy(&mut self, from: &Documents, document: u32) -> Result<(), IndexError> {
        self.write_record()?;
        let line = from.documents.bytes().get(from.range(document, 0)?);
        self.documents
            .write(line.ok_or_else(|| from.documents.damaged("a document cannot be read"))?)?;
        self.ids.write(from.id(document)?.as_bytes())?;
        self.rows += from.rows_of(document)?.len() as u64;
        self.count += 1;
        Ok(())
    }

    fn write_record(&mut self) -> Result<(), IndexError> {
        let record: Record = [self.documents.size(), self.ids.size(), self.rows];
        self.table.write(bytemuck::bytes_of(&record))
    }

    /// Completes the files.
    pub fn finish(mut self, dir: &Path) -> Result<Vec<FileEntry>, IndexError> {
        self.write_record()?;
        let mut files = vec![self.documents.finish()?, self.table.finish()?, self.ids.finish()?];
        let [_, table, ids] = &files[..] else {
            unreachable!()
        };
        // The ids are sorted where they lie on disk, so that they never are in memory together.
        let table = MappedFile::open(dir, table)?;
        let ids = MappedFile::open(dir, ids)?;
        let (table, ids) = (table.numbers::<Record>()?, ids.bytes());
        let id = |&document: &u32| {
            let document = document as usize;
            (
                &ids[table[document][1] as usize..table[document + 1][1] as usize],
                document,
            )
        };
        let mut order: Vec<u32> = (0..self.count).collect();
        order.sort_unstable_by_key(id);
        let mut file = NewFile::create(dir, ORDER)?;
        file.write(bytemuck::cast_slice(&order))?;
        files.push(file.finish()?);
        Ok(files)
    }
}
