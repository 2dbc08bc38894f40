//! Examples in a temporary file: memory does not follow their texts.

mod collector;
mod writer;

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};

use super::{CHUNK, Example, Examples};
use crate::error::DataError;
use crate::source::Source;

pub(crate) use collector::Collector;
use writer::ExampleWriter;

/// An example that can be written to a temporary file.
pub trait Storable: Example {
    /// Everything but its source, as up to three texts.
    fn parts(&self) -> [Option<Cow<'_, str>>; 3];

    /// The example of these parts. `before` is the example that was read before it, with which it can share text.
    fn from_parts(parts: [Option<&str>; 3], source: Source, before: Option<&Self>) -> Self;

    /// The approximate number of bytes that it takes in memory.
    fn size(&self) -> usize {
        let parts = self.parts();
        size_of::<Self>() + parts.iter().flatten().map(|part| part.len()).sum::<usize>()
    }
}

/// How examples are written and read.
struct Codec<E> {
    parts: Parts<E>,
    from_parts: FromParts<E>,
}

type Parts<E> = for<'a> fn(&'a E) -> [Option<Cow<'a, str>>; 3];
type FromParts<E> = fn([Option<&str>; 3], Source, Option<&E>) -> E;

impl<E> Clone for Codec<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Codec<E> {}

impl<E: Storable> Codec<E> {
    fn new() -> Self {
        Self {
            parts: E::parts,
            from_parts: E::from_parts,
        }
    }
}

/// The examples of one data file in a temporary file without a name, which is gone when its last user is. Clones share it.
#[derive(Clone)]
pub struct StoredExamples<E> {
    records: Arc<Records>,
    /// The numbers of the records that belong to the dataset; all if it is not set.
    chosen: Option<Arc<[u32]>>,
    codec: Codec<E>,
    /// All examples, once somebody asks for them as a slice.
    loaded: Arc<OnceLock<Vec<E>>>,
}

/// A record has the line (8 bytes), the number of the document plus one (4 bytes, 0 for none), and three parts, each with its
/// length before it (4 bytes).
struct Records {
    file: File,
    /// Where each unit of [`UNIT`] records starts, and the end.
    starts: Vec<u64>,
    count: usize,
    source: Source,
}

/// A single example is read with those before it in its unit. A unit does not depend on others.
const UNIT: usize = 32;
/// The length of a part that an example does not have.
const NONE: u32 = u32::MAX;
/// The length of a part that is the same as in the record before.
const SAME: u32 = u32::MAX - 1;

impl<E: Example> StoredExamples<E> {
    pub(super) fn len(&self) -> usize {
        self.chosen
            .as_ref()
            .map_or(self.records.count, |chosen| chosen.len())
    }

    /// The same records as examples of another type.
    pub(super) fn read_as<F: Storable>(&self) -> StoredExamples<F> {
        StoredExamples {
            records: self.records.clone(),
            chosen: self.chosen.clone(),
            codec: Codec::new(),
            loaded: Arc::default(),
        }
    }

    /// The examples at the places of `keep` that are `true`.
    pub(super) fn select(&self, keep: impl Iterator<Item = bool>) -> Self {
        let all = (0..self.len()).zip(keep).filter(|(_, keep)| *keep);
        let chosen = all.map(|(place, _)| self.number(place) as u32);
        Self {
            chosen: Some(chosen.collect()),
            loaded: Arc::default(),
            ..self.clone()
        }
    }

    /// The same dataset with each example changed, in another temporary file.
    pub(super) fn map(&self, mut change: impl FnMut(E) -> E) -> Result<Examples<E>, DataError> {
        let file = &self.records.source.file;
        let mut writer = ExampleWriter::with(file, self.codec).map_err(|e| DataError::io(file, e))?;
        for chunk in self.chunks() {
            for example in chunk? {
                writer
                    .push(&change(example))
                    .map_err(|e| DataError::io(file, e))?;
            }
        }
        writer.finish()
    }

    /// The number of the record at a place.
    fn number(&self, place: usize) -> usize {
        self.chosen
            .as_ref()
            .map_or(place, |chosen| chosen[place] as usize)
    }

    /// All examples in memory.
    ///
    /// # Panics
    /// If the temporary file cannot be read.
    pub(super) fn loaded(&self) -> &[E] {
        self.loaded.get_or_init(|| {
            let chunks: Result<Vec<Vec<E>>, DataError> = self.chunks().collect();
            chunks.expect("a temporary file can be read").concat()
        })
    }

    /// The example at a place.
    pub(super) fn get(&self, place: usize) -> Result<E, DataError> {
        let number = self.number(place);
        let mut found = self.read(number / UNIT, 1, &[number])?;
        Ok(found.swap_remove(0))
    }

    /// The examples in their order, some at a time.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Result<Vec<E>, DataError>> + '_ {
        let mut next = 0;
        let chunks = 0..self.records.count.div_ceil(CHUNK);
        chunks.filter_map(move |chunk| {
            let numbers = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.records.count);
            let wanted: Vec<usize> = match &self.chosen {
                None => numbers.clone().collect(),
                Some(chosen) => {
                    let first = next;
                    while next < chosen.len() && (chosen[next] as usize) < numbers.end {
                        next += 1;
                    }
                    chosen[first..next]
                        .iter()
                        .map(|&number| number as usize)
                        .collect()
                }
            };
            (!wanted.is_empty()).then(|| self.read(numbers.start / UNIT, CHUNK / UNIT, &wanted))
        })
    }

    /// The records with the numbers `wanted`, which ascend, in `units` units from `first` on.
    fn read(&self, first: usize, units: usize, wanted: &[usize]) -> Result<Vec<E>, DataError> {
        let starts = &self.records.starts;
        let (start, end) = (starts[first], starts[(first + units).min(starts.len() - 1)]);
        let mut bytes = vec![0; (end - start) as usize];
        let file = &self.records.source.file;
        read_at(&self.records.file, &mut bytes, start).map_err(|e| DataError::io(file, e))?;
        let mut rest = bytes.as_slice();
        let mut wanted = wanted.iter().peekable();
        let mut examples: Vec<E> = vec![];
        let mut parts: [Option<&[u8]>; 3] = [None; 3];
        for number in first * UNIT.. {
            let Some(&&next) = wanted.peek() else { break };
            let line = u64::from_le_bytes(*take(&mut rest)) as usize;
            let document = u32::from_le_bytes(*take(&mut rest)).checked_sub(1);
            for part in &mut parts {
                *part = match u32::from_le_bytes(*take(&mut rest)) {
                    NONE => None,
                    SAME => *part,
                    length => {
                        let (bytes, after) = rest.split_at(length as usize);
                        rest = after;
                        Some(bytes)
                    }
                };
            }
            if number == next {
                wanted.next();
                let source = self.records.source.line(line).document(document);
                let texts = parts.map(|part| part.map(text));
                let example = (self.codec.from_parts)(texts, source, examples.last());
                examples.push(example);
            }
        }
        Ok(examples)
    }
}

/// A part, which was written from a text.
fn text(part: &[u8]) -> &str {
    std::str::from_utf8(part).unwrap_or_default()
}

/// The next `N` bytes of a record. The file is this program's own, and nobody else can open it.
fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> &'a [u8; N] {
    let (first, after) = rest.split_first_chunk().expect("records are complete");
    *rest = after;
    first
}

/// Reads all of `bytes` from `start` on, whatever the position of the file.
fn read_at(file: &File, bytes: &mut [u8], start: u64) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::read_exact_at(file, bytes, start)
    }
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < bytes.len() {
            match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], start + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => done += count,
            }
        }
        Ok(())
    }
    #[cfg(not(any(unix, windows)))]
    {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = file;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(bytes)
    }
}

impl<E> fmt::Debug for StoredExamples<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredExamples")
            .field("source", &self.records.source)
            .field("count", &self.records.count)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
