//! `--cache`: encoded datasets on disk, so that no dataset is encoded twice.
//!
//! A file's name is a hash of everything that its rows depend on: the examples, the tokenizer, the task with its options,
//! the maximum length, and the version of this program. It is written atomically, so that processes that write
//! the same file at the same time do not disturb each other.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use bert_core::BertTokenizer;
use bert_core::store::{WRITING, write_file};
use bert_tasks::{Task, TaskError};
use datasets::{Examples, Message, scratch_dir};
use memmap2::Mmap;
use sha2::{Digest, Sha256};
use tempfile::{SpooledData, SpooledTempFile, spooled_tempfile_in};

use crate::progress::ProgressLine;

use super::encoded::{ENTRY, EncodedDataset, RecordWriter, for_each_row};

/// The first bytes of a file, with the version of the format.
const MAGIC: [u8; 8] = *b"bertrow2";
/// Magic and key.
const HEAD: usize = MAGIC.len() + 32;
/// The length of the rows in bytes, and the checksum (CRC-32C) of everything before it.
const TAIL: usize = 8 + 4;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Key = [u8; 32];

/// Why rows could not be stored.
#[derive(Debug, thiserror::Error)]
enum CacheError {
    #[error(transparent)]
    Task(#[from] TaskError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A dataset, and where it comes from.
#[derive(Debug)]
pub struct Cached<K: Task> {
    /// Its rows.
    pub rows: EncodedDataset<K>,
    /// A note for the user: whether it was in the cache, and where.
    pub note: Message,
}

/// The rows of `examples`: from the folder `dir` if it has them, else encoded now and stored there. A damaged file is
/// replaced. If the folder cannot be written to, the rows stay in memory.
///
/// # Errors
/// As [`bert_tasks::Encode::encode`].
pub fn encode<K: Task>(
    dir: &Path,
    task: &K,
    examples: &Examples<K::Example>,
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<Cached<K>, TaskError> {
    let key = key(task, examples, tokenizer, max_length)?;
    let name: String = key[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = dir.join(format!("{name}.rows"));
    let shown = path.display();
    let before = match open(&path, &key) {
        Ok(Some(rows)) => {
            let note = format!("read from the cache: {shown}").into();
            return Ok(Cached { rows, note });
        }
        Ok(None) => String::new(),
        Err(reason) => format!("{shown} cannot be used ({reason}); "),
    };
    let stored = store(&path, &key, task, examples, tokenizer, max_length);
    let reason = match stored.map(|()| open(&path, &key)) {
        Ok(Ok(Some(rows))) => {
            let note = format!("{before}encoded, and stored in the cache: {shown}").into();
            return Ok(Cached { rows, note });
        }
        Ok(Ok(None)) => "it is gone".into(),
        Ok(Err(reason)) => reason,
        Err(CacheError::Io(error)) => error.to_string(),
        Err(CacheError::Task(error)) => return Err(error),
    };
    Ok(Cached {
        rows: EncodedDataset::encode_chunks(task, examples.chunks(), tokenizer, max_length)?,
        note: Message::new(format!("{before}encoded, but not stored, because "))
            .option("cache")
            .text(format!(" cannot be used: {shown}: {reason}")),
    })
}

/// The most bytes of encoded rows in memory.
const MAX_IN_MEMORY: usize = 64 << 20;

/// The rows of `examples`, encoded now: in memory if they are few, else in a temporary file without a name, so that nothing of
/// it is left however the process ends. If there is no room for it, the rows stay in memory. With a note if there is
/// something to say.
///
/// # Errors
/// As [`encode`].
pub fn encode_once<K: Task>(
    task: &K,
    examples: &Examples<K::Example>,
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<(EncodedDataset<K>, Option<Message>), TaskError> {
    encode_with(MAX_IN_MEMORY, task, examples, tokenizer, max_length)
}

/// As [`encode_once`], with at most `most` bytes in memory.
fn encode_with<K: Task>(
    most: usize,
    task: &K,
    examples: &Examples<K::Example>,
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<(EncodedDataset<K>, Option<Message>), TaskError> {
    let scratch = scratch_dir();
    let shown = scratch.display();
    let key = Key::default();
    let mut out = BufWriter::new(spooled_tempfile_in(most, &scratch));
    let filled = fill(&mut out, &key, task, examples, tokenizer, max_length);
    let filled = filled.and_then(|()| out.into_inner().map_err(|e| CacheError::Io(e.into_error())));
    let reason = match filled.map(SpooledTempFile::into_inner) {
        Ok(SpooledData::InMemory(bytes)) => return Ok((in_memory(bytes.into_inner()), None)),
        Ok(SpooledData::OnDisk(file)) => match map(&file, &key) {
            Ok(rows) => {
                let note = Message::new(format!("the encoded rows are in a temporary file in {shown}; "))
                    .option("cache")
                    .text(" DIR keeps them for later runs");
                return Ok((rows, Some(note)));
            }
            Err(reason) => reason,
        },
        Err(CacheError::Io(error)) => error.to_string(),
        Err(CacheError::Task(error)) => return Err(error),
    };
    let rows = EncodedDataset::encode_chunks(task, examples.chunks(), tokenizer, max_length)?;
    let note = format!(
        "the encoded rows are in memory, because no temporary file can be used in {shown}: {reason} (TMPDIR names another \
         folder)"
    );
    Ok((rows, Some(note.into())))
}

/// The rows in the content of a file that [`fill`] wrote.
fn in_memory<K: Task>(mut bytes: Vec<u8>) -> EncodedDataset<K> {
    let lengths = bytes.split_off(bytes.len() - TAIL);
    let rows = u64::from_le_bytes(*lengths.first_chunk().expect("it has a tail")) as usize;
    let table = bytes.split_off(HEAD + rows);
    bytes.drain(..HEAD);
    EncodedDataset::stored(bytes, table)
}

/// A hash of everything that the rows depend on.
fn key<K: Task>(
    task: &K,
    examples: &Examples<K::Example>,
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<Key, TaskError> {
    let tokenizer = tokenizer.inner().to_string(false);
    let tokenizer = tokenizer.map_err(bert_core::TokenizerError::Encode)?;
    let version = env!("CARGO_PKG_VERSION");
    let about = (
        MAGIC,
        version,
        K::NAME,
        K::ENCODING,
        task.cache_key(),
        tokenizer,
        max_length,
    );
    let mut hash = BufWriter::new(Sha256::new());
    const HASHED: &str = "examples can be serialised, and hashing cannot fail";
    postcard::to_io(&about, &mut hash).expect(HASHED);
    examples.try_for_each(|example| {
        postcard::to_io(example, &mut hash).expect(HASHED);
        Ok::<(), TaskError>(())
    })?;
    let hash = hash.into_inner().expect("hashing cannot fail");
    Ok(hash.finalize().into())
}

/// Removes incomplete files of killed processes: no dataset takes a day to encode.
fn sweep(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let age = entry.metadata().and_then(|data| data.modified());
        let old = age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > DAY));
        if old && entry.file_name().to_string_lossy().starts_with(WRITING) {
            // Another process may have removed it.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Encodes the examples and writes the file.
fn store<K: Task>(
    path: &Path,
    key: &Key,
    task: &K,
    examples: &Examples<K::Example>,
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<(), CacheError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    sweep(dir)?;
    write_file(path, |out| fill(out, key, task, examples, tokenizer, max_length))
}

/// Encodes the examples and writes the content of a file.
fn fill<K: Task>(
    out: &mut dyn Write,
    key: &Key,
    task: &K,
    examples: &Examples<K::Example>,
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<(), CacheError> {
    let mut out = Summed::new(out);
    out.write_all(&MAGIC)?;
    out.write_all(key)?;
    let mut writer = RecordWriter::new(out);
    let mut progress = ProgressLine::of_texts(Some(examples.len())).named("encoding: ");
    let chunks = examples.chunks().inspect(|some| {
        progress.show(0);
        progress.add(some.as_ref().map_or(0, |some| some.len() as u64));
    });
    for_each_row(task, chunks, tokenizer, max_length, |row| {
        writer.push(row).map_err(CacheError::Io)
    })?;
    let (mut out, table) = writer.finish();
    let rows = out.bytes - HEAD as u64;
    out.write_all(&table)?;
    out.write_all(&rows.to_le_bytes())?;
    let sum = out.sum.to_le_bytes();
    Ok(out.write_all(&sum)?)
}

/// The rows in the file at `path`, if there is one.
///
/// # Errors
/// What is wrong with the file.
fn open<K: Task>(path: &Path, key: &Key) -> Result<Option<EncodedDataset<K>>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(e) => return Err(e.to_string()),
    };
    map(&file, key).map(Some)
}

/// The rows in a file.
///
/// # Errors
/// What is wrong with the file.
fn map<K: Task>(file: &File, key: &Key) -> Result<EncodedDataset<K>, String> {
    let (rows, table) = check(file, key).map_err(|e| e.to_string())??;
    // SAFETY: a mapped file must not change. This program never writes to a file with its final name: a new file takes
    // the name of the old one, which stays unchanged for those who have it open. If another program truncates it, the
    // system ends this process when it reads a page that is gone.
    #[allow(unsafe_code)]
    let map = unsafe { Mmap::map(file) }.map_err(|e| e.to_string())?;
    if map.len() < table.end {
        return Err("another program writes to it".into());
    }
    let mut records = BufReader::new(file);
    let start = io::SeekFrom::Start(rows.start as u64);
    records.seek(start).map_err(|e| e.to_string())?;
    let rows = EncodedDataset::mapped(map, rows, table);
    rows.check(records)?;
    Ok(rows)
}

type Parts = (std::ops::Range<usize>, std::ops::Range<usize>);

/// The ranges of rows and table in a file, or the fault of the file. This reads the file instead of mapping it, because
/// touched pages of a mapping count as memory of this process.
fn check(mut file: &File, key: &Key) -> io::Result<Result<Parts, String>> {
    let length = file.metadata()?.len() as usize;
    let mut head = [0; HEAD];
    if length < HEAD + TAIL {
        return Ok(Err(format!("it has only {length} bytes")));
    }
    file.rewind()?;
    file.read_exact(&mut head)?;
    if head[..MAGIC.len()] != MAGIC {
        return Ok(Err("it does not contain encoded examples".into()));
    }
    if head[MAGIC.len()..] != *key {
        return Ok(Err("it contains other examples".into()));
    }
    file.rewind()?;
    let mut all = Summed::new(io::sink());
    io::copy(&mut file.take((length - 4) as u64), &mut all)?;
    let (mut rows, mut sum) = ([0; 8], [0; 4]);
    file.seek(io::SeekFrom::Start((length - TAIL) as u64))?;
    file.read_exact(&mut rows)?;
    file.read_exact(&mut sum)?;
    let (found, expected) = (all.sum, u32::from_le_bytes(sum));
    if found != expected {
        return Ok(Err(format!(
            "damaged: its checksum is {found:08x} and should be {expected:08x}"
        )));
    }
    let end = usize::try_from(u64::from_le_bytes(rows))
        .ok()
        .and_then(|rows| rows.checked_add(HEAD));
    Ok(match end {
        Some(end) if end <= length - TAIL && (length - TAIL - end).is_multiple_of(ENTRY) => {
            Ok((HEAD..end, end..length - TAIL))
        }
        _ => Err("its parts do not fit each other".into()),
    })
}

/// A writer that computes the checksum of its bytes.
struct Summed<W> {
    out: W,
    bytes: u64,
    sum: u32,
}

impl<W> Summed<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            bytes: 0,
            sum: 0,
        }
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes += count as u64;
        self.sum = crc32c::crc32c_append(self.sum, &bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::tokenizer::Normalization;
    use bert_tasks::SequenceClassification;
    use datasets::{Labels, TextDataset};

    #[test]
    fn rows_in_memory_and_in_a_file_are_the_same() {
        let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "one", "two"].map(String::from);
        let tokenizer = BertTokenizer::from_vocabulary(words.to_vec(), Normalization::default()).unwrap();
        let texts: Vec<String> = (0..500).map(|count| "one two ".repeat(1 + count % 7)).collect();
        let data = TextDataset::from_texts(Path::new("texts"), &texts).unwrap();
        let labels = Labels::from_names(vec!["a".into(), "b".into()]).unwrap();
        let task = SequenceClassification::new(labels, "accuracy");
        let encoded = |most| encode_with(most, &task, &data, &tokenizer, 16).unwrap();
        let (memory, nothing) = encoded(1 << 20);
        let (file, note) = encoded(1 << 10);
        assert!(!memory.is_mapped() && nothing.is_none());
        assert!(file.is_mapped() && note.unwrap().to_string().contains("temporary file"));
        assert_eq!((memory.len(), file.len()), (500, 500));
        assert!(memory.iter().eq(file.iter()));
    }
}
