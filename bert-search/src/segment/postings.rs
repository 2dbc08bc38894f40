//! The inverted index of a segment, which tantivy writes and reads in the folder `words` of the segment.
//!
//! Document numbers are those of the segment: tantivy counts documents in the order in which they come, and so do merges.
//! Only documents and frequencies are taken from it. How long documents are is in the table of documents, since tantivy rounds
//! lengths to a byte; and scores are computed in `bm25.rs`, since tantivy has k1 and b as constants.

use std::fmt;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::MmapDirectory;
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::indexer::merge_filtered_segments;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{
    BitSet, Index, InvertedIndexReader, SegmentReader, SingleSegmentIndexWriter, TantivyDocument, Term,
};

use super::Segment;
use crate::IndexError;
use crate::analyzer::Analyzer;
use crate::document::Document;
use crate::files::{FileEntry, MappedFile, SegmentEntry, sync_folder};

const FOLDER: &str = "words";

/// The capacity that tantivy's table of words starts with is derived from this; it grows.
const FIRST_MEMORY: usize = 2 << 20;

/// The only field.
fn field() -> Field {
    Field::from_field_id(0)
}

/// The inverted index of a segment.
pub(super) struct Postings {
    segment: tantivy::Segment,
    words: Arc<InvertedIndexReader>,
    dir: PathBuf,
}

impl fmt::Debug for Postings {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("Postings").field(&self.dir).finish()
    }
}

impl Postings {
    /// Opens the files of a segment.
    pub fn open(segment: &Path, entry: &SegmentEntry) -> Result<Self, IndexError> {
        // Tantivy compares neither sizes nor checksums when it opens files.
        for file in entry.files.iter().filter(|file| file.name.starts_with(FOLDER)) {
            MappedFile::open(segment, file)?;
        }
        let dir = segment.join(FOLDER);
        let open = || -> tantivy::Result<_> {
            let index = Index::open(MmapDirectory::open(&dir)?)?;
            let mut segments = index.searchable_segments()?;
            let segment = segments.pop().filter(|_| segments.is_empty());
            segment
                .map(|segment| {
                    let reader = SegmentReader::open(&segment)?;
                    Ok((segment, reader.max_doc(), reader.inverted_index(field())?))
                })
                .transpose()
        };
        let opened = guarded(&dir, || open().map_err(|error| failed(&dir, &error)))?;
        match opened {
            Some((segment, documents, words)) if u64::from(documents) == entry.documents => {
                Ok(Postings { segment, words, dir })
            }
            _ => Err(IndexError::damaged(
                &dir,
                "it does not hold the documents of its segment",
            )),
        }
    }

    /// How many documents have the word, deleted ones included.
    pub fn document_frequency(&self, word: &str) -> Result<u64, IndexError> {
        guarded(&self.dir, || {
            let frequency = self.words.doc_freq(&Term::from_field_text(field(), word));
            frequency.map(u64::from).map_err(IndexError::io(&self.dir))
        })
    }

    /// Shows each document that has the word, deleted ones included, and how often.
    pub fn each(
        &self,
        word: &str,
        mut show: impl FnMut(u32, u32) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let term = Term::from_field_text(field(), word);
        guarded(&self.dir, || {
            let found = self
                .words
                .read_block_postings(&term, IndexRecordOption::WithFreqs);
            let Some(mut block) = found.map_err(IndexError::io(&self.dir))? else {
                return Ok(());
            };
            while BlockSegmentPostings::block_len(&block) > 0 {
                for (&document, &count) in block.docs().iter().zip(block.freqs()) {
                    show(document, count)?;
                }
                block.advance();
            }
            Ok(())
        })
    }
}

/// The inverted index of a segment that is being written. It is in memory until it is finished.
pub(super) struct NewPostings {
    writer: SingleSegmentIndexWriter,
    empty: usize,
    dir: PathBuf,
}

impl fmt::Debug for NewPostings {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("NewPostings").field(&self.dir).finish()
    }
}

impl NewPostings {
    /// Creates the folder.
    pub fn create(segment: &Path, analyzer: Analyzer) -> Result<Self, IndexError> {
        let dir = segment.join(FOLDER);
        let mut schema = Schema::builder();
        let words = TextFieldIndexing::default()
            .set_tokenizer(analyzer.name())
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(false);
        schema.add_text_field("words", TextOptions::default().set_indexing_options(words));
        let builder = Index::builder()
            .schema(schema.build())
            .tokenizers(Analyzer::manager());
        fs::create_dir(&dir).map_err(IndexError::io(&dir))?;
        let create = || builder.single_segment_index_writer(MmapDirectory::open(&dir)?, FIRST_MEMORY);
        let writer = create().map_err(|error| failed(&dir, &error))?;
        Ok(NewPostings {
            empty: writer.mem_usage(),
            writer,
            dir,
        })
    }

    /// About how much memory its words take, without the few megabytes that it takes before the first one.
    pub fn memory(&self) -> usize {
        self.writer.mem_usage().saturating_sub(self.empty)
    }

    /// Appends the title and the text of a document.
    pub fn push(&mut self, document: &Document) -> Result<(), IndexError> {
        let mut words = TantivyDocument::default();
        words.add_text(field(), &document.title);
        words.add_text(field(), &document.text);
        let added = self.writer.add_document(words);
        added.map_err(|error| failed(&self.dir, &error))
    }

    /// Completes the files.
    pub fn finish(self) -> Result<Vec<FileEntry>, IndexError> {
        self.writer
            .finalize()
            .map_err(|error| failed(&self.dir, &error))?;
        entries(&self.dir)
    }
}

/// Writes the inverted index of a new segment, which has the live documents of others, one after the other.
pub(super) fn merge(segment: &Path, merged: &[Segment]) -> Result<Vec<FileEntry>, IndexError> {
    let dir = segment.join(FOLDER);
    fs::create_dir(&dir).map_err(IndexError::io(&dir))?;
    let (mut segments, mut alive) = (Vec::new(), Vec::new());
    for segment in merged {
        let Some(postings) = &segment.postings else {
            return Err(IndexError::damaged(segment.dir(), "it has no words"));
        };
        let mut set = BitSet::with_max_value(segment.documents());
        for document in segment.live() {
            set.insert(document);
        }
        let mut bytes = Vec::new();
        write_alive_bitset(&set, &mut bytes).map_err(IndexError::io(&dir))?;
        segments.push(postings.segment.clone());
        alive.push(Some(AliveBitSet::open(tantivy::directory::OwnedBytes::new(
            bytes,
        ))));
    }
    let merge = || merge_filtered_segments(&segments, Default::default(), alive, MmapDirectory::open(&dir)?);
    merge().map_err(|error| failed(&dir, &error))?;
    entries(&dir)
}

/// The entries of the files that tantivy has written.
fn entries(dir: &Path) -> Result<Vec<FileEntry>, IndexError> {
    let mut entries = Vec::new();
    for file in fs::read_dir(dir).map_err(IndexError::io(dir))? {
        let name = file.map_err(IndexError::io(dir))?.file_name();
        let name = name.to_string_lossy();
        // Locks are files too.
        if !name.ends_with(".lock") {
            let segment = dir.parent().unwrap_or(dir);
            entries.push(FileEntry::of(segment, format!("{FOLDER}/{name}"))?);
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    sync_folder(dir)?;
    Ok(entries)
}

/// Tantivy panics at some damaged files, which only `verify` finds if they are large.
fn guarded<T>(dir: &Path, read: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    let read = panic::catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| {
        Err(IndexError::damaged(
            dir,
            "tantivy cannot read it; verify the index to find the file",
        ))
    })
}

fn failed(dir: &Path, error: &tantivy::TantivyError) -> IndexError {
    IndexError::Postings {
        dir: dir.to_path_buf(),
        reason: error.to_string(),
    }
}
