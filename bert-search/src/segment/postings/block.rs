//! Blocks of postings: documents as differences, and how often each has the word, all with the same number of bytes in a block.
//!
//! A block starts with a byte that has the widths of both, then the first document as a number of variable length, then the
//! differences of the others, and then the counts. Equal widths are read several at a time; most are one byte, or none at all.

use super::variable_byte;

/// How many postings a block has; the last one of a word may have fewer.
pub(crate) const BLOCK: usize = 128;

/// The bytes of a number, by its code in the first byte of a block.
const WIDTHS: [usize; 4] = [0, 1, 2, 4];

/// The postings of a block: ascending documents, and how often each has the word.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub documents: [u32; BLOCK],
    pub counts: [u32; BLOCK],
    /// How many there are.
    pub len: usize,
}

impl Block {
    /// No postings.
    pub fn empty() -> Self {
        Block {
            documents: [0; BLOCK],
            counts: [0; BLOCK],
            len: 0,
        }
    }

    /// Adds a posting. There must be room, and the document must be behind the last one.
    pub fn push(&mut self, document: u32, count: u32) {
        self.documents[self.len] = document;
        self.counts[self.len] = count;
        self.len += 1;
    }

    /// Appends the postings of a block that is not empty to `out`. No document is before `base`.
    pub fn encode(&self, base: u32, out: &mut Vec<u8>) {
        let documents = &self.documents[..self.len];
        let gaps = documents.windows(2).map(|pair| pair[1] - pair[0] - 1);
        let counts = self.counts[..self.len].iter().map(|count| count - 1);
        let (gap_code, count_code) = (code(gaps.clone()), code(counts.clone()));
        out.push(gap_code | count_code << 2);
        variable_byte::write(out, u64::from(documents[0] - base));
        let mut put = |code: u8, number: u32| {
            out.extend_from_slice(&number.to_le_bytes()[..WIDTHS[usize::from(code)]]);
        };
        gaps.for_each(|gap| put(gap_code, gap));
        counts.for_each(|count| put(count_code, count));
    }

    /// Reads `len` postings, at least one and at most [`BLOCK`]. `None` unless the bytes are those of a block whose documents are
    /// from `base` to before `end`.
    pub fn decode(&mut self, mut bytes: &[u8], len: usize, base: u32, end: u32) -> Option<()> {
        let (&codes, rest) = bytes.split_first().filter(|(codes, _)| **codes < 16)?;
        bytes = rest;
        let widths = [codes & 3, codes >> 2].map(|code| WIDTHS[usize::from(code)]);
        let first = variable_byte::read(&mut bytes)?;
        let (gaps, counts) = bytes.split_at_checked((len - 1) * widths[0])?;
        if counts.len() != len * widths[1] {
            return None;
        }
        self.len = len;
        read_numbers(gaps, widths[0], &mut self.documents[1..len]);
        read_numbers(counts, widths[1], &mut self.counts[..len]);
        for count in &mut self.counts[..len] {
            *count = count.saturating_add(1);
        }
        let mut document = u64::from(base).checked_add(first)?;
        self.documents[0] = document as u32;
        for gap in &mut self.documents[1..len] {
            document = document.saturating_add(u64::from(*gap) + 1);
            *gap = document as u32;
        }
        // Documents ascend, so that all are in range if the last one is.
        (document < u64::from(end)).then_some(())
    }
}

/// The code of the width that all the numbers need.
fn code(numbers: impl Iterator<Item = u32>) -> u8 {
    match numbers.fold(0, |bits, number| bits | number) {
        0 => 0,
        1..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 3,
    }
}

fn read_numbers(bytes: &[u8], width: usize, numbers: &mut [u32]) {
    match width {
        0 => numbers.fill(0),
        1 => {
            for (number, &byte) in numbers.iter_mut().zip(bytes) {
                *number = u32::from(byte);
            }
        }
        2 => {
            for (number, &bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
                *number = u32::from(u16::from_le_bytes(bytes));
            }
        }
        _ => {
            for (number, &bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
                *number = u32::from_le_bytes(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> impl Iterator<Item = Block> {
        [
            (1, 1, 1),
            (128, 1, 1),
            (128, 2, 255),
            (77, 1000, 256),
            (128, 1 << 24, 70_000),
        ]
        .into_iter()
        .map(|(len, gap, most)| {
            let mut block = Block::empty();
            for i in 0..len {
                block.push(5 + gap * i + i % 2 * (gap - 1), 1 + i * 31 % most);
            }
            block
        })
    }

    #[test]
    fn read_as_written() {
        for block in blocks() {
            let mut bytes = Vec::new();
            block.encode(3, &mut bytes);
            let (len, last) = (block.len, block.documents[block.len - 1]);
            let mut read = Block::empty();
            read.decode(&bytes, len, 3, last + 1).unwrap();
            assert_eq!(read.documents[..len], block.documents[..len]);
            assert_eq!(read.counts[..len], block.counts[..len]);
            assert!(read.decode(&bytes, len, 3, last).is_none());
            assert!(read.decode(&bytes[..bytes.len() - 1], len, 3, u32::MAX).is_none() || len == 1);
        }
    }

    #[test]
    fn most_postings_take_a_byte_or_two() {
        let sizes = blocks().map(|block| {
            let mut bytes = Vec::new();
            block.encode(0, &mut bytes);
            bytes.len()
        });
        assert_eq!(sizes.take(3).collect::<Vec<_>>(), [2, 2, 2 + 127 + 128]);
    }

    #[test]
    fn any_bytes_make_no_panic() {
        let mut block = Block::empty();
        for seed in 0..20_000_u32 {
            let byte = |i: u32| (seed.wrapping_mul(2_654_435_761).wrapping_add(i * 40_503) >> 11) as u8;
            let bytes: Vec<u8> = (0..seed % 300)
                .map(|i| if i == 0 { byte(i) & 15 } else { byte(i) })
                .collect();
            for len in [1, 2, 100, BLOCK] {
                if block.decode(&bytes, len, seed, 1 << 30).is_some() {
                    let documents = &block.documents[..len];
                    assert!(documents[0] >= seed && documents.is_sorted_by(|a, b| a < b));
                    assert!(documents[len - 1] < 1 << 30);
                }
            }
        }
    }
}
