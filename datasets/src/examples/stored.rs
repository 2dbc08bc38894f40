//! Examples in a temporary file: memory does not follow their texts.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{CHUNK, Example, Examples};
use crate::error::DataError;
use crate::file::scratch_dir;
use crate::source::Source;

/// An example that can be written to a temporary file.
pub trait Storable: Example {
    /// Everything but its source, as up to three texts.
    fn parts(&self) -> [Option<Cow<'_, str>>; 3];

    /// The example of these parts.
    fn from_parts(parts: [Option<String>; 3], source: Source) -> Self;
}

/// The examples of one data file in a temporary file without a name, which is gone when its last user is. Clones share it.
#[derive(Clone)]
pub struct StoredExamples<E> {
    records: Arc<Records>,
    /// The numbers of the records that belong to the dataset; all if it is not set.
    chosen: Option<Arc<[u32]>>,
    decode: fn([Option<String>; 3], Source) -> E,
    /// All examples, once somebody asks for them as a slice.
    loaded: Arc<OnceLock<Vec<E>>>,
}

struct Records {
    file: File,
    /// Where each record starts, in units of [`CHUNK`] records.
    starts: Vec<u64>,
    count: usize,
    source: Source,
}

/// Writes examples to a temporary file.
pub struct ExampleWriter<E> {
    out: BufWriter<File>,
    starts: Vec<u64>,
    count: usize,
    end: u64,
    record: Vec<u8>,
    source: Source,
    decode: fn([Option<String>; 3], Source) -> E,
}

impl<E: Storable> ExampleWriter<E> {
    /// A writer of the examples of the data file `path`.
    ///
    /// # Errors
    /// If no temporary file can be created.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(tempfile::tempfile_in(scratch_dir())?),
            starts: vec![],
            count: 0,
            end: 0,
            record: vec![],
            source: Source::file(path),
            decode: E::from_parts,
        })
    }

    /// Adds an example.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn push(&mut self, example: &E) -> io::Result<()> {
        if self.count.is_multiple_of(CHUNK) {
            self.starts.push(self.end);
        }
        self.record.clear();
        self.record.extend((example.source().line as u64).to_le_bytes());
        for part in example.parts() {
            let length = part.as_ref().map_or(NONE, |part| part.len() as u32);
            self.record.extend(length.to_le_bytes());
            self.record.extend(part.as_deref().unwrap_or_default().as_bytes());
        }
        self.out.write_all(&self.record)?;
        self.end += self.record.len() as u64;
        self.count += 1;
        Ok(())
    }

    /// The dataset.
    ///
    /// # Errors
    /// If there is no example, or the disk is full or fails.
    pub fn finish(self) -> Result<Examples<E>, DataError> {
        let path = self.source.file.clone();
        let failed = |e| DataError::io(&path, e);
        let file = self.out.into_inner().map_err(|e| failed(e.into_error()))?;
        if self.count == 0 {
            return Err(DataError::Empty(path.to_path_buf()));
        }
        let mut starts = self.starts;
        starts.push(self.end);
        let records = Records {
            file,
            starts,
            count: self.count,
            source: self.source,
        };
        Ok(Examples::stored(StoredExamples {
            records: Arc::new(records),
            chosen: None,
            decode: self.decode,
            loaded: Arc::default(),
        }))
    }
}

/// The length of a part that an example does not have.
const NONE: u32 = u32::MAX;

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
            decode: F::from_parts,
            loaded: Arc::default(),
        }
    }

    /// The examples at the places of `keep` that are `true`.
    pub(super) fn select(&self, keep: impl Iterator<Item = bool>) -> Self {
        let all = (0..self.len()).zip(keep).filter(|(_, keep)| *keep);
        let chosen = all.map(|(place, _)| match &self.chosen {
            Some(chosen) => chosen[place],
            None => place as u32,
        });
        Self {
            chosen: Some(chosen.collect()),
            loaded: Arc::default(),
            ..self.clone()
        }
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

    /// The examples in their order, some at a time.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Result<Vec<E>, DataError>> + '_ {
        let mut next = 0;
        let blocks = 0..self.records.starts.len() - 1;
        blocks.filter_map(move |block| {
            let numbers = block * CHUNK..((block + 1) * CHUNK).min(self.records.count);
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
            (!wanted.is_empty()).then(|| self.read(block, &wanted))
        })
    }

    /// The records of a block with the numbers `wanted`, which ascend.
    fn read(&self, block: usize, wanted: &[usize]) -> Result<Vec<E>, DataError> {
        let (start, end) = (self.records.starts[block], self.records.starts[block + 1]);
        let mut bytes = vec![0; (end - start) as usize];
        let file = &self.records.source.file;
        read_at(&self.records.file, &mut bytes, start).map_err(|e| DataError::io(file, e))?;
        let mut rest = bytes.as_slice();
        let mut wanted = wanted.iter().peekable();
        let mut examples = vec![];
        for number in block * CHUNK.. {
            let Some(&&next) = wanted.peek() else { break };
            let line = u64::from_le_bytes(*take(&mut rest)) as usize;
            let parts: [Option<&[u8]>; 3] = std::array::from_fn(|_| {
                let length = u32::from_le_bytes(*take(&mut rest));
                let (part, after) = rest.split_at(if length == NONE { 0 } else { length as usize });
                rest = after;
                (length != NONE).then_some(part)
            });
            if number == next {
                wanted.next();
                let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
                let source = self.records.source.line(line);
                examples.push((self.decode)(parts.map(|part| part.map(text)), source));
            }
        }
        Ok(examples)
    }
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
mod tests {
    use super::*;
    use crate::examples::{ScoredDataset, ScoredExample, TextDataset, TextExample};

    fn texts(count: usize) -> Vec<TextExample> {
        let file = Source::file(Path::new("a.csv"));
        let example = |number: usize| TextExample {
            text: format!("text {number} é"),
            second: number.is_multiple_of(3).then(|| format!("second\n{number}")),
            label: (!number.is_multiple_of(5)).then(|| ["a", "b", "c"][number % 3].to_owned()),
            source: file.line(number + 2),
        };
        (0..count).map(example).collect()
    }

    fn stored<E: Storable>(examples: &[E]) -> Examples<E> {
        let mut writer = ExampleWriter::new(Path::new("a.csv")).unwrap();
        examples.iter().for_each(|example| writer.push(example).unwrap());
        writer.finish().unwrap()
    }

    #[test]
    fn examples_are_read_as_they_were_written() {
        let expected = texts(2 * CHUNK + 100);
        let stored = stored(&expected);
        assert!(stored.is_stored());
        let chunks: Vec<Vec<TextExample>> =
            stored.chunks().map(|chunk| chunk.unwrap().into_owned()).collect();
        assert_eq!(
            chunks.iter().map(Vec::len).collect::<Vec<_>>(),
            [CHUNK, CHUNK, 100]
        );
        assert_eq!(chunks.concat(), expected);
        assert_eq!(stored.examples(), expected);
        assert_eq!(*stored.first().unwrap(), expected[0]);
    }

    #[test]
    fn a_file_is_divided_and_filtered_as_memory_is() {
        let labelled: Vec<_> = texts(3 * CHUNK)
            .into_iter()
            .filter(|e| e.label.is_some())
            .collect();
        let memory = TextDataset::new(Path::new("a.csv"), labelled.clone()).unwrap();
        let file = stored(&labelled);
        assert_eq!(file.labels().unwrap().len(), 3);
        assert_eq!(file.label_counts().unwrap(), memory.label_counts().unwrap());
        let pairs = |data: &TextDataset| data.clone().filter(|e| e.second.is_some()).unwrap();
        assert_eq!(pairs(&file), pairs(&memory));
        let (train, dev) = pairs(&file).hold_out(0.1).unwrap();
        let (train_in_memory, dev_in_memory) = pairs(&memory).hold_out(0.1).unwrap();
        assert!(train.is_stored() && dev.is_stored());
        assert_eq!(train, train_in_memory);
        assert_eq!(dev, dev_in_memory);
        let (train, dev) = file.hold_out_every(10).unwrap();
        let (train_in_memory, dev_in_memory) = memory.hold_out_every(10).unwrap();
        assert_eq!((train, dev), (train_in_memory, dev_in_memory));
    }

    #[test]
    fn scores_keep_every_bit() {
        let source = Source::file(Path::new("a.csv"));
        let scores = [0.1 + 0.2, -0.0, 1e-300, 5.0, f64::MAX];
        let scored = |score| ScoredExample {
            text: "a".into(),
            second: None,
            score: Some(score),
            source: source.clone(),
        };
        let expected: Vec<ScoredExample> = scores.into_iter().map(scored).collect();
        let bits = |data: &[ScoredExample]| -> Vec<u64> {
            data.iter().map(|e| e.score.unwrap().to_bits()).collect()
        };
        assert_eq!(bits(stored(&expected).examples()), bits(&expected));
        let unlabelled: Vec<_> = texts(10)
            .into_iter()
            .map(|e| TextExample { label: None, ..e })
            .collect();
        let unscored = ScoredDataset::unscored(stored(&unlabelled));
        assert_eq!(unscored.examples()[9].text, "text 9 é");
        assert!(unscored.is_stored() && unscored.examples().iter().all(|e| e.score.is_none()));
    }

    #[test]
    fn nothing_is_no_dataset() {
        let writer = ExampleWriter::<TextExample>::new(Path::new("a.csv")).unwrap();
        assert!(matches!(writer.finish(), Err(DataError::Empty(_))));
    }
}
