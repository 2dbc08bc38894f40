//! NumPy's format for arrays, version 1.0: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::path::Path;

use super::each_passage;
use crate::files::NewFile;
use crate::{IndexError, IndexReader};

/// The numbers start at a multiple of this.
const ALIGNMENT: usize = 64;

/// Writes `vectors.npy` and `passages.jsonl`.
pub(super) fn write(reader: &IndexReader, dir: &Path) -> Result<u64, IndexError> {
    let mut vectors = NewFile::create(dir, "vectors.npy")?;
    let mut passages = NewFile::create(dir, "passages.jsonl")?;
    // The number of rows is at the start of the file.
    let rows = reader.rows()?;
    vectors.write(&header(rows, reader.settings().dimension))?;
    let written = each_passage(reader, |passage, vector| {
        let mut line = serde_json::to_vec(passage).expect("it has only strings and numbers");
        line.push(b'\n');
        passages.write(&line)?;
        vectors.write(bytemuck::cast_slice(vector))
    })?;
    vectors.finish()?;
    passages.finish()?;
    Ok(written)
}

fn header(rows: usize, dimension: usize) -> Vec<u8> {
    let mut description =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimension}), }}");
    let start = b"\x93NUMPY\x01\x00".len() + 2;
    let length = (start + description.len() + 1).next_multiple_of(ALIGNMENT) - start;
    while description.len() + 1 < length {
        description.push(' ');
    }
    description.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&(length as u16).to_le_bytes());
    bytes.extend_from_slice(description.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_aligned() {
        for rows in [0, 9, 123_456_789_012] {
            let header = header(rows, 384);
            assert_eq!(header.len() % ALIGNMENT, 0);
            let length = u16::from_le_bytes([header[8], header[9]]) as usize;
            assert_eq!((header.len(), header.last()), (10 + length, Some(&b'\n')));
        }
    }
}
