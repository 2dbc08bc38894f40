//! The CRC-32C of a file.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::IndexError;

const BLOCK: usize = 1 << 20;

/// Reads a file block by block, and returns its size and CRC-32C.
pub(crate) fn checksum_of(path: &Path) -> Result<(u64, u32), IndexError> {
    let mut file = File::open(path).map_err(IndexError::io(path))?;
    let mut block = vec![0; BLOCK];
    let (mut size, mut crc) = (0, 0);
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok((size, crc)),
            Ok(count) => {
                size += count as u64;
                crc = crc32c::crc32c_append(crc, &block[..count]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(IndexError::io(path)(error)),
        }
    }
}
