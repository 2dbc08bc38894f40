//! Encoded examples in compact form: about two bytes per token, in memory or in a memory-mapped file.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use bert_core::BertTokenizer;
use bert_tasks::{Batch, Collation, Encode, EncodedRow, TaskError};
use datasets::{DataError, Example};
use memmap2::Mmap;

/// Examples encoded at a time, which bounds the memory of rows before they are stored: a long passage has many.
const AT_ONCE: usize = 512;
/// Bytes of a row's entry in the table: the end of its record, and its number of tokens with the flags [`SAME`] and [`COMPANION`].
pub(crate) const ENTRY: usize = 8 + 4;
/// The bit of a row that belongs to the same example as the row before it.
const SAME: u32 = 1 << 31;
/// The bit of a row of which training makes no batch.
const COMPANION: u32 = 1 << 30;

/// A row's entry in the table.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The end of its record, in bytes.
    end: usize,
    /// Its number of tokens.
    tokens: usize,
    /// Whether it belongs to the same example as the row before it.
    same: bool,
    /// Whether training makes no batch of it.
    companion: bool,
}

/// The rows of a dataset, in the order of their examples. Each is decoded when it is read, so that a dataset takes only the
/// memory of its token ids, or almost none if it is memory-mapped. Clones share the rows.
///
/// ```
/// # use bert_core::BertTokenizer;
/// # use bert_tasks::{SequenceClassification, TaskError};
/// # use bert_train::EncodedDataset;
/// # use datasets::TextDataset;
/// # fn example(task: SequenceClassification, data: TextDataset, tokenizer: BertTokenizer) -> Result<(), TaskError> {
/// let rows = EncodedDataset::encode(&task, data.examples(), &tokenizer, 128)?;
/// assert_eq!(rows.get(0).encoding.ids.len(), rows.tokens(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EncodedDataset<K: Encode> {
    storage: Arc<Storage>,
    len: usize,
    trained: usize,
    task: PhantomData<fn() -> K>,
}

#[derive(Debug)]
enum Storage {
    Memory {
        rows: Vec<u8>,
        table: Vec<u8>,
    },
    Mapped {
        map: Mmap,
        rows: Range<usize>,
        table: Range<usize>,
    },
}

impl Storage {
    fn rows(&self) -> &[u8] {
        match self {
            Storage::Memory { rows, .. } => rows,
            Storage::Mapped { map, rows, .. } => &map[rows.clone()],
        }
    }

    fn table(&self) -> &[u8] {
        match self {
            Storage::Memory { table, .. } => table,
            Storage::Mapped { map, table, .. } => &map[table.clone()],
        }
    }

    fn entry(&self, row: usize) -> Entry {
        let (end, tokens) = self.table()[row * ENTRY..][..ENTRY].split_at(8);
        let end = u64::from_le_bytes(end.try_into().expect("8 bytes"));
        let tokens = u32::from_le_bytes(tokens.try_into().expect("4 bytes"));
        Entry {
            end: end as usize,
            tokens: (tokens & !(SAME | COMPANION)) as usize,
            same: tokens & SAME != 0,
            companion: tokens & COMPANION != 0,
        }
    }
}

impl<K: Encode> EncodedDataset<K> {
    /// Encodes `examples` as `task` does.
    ///
    /// # Errors
    /// As [`bert_tasks::Encode::encode`], and if an example gets no row.
    pub fn encode(
        task: &K,
        examples: &[K::Example],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Self, TaskError> {
        let all = std::iter::once(Ok(Cow::Borrowed(examples)));
        Self::encode_chunks(task, all, tokenizer, max_length)
    }

    /// Encodes the examples of `chunks`, which are all examples in their order.
    pub(crate) fn encode_chunks<'a>(
        task: &K,
        chunks: impl Iterator<Item = Result<Cow<'a, [K::Example]>, DataError>>,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Self, TaskError> {
        let mut writer = RecordWriter::new(vec![]);
        for_each_row(task, chunks, tokenizer, max_length, |row| {
            writer.push(row).expect("writing to memory cannot fail");
            Ok::<(), TaskError>(())
        })?;
        Ok(writer.into())
    }

    /// The rows of a file, in which `rows` and `table` are the parts that a [`RecordWriter`] wrote.
    pub(crate) fn mapped(map: Mmap, rows: Range<usize>, table: Range<usize>) -> Self {
        let len = table.len() / ENTRY;
        Self::new(Storage::Mapped { map, rows, table }, len)
    }

    /// The rows in memory that a [`RecordWriter`] wrote, with their table.
    pub(crate) fn stored(rows: Vec<u8>, table: Vec<u8>) -> Self {
        let len = table.len() / ENTRY;
        Self::new(Storage::Memory { rows, table }, len)
    }

    fn new(storage: Storage, len: usize) -> Self {
        let trained = (0..len).filter(|&row| !storage.entry(row).companion).count();
        Self {
            storage: Arc::new(storage),
            len,
            trained,
            task: PhantomData,
        }
    }

    /// Whether the table fits the records, and every record is a row. `records` reads them: they are not read from the mapping,
    /// because its touched pages count as memory of this process.
    ///
    /// # Errors
    /// For the first fault.
    pub(crate) fn check(&self, mut records: impl Read) -> Result<(), String> {
        let (mut before, mut record) = (0, vec![]);
        let all = self.storage.rows().len();
        for row in 0..self.len {
            let Entry {
                end,
                tokens,
                companion,
                ..
            } = self.storage.entry(row);
            if end < before || end > all {
                return Err(format!("row {row} ends outside of the records"));
            }
            record.resize(end - before, 0);
            records.read_exact(&mut record).map_err(|e| e.to_string())?;
            let found: K::Row = postcard::from_bytes(&record).map_err(|e| format!("row {row}: {e}"))?;
            if found.tokens() != tokens {
                return Err(format!(
                    "row {row} has {} tokens instead of {tokens}",
                    found.tokens()
                ));
            }
            if found.is_companion() != companion {
                return Err(format!("row {row} has the wrong flags"));
            }
            before = end;
        }
        Ok(())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the rows are in a file that is mapped into memory, so that the system reads and drops its pages as needed.
    pub fn is_mapped(&self) -> bool {
        matches!(*self.storage, Storage::Mapped { .. })
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of tokens of a row, without decoding it.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn tokens(&self, row: usize) -> usize {
        self.storage.entry(row).tokens
    }

    /// Whether training reads a row only as a [companion](bert_tasks::Encode::companions) of others.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn is_companion(&self, row: usize) -> bool {
        self.storage.entry(row).companion
    }

    /// The number of rows that training makes batches of.
    pub fn trained(&self) -> usize {
        self.trained
    }

    /// All rows of the example that a row belongs to, without decoding them.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn example_rows(&self, row: usize) -> Range<usize> {
        let mut rows = row..row + 1;
        while rows.start > 0 && self.storage.entry(rows.start).same {
            rows.start -= 1;
        }
        while rows.end < self.len && self.storage.entry(rows.end).same {
            rows.end += 1;
        }
        rows
    }

    /// The row with this index.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn get(&self, row: usize) -> K::Row {
        let start = row
            .checked_sub(1)
            .map_or(0, |before| self.storage.entry(before).end);
        let end = self.storage.entry(row).end;
        postcard::from_bytes(&self.storage.rows()[start..end])
            .expect("a task's rows are read as they were written")
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = K::Row> + '_ {
        (0..self.len).map(|row| self.get(row))
    }

    /// The batch of the rows in `context` and their companions, as `task` collates them.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn batch(&self, task: &K, context: &Collation<'_>) -> Batch<K::Input, K::Target> {
        let rows: Vec<K::Row> = context.rows.iter().map(|&row| self.get(row)).collect();
        let companions = task.companions(&rows, context).into_iter();
        let companions: Vec<K::Row> = companions.map(|row| self.get(row)).collect();
        Batch::with_companions(task, &rows, &companions, context)
    }
}

impl<K: Encode> FromIterator<K::Row> for EncodedDataset<K> {
    fn from_iter<I: IntoIterator<Item = K::Row>>(rows: I) -> Self {
        let mut writer = RecordWriter::new(vec![]);
        for row in rows {
            writer.push(&row).expect("writing to memory cannot fail");
        }
        writer.into()
    }
}

impl<K: Encode> From<RecordWriter<Vec<u8>>> for EncodedDataset<K> {
    fn from(writer: RecordWriter<Vec<u8>>) -> Self {
        let (rows, table) = writer.finish();
        Self::stored(rows, table)
    }
}

/// Writes the records of rows one after another.
pub(crate) struct RecordWriter<W> {
    out: W,
    table: Vec<u8>,
    end: u64,
    row: Vec<u8>,
    /// The example of the row before.
    example: Option<usize>,
}

impl<W: Write> RecordWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            table: vec![],
            end: 0,
            row: vec![],
            example: None,
        }
    }

    pub(crate) fn push<R: EncodedRow>(&mut self, row: &R) -> io::Result<()> {
        self.row.clear();
        postcard::to_io(row, &mut self.row).map_err(io::Error::other)?;
        self.out.write_all(&self.row)?;
        self.end += self.row.len() as u64;
        self.table.extend(self.end.to_le_bytes());
        let same = self.example.replace(row.example()) == Some(row.example());
        let flags = [(same, SAME), (row.is_companion(), COMPANION)];
        let flags = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
        let entry = row.tokens() as u32 | flags.sum::<u32>();
        self.table.extend(entry.to_le_bytes());
        Ok(())
    }

    /// The output, and the table of the records in it.
    pub(crate) fn finish(self) -> (W, Vec<u8>) {
        (self.out, self.table)
    }
}

/// Encodes the examples of `chunks`, which are all examples in their order, and calls `take` with each row.
pub(crate) fn for_each_row<'a, K: Encode, E: From<TaskError>>(
    task: &K,
    chunks: impl Iterator<Item = Result<Cow<'a, [K::Example]>, DataError>>,
    tokenizer: &BertTokenizer,
    max_length: usize,
    mut take: impl FnMut(&K::Row) -> Result<(), E>,
) -> Result<(), E> {
    let mut before = 0;
    for chunk in chunks {
        let chunk = chunk.map_err(TaskError::from)?;
        for some in chunk.chunks(AT_ONCE) {
            let rows = task.encode(some, tokenizer, max_length)?;
            // Without a row, an example would have no answer.
            if let Some(example) = some.get(first_without_row(&rows)) {
                let error = example
                    .source()
                    .error(None, "this example is empty after tokenising");
                return Err(TaskError::from(error).into());
            }
            for mut row in rows {
                row.set_example(row.example() + before);
                take(&row)?;
            }
            before += some.len();
        }
    }
    Ok(())
}

/// The number of the first example that is not among those of `rows`.
fn first_without_row<R: EncodedRow>(rows: &[R]) -> usize {
    let mut next = 0;
    for row in rows {
        next += usize::from(row.example() == next);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::Encoding;
    use bert_tasks::tagging::TagRow;
    use bert_tasks::{Row, TokenTagging};

    fn rows() -> Vec<TagRow> {
        let row = |example: usize| Row {
            encoding: Encoding {
                ids: (0..example as u32 * 3).map(|id| id * 1000).collect(),
                type_ids: (0..example * 3).map(|place| u8::from(place > 4)).collect(),
                truncated: example == 2,
            },
            example: example * 1000,
            position: vec![(example as u32, 70_000)],
            target: (example != 3).then(|| vec![(1, 2), (3, 4)]),
        };
        (0..5).map(row).collect()
    }

    #[test]
    fn damaged_rows_are_found_before_they_are_read() {
        let whole: EncodedDataset<TokenTagging> = rows().into_iter().collect();
        whole.check(whole.storage.rows()).unwrap();
        let damaged = |change: fn(&mut Vec<u8>, &mut Vec<u8>)| {
            let (mut rows, mut table) = match &*whole.storage {
                Storage::Memory { rows, table } => (rows.clone(), table.clone()),
                Storage::Mapped { .. } => unreachable!("they are in memory"),
            };
            change(&mut rows, &mut table);
            let storage = Storage::Memory { rows, table };
            let changed = EncodedDataset::<TokenTagging>::new(storage, 5);
            changed.check(changed.storage.rows()).unwrap_err()
        };
        assert!(damaged(|_, table| table[7] = 0xff).contains("row 0 ends outside"));
        assert!(damaged(|_, table| table[4 * ENTRY] = 0).contains("row 4 ends outside"));
        assert!(damaged(|_, table| table[2 * ENTRY + 8] = 9).contains("tokens instead of 9"));
        // A length of 2^63 of the list of ids.
        let long = damaged(|rows, _| rows.splice(..9, [0x80; 9]).for_each(drop));
        assert!(long.starts_with("row 0"), "{long}");
    }

    #[test]
    fn an_example_without_a_row_is_found() {
        let first = |examples: [usize; 5]| {
            let mut rows = rows();
            for (row, example) in rows.iter_mut().zip(examples) {
                row.example = example;
            }
            first_without_row(&rows)
        };
        assert_eq!(first([0, 1, 2, 3, 4]), 5);
        assert_eq!(first([0, 0, 1, 1, 1]), 2);
        assert_eq!(first([0, 0, 2, 2, 3]), 1);
        assert_eq!(first([1, 2, 3, 4, 5]), 0);
    }

    #[test]
    fn the_rows_of_an_example_know_each_other() {
        let mut windows = rows();
        for (row, example) in windows.iter_mut().zip([0, 1, 1, 1, 2]) {
            row.example = example;
        }
        let stored: EncodedDataset<TokenTagging> = windows.into_iter().collect();
        let found: Vec<Range<usize>> = (0..5).map(|row| stored.example_rows(row)).collect();
        assert_eq!(found, [0..1, 1..4, 1..4, 1..4, 4..5]);
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        let expected = rows();
        let stored: EncodedDataset<TokenTagging> = expected.iter().cloned().collect();
        assert_eq!(stored.len(), 5);
        let same = |found: TagRow, expected: &TagRow| {
            assert_eq!(format!("{found:?}"), format!("{expected:?}"));
        };
        for (row, expected) in expected.iter().enumerate() {
            assert_eq!(stored.tokens(row), expected.encoding.ids.len());
            same(stored.get(row), expected);
        }
        assert!((0..5).all(|row| stored.example_rows(row) == (row..row + 1)));
        stored
            .iter()
            .zip(&expected)
            .for_each(|(found, expected)| same(found, expected));
    }
}
