//! `--cache`: encoded examples on the disk, so that what was encoded once is not encoded again.
//!
//! A file's name is a hash of all that its rows depend on: the examples, the tokenizer, the task with its options, the
//! longest a row may be, and the version of this program. It is written under another name, brought to the disk and
//! renamed, so that processes that make the same file at once do not disturb each other.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use bert_core::BertTokenizer;
use bert_tasks::{Task, TaskError};
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use crate::data::encoded::{ENTRY, EncodedDataset, RecordWriter, for_each_row};

/// What a file begins with; the number is the format's.
const MAGIC: [u8; 8] = *b"bertrow1";
/// Magic and key.
const HEAD: usize = MAGIC.len() + 32;
/// Bytes of rows, and the check sum (CRC-32C) of all before it.
const TAIL: usize = 8 + 4;

/// What the name of a file begins with until it is whole.
const WRITING: &str = ".writing-";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Key = [u8; 32];

/// Why rows could not be kept.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Task(#[from] TaskError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// EncodedDataset, and a sentence on where they are from.
#[derive(Debug)]
pub struct Kept<K: Task> {
    /// The rows.
    pub rows: EncodedDataset<K>,
    /// For the user: whether they were found, and where.
    pub note: String,
}

/// `examples` as `task` encodes them: from the folder `dir` where they are there, else encoded now and kept there. A
/// file that is not whole is made anew. If the folder cannot be written, the rows are in memory.
///
/// # Errors
/// As [`bert_tasks::Encode::encode`].
pub fn encode<K: Task>(
    dir: &Path,
    task: &K,
    examples: &[K::Example],
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<Kept<K>, TaskError> {
    let key = key(task, examples, tokenizer, max_length)?;
    let name: String = key[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = dir.join(format!("{name}.rows"));
    let shown = path.display();
    let before = match open(&path, &key) {
        Ok(Some(rows)) => {
            let note = format!("read from the cache: {shown}");
            return Ok(Kept { rows, note });
        }
        Ok(None) => String::new(),
        Err(reason) => format!("{shown} cannot be used ({reason}); "),
    };
    let kept = keep(&path, &key, task, examples, tokenizer, max_length);
    let reason = match kept.map(|()| open(&path, &key)) {
        Ok(Ok(Some(rows))) => {
            let note = format!("{before}encoded, and stored in the cache: {shown}");
            return Ok(Kept { rows, note });
        }
        Ok(Ok(None)) => "it is gone".into(),
        Ok(Err(reason)) => reason,
        Err(KeepError::Io(error)) => error.to_string(),
        Err(KeepError::Task(error)) => return Err(error),
    };
    Ok(Kept {
        rows: EncodedDataset::encode(task, examples, tokenizer, max_length)?,
        note: format!("{before}encoded, and not stored, because --cache cannot be used: {shown}: {reason}"),
    })
}

/// A hash of all that rows depend on.
fn key<K: Task>(
    task: &K,
    examples: &[K::Example],
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
    let hashed = postcard::to_io(&about, &mut hash).and_then(|hash| {
        examples
            .iter()
            .try_for_each(|example| postcard::to_io(example, &mut *hash).map(drop))
    });
    hashed.expect("examples are data, and a hash takes all");
    let hash = hash.into_inner().expect("a hash takes all");
    Ok(hash.finalize().into())
}

/// Removes what a process that was killed left half written. Nobody encodes for a day.
fn sweep(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let age = entry.metadata().and_then(|data| data.modified());
        let old = age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > DAY));
        if old && entry.file_name().to_string_lossy().starts_with(WRITING) {
            // Another process may have been faster.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Encodes, and writes the file.
fn keep<K: Task>(
    path: &Path,
    key: &Key,
    task: &K,
    examples: &[K::Example],
    tokenizer: &BertTokenizer,
    max_length: usize,
) -> Result<(), KeepError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    sweep(dir)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(WRITING);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let file = builder.tempfile_in(dir)?;
    let mut out = Summed::new(BufWriter::new(file.as_file()));
    out.write_all(&MAGIC)?;
    out.write_all(key)?;
    let mut writer = RecordWriter::new(out);
    for_each_row(task, examples, tokenizer, max_length, |row| {
        writer.push(row).map_err(KeepError::Io)
    })?;
    let (mut out, table) = writer.finish();
    let rows = out.bytes - HEAD as u64;
    out.write_all(&table)?;
    out.write_all(&rows.to_le_bytes())?;
    let sum = out.sum.to_le_bytes();
    out.write_all(&sum)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// The rows in the file at `path`, if there is one; a sentence on what is wrong with it, if it is not whole.
fn open<K: Task>(path: &Path, key: &Key) -> Result<Option<EncodedDataset<K>>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(e) => return Err(e.to_string()),
    };
    let (rows, table) = check(&file, key).map_err(|e| e.to_string())??;
    // SAFETY: a mapped file must not change while it is mapped. Nothing here writes to a file that has its name already:
    // a new one is written beside it and takes its name, while this one stays what it was for those who have it open. If
    // somebody cuts it short all the same, the system ends this process at the first page that is gone.
    #[allow(unsafe_code)]
    let map = unsafe { Mmap::map(&file) }.map_err(|e| e.to_string())?;
    match map.len() >= table.end {
        true => Ok(Some(EncodedDataset::mapped(map, rows, table))),
        false => Err("it is being written to".into()),
    }
}

type Parts = (std::ops::Range<usize>, std::ops::Range<usize>);

/// Where rows and table of a file lie, or what is wrong with it. It is read and not mapped for that: pages that are
/// mapped and touched count as the program's memory.
fn check(mut file: &File, key: &Key) -> io::Result<Result<Parts, String>> {
    let length = file.metadata()?.len() as usize;
    let mut head = [0; HEAD];
    if length < HEAD + TAIL {
        return Ok(Err(format!("it has only {length} bytes")));
    }
    file.read_exact(&mut head)?;
    if head[..MAGIC.len()] != MAGIC {
        return Ok(Err("it is no file of encoded examples".into()));
    }
    if head[MAGIC.len()..] != *key {
        return Ok(Err("it is of other examples".into()));
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
            "damaged: its check sum is {found:08x} and should be {expected:08x}"
        )));
    }
    let end = usize::try_from(u64::from_le_bytes(rows))
        .ok()
        .and_then(|rows| rows.checked_add(HEAD));
    Ok(match end {
        Some(end) if end <= length - TAIL && (length - TAIL - end).is_multiple_of(ENTRY) => {
            Ok((HEAD..end, end..length - TAIL))
        }
        _ => Err("its parts do not fit together".into()),
    })
}

/// A writer that sums up what goes through it.
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
