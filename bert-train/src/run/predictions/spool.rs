//! Records on the disk until their order is known.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Records that come in any order and are read back in the order of their numbers. They lie in a temporary file without a
/// name, so that memory does not grow with them, and nothing is left behind by a process that is killed.
///
/// ```
/// use bert_train::run::predictions::Spool;
/// let mut spool = Spool::new(&std::env::temp_dir())?;
/// spool.put(1, b"second")?;
/// spool.put(0, b"first")?;
/// let mut found = vec![];
/// spool.for_each(|number, record| {
///     found.push((number, record.to_vec()));
///     Ok(())
/// })?;
/// assert_eq!(found, [(0, b"first".to_vec()), (1, b"second".to_vec())]);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
    end: u64,
    /// Start and length of each record; none for numbers that did not come.
    records: Vec<Option<(u64, u32)>>,
}

impl Spool {
    /// An empty spool on the file system of `dir`.
    ///
    /// # Errors
    /// If no temporary file can be made.
    pub fn new(dir: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile_in(dir)?),
            end: 0,
            records: vec![],
        })
    }

    /// Adds the record with this number, or replaces it.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn put(&mut self, number: usize, record: &[u8]) -> io::Result<()> {
        self.file.write_all(record)?;
        if self.records.len() <= number {
            self.records.resize(number + 1, None);
        }
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        self.records[number] = Some((self.end, length));
        self.end += u64::from(length);
        Ok(())
    }

    /// Reads all records in the order of their numbers.
    ///
    /// # Errors
    /// If the disk fails, or `take` does.
    pub fn for_each(&mut self, mut take: impl FnMut(usize, &[u8]) -> io::Result<()>) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        let mut record = vec![];
        let mut position = None;
        for (number, found) in self.records.iter().enumerate() {
            let Some((start, length)) = *found else { continue };
            if position != Some(start) {
                file.seek(SeekFrom::Start(start))?;
            }
            record.resize(length as usize, 0);
            file.read_exact(&mut record)?;
            position = Some(start + u64::from(length));
            take(number, &record)?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(())
    }
}
