//! Encoded examples, packed: a token takes some two bytes, in memory or in a file that is mapped into it.

use std::io::{self, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use bert_core::BertTokenizer;
use bert_tasks::{Batch, Collation, EncodedRow, Task, TaskError};
use memmap2::Mmap;

/// Examples encoded at once: what is not packed yet is never more than theirs.
const AT_ONCE: usize = 4096;
/// Bytes of a row's entry in the table: where the row ends, and how many tokens it has.
pub(crate) const ENTRY: usize = 8 + 4;

/// Rows in the order of their examples. Each is unpacked when it is asked for, so that a dataset takes as much memory
/// as its token ids do, and none to speak of where it lies in a file. A clone shares them.
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
pub struct EncodedDataset<K: Task> {
    storage: Arc<Storage>,
    range: Range<usize>,
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

    /// Where the row ends, and its tokens.
    fn entry(&self, row: usize) -> (usize, usize) {
        let (end, tokens) = self.table()[row * ENTRY..][..ENTRY].split_at(8);
        let end = u64::from_le_bytes(end.try_into().expect("8 bytes"));
        let tokens = u32::from_le_bytes(tokens.try_into().expect("4 bytes"));
        (end as usize, tokens as usize)
    }
}

impl<K: Task> EncodedDataset<K> {
    /// `examples` as `task` encodes them.
    ///
    /// # Errors
    /// As [`bert_tasks::Encode::encode`].
    pub fn encode(
        task: &K,
        examples: &[K::Example],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Self, TaskError> {
        let mut writer = RecordWriter::new(vec![]);
        for_each_row(task, examples, tokenizer, max_length, |row| {
            writer.push(row).expect("memory takes all that is written");
            Ok::<(), TaskError>(())
        })?;
        Ok(writer.into())
    }

    /// The rows of a file: `rows` and `table` are the parts of it that a [`RecordWriter`] gave.
    pub(crate) fn mapped(map: Mmap, rows: Range<usize>, table: Range<usize>) -> Self {
        let count = table.len() / ENTRY;
        Self::new(Storage::Mapped { map, rows, table }, count)
    }

    fn new(packed: Storage, count: usize) -> Self {
        Self {
            storage: Arc::new(packed),
            range: 0..count,
            task: PhantomData,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// Tokens of the row at `place`, without unpacking it.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn tokens(&self, place: usize) -> usize {
        self.storage.entry(self.at(place)).1
    }

    /// The row at `place`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn get(&self, place: usize) -> K::Row {
        let at = self.at(place);
        let start = at.checked_sub(1).map_or(0, |before| self.storage.entry(before).0);
        let end = self.storage.entry(at).0;
        postcard::from_bytes(&self.storage.rows()[start..end])
            .expect("a task's rows are read as they were written")
    }

    /// All rows, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = K::Row> + '_ {
        (0..self.len()).map(|place| self.get(place))
    }

    /// Those whose places are in `range`.
    ///
    /// # Panics
    /// If it reaches beyond the last.
    pub fn slice(&self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.len());
        let start = self.range.start;
        Self {
            range: start + range.start..start + range.end,
            ..self.clone()
        }
    }

    /// The batch of the rows that `context` names, as `task` collates them.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn batch(&self, task: &K, context: &Collation<'_>) -> Batch<K::Input, K::Target> {
        let rows: Vec<K::Row> = context.rows.iter().map(|&place| self.get(place)).collect();
        Batch::new(task, &rows, context)
    }

    fn at(&self, place: usize) -> usize {
        assert!(place < self.len(), "row {place} of {}", self.len());
        self.range.start + place
    }
}

impl<K: Task> FromIterator<K::Row> for EncodedDataset<K> {
    fn from_iter<I: IntoIterator<Item = K::Row>>(rows: I) -> Self {
        let mut writer = RecordWriter::new(vec![]);
        for row in rows {
            writer.push(&row).expect("memory takes all that is written");
        }
        writer.into()
    }
}

impl<K: Task> From<RecordWriter<Vec<u8>>> for EncodedDataset<K> {
    fn from(writer: RecordWriter<Vec<u8>>) -> Self {
        let count = writer.table.len() / ENTRY;
        let (rows, table) = writer.finish();
        Self::new(Storage::Memory { rows, table }, count)
    }
}

/// Writes packed rows one behind the other.
pub(crate) struct RecordWriter<W> {
    out: W,
    table: Vec<u8>,
    end: u64,
    row: Vec<u8>,
}

impl<W: Write> RecordWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            table: vec![],
            end: 0,
            row: vec![],
        }
    }

    pub(crate) fn push<R: EncodedRow>(&mut self, row: &R) -> io::Result<()> {
        self.row.clear();
        postcard::to_io(row, &mut self.row).map_err(io::Error::other)?;
        self.out.write_all(&self.row)?;
        self.end += self.row.len() as u64;
        self.table.extend(self.end.to_le_bytes());
        self.table.extend((row.tokens() as u32).to_le_bytes());
        Ok(())
    }

    /// What was written into, and the table of what was written.
    pub(crate) fn finish(self) -> (W, Vec<u8>) {
        (self.out, self.table)
    }
}

/// Encodes `examples`, some at a time, and gives out each row.
pub(crate) fn for_each_row<K: Task, E: From<TaskError>>(
    task: &K,
    examples: &[K::Example],
    tokenizer: &BertTokenizer,
    max_length: usize,
    mut take: impl FnMut(&K::Row) -> Result<(), E>,
) -> Result<(), E> {
    for (number, some) in examples.chunks(AT_ONCE).enumerate() {
        for mut row in task.encode(some, tokenizer, max_length)? {
            row.set_example(row.example() + number * AT_ONCE);
            take(&row)?;
        }
    }
    Ok(())
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
    fn rows_come_out_as_they_went_in() {
        let expected = rows();
        let packed: EncodedDataset<TokenTagging> = expected.iter().cloned().collect();
        assert_eq!(packed.len(), 5);
        let slice = packed.slice(2..5).slice(1..3);
        assert_eq!(slice.len(), 2);
        let same = |found: TagRow, expected: &TagRow| {
            assert_eq!(format!("{found:?}"), format!("{expected:?}"));
        };
        for (place, expected) in expected.iter().enumerate() {
            assert_eq!(packed.tokens(place), expected.encoding.ids.len());
            same(packed.get(place), expected);
        }
        packed
            .iter()
            .zip(&expected)
            .for_each(|(found, expected)| same(found, expected));
        slice
            .iter()
            .zip(&expected[3..])
            .for_each(|(found, expected)| same(found, expected));
    }
}
