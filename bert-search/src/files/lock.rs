//! One writer at a time: a lock that the system releases when the writer's process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::IndexError;

const LOCK: &str = "writer.lock";

/// The lock of the only writer. It is held as long as this value lives; the file stays, since removing it would let two
/// writers hold locks on two files of one name.
#[derive(Debug)]
pub(crate) struct WriterLock(#[expect(dead_code, reason = "an open file holds the lock")] File);

impl WriterLock {
    /// Locks the index in `dir`, or says which process has it.
    pub fn acquire(dir: &Path) -> Result<Self, IndexError> {
        let path = dir.join(LOCK);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(IndexError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut number = String::new();
                // Only for the message: on some systems a locked file cannot be read.
                let _ = file.read_to_string(&mut number);
                let process = match number.trim().parse::<u32>() {
                    Ok(number) => format!(" (process {number})"),
                    Err(_) => String::new(),
                };
                return Err(IndexError::Locked {
                    dir: dir.to_path_buf(),
                    process,
                });
            }
            Err(TryLockError::Error(error)) => return Err(IndexError::io(&path)(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(IndexError::io(&path))?;
        Ok(WriterLock(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let lock = WriterLock::acquire(dir.path()).unwrap();
        let message = WriterLock::acquire(dir.path()).unwrap_err().to_string();
        assert!(
            message.contains(&format!("process {}", std::process::id())),
            "{message}"
        );
        drop(lock);
        WriterLock::acquire(dir.path()).unwrap();
    }
}
