//! How many inputs are answered at once.

use std::iter;

/// The most texts that are sorted by length and answered at once, then printed in the order of the inputs.
const MAX: usize = 4096;

/// The size of the next block of inputs, which is twice as large as the block before: the first answers come soon; later,
/// batches are of similar length.
#[derive(Clone, Copy, Debug)]
pub struct BlockSize {
    next: usize,
    most: usize,
}

impl BlockSize {
    /// The first block is one batch.
    pub fn of_batch(batch_size: usize) -> Self {
        Self {
            next: batch_size.clamp(1, MAX),
            most: MAX,
        }
    }

    /// The same with at most `most` inputs in a block.
    pub fn at_most(self, most: usize) -> Self {
        Self {
            next: self.next.min(most),
            most,
        }
    }

    /// Divides inputs into blocks. The size keeps growing from one call to the next.
    pub fn divide<E>(&mut self, mut inputs: Vec<E>) -> impl Iterator<Item = Vec<E>> {
        iter::from_fn(move || {
            if inputs.is_empty() {
                return None;
            }
            let rest = inputs.split_off(self.next.min(inputs.len()));
            self.next = (2 * self.next).min(self.most);
            Some(std::mem::replace(&mut inputs, rest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_double_up_to_a_limit() {
        let mut size = BlockSize::of_batch(64);
        let blocks: Vec<Vec<usize>> = size.divide((0..200).collect()).collect();
        assert_eq!(blocks.concat(), (0..200).collect::<Vec<_>>());
        let lengths = |blocks: &[Vec<usize>]| blocks.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(&blocks), [64, 128, 8]);
        let mut few = BlockSize::of_batch(64).at_most(50);
        let blocks: Vec<Vec<usize>> = few.divide((0..120).collect()).collect();
        assert_eq!(lengths(&blocks), [50, 50, 20]);
        let blocks: Vec<Vec<usize>> = size.divide((0..10_000).collect()).collect();
        assert_eq!(lengths(&blocks), [512, 1024, 2048, 4096, 2320]);
        assert_eq!(
            BlockSize::of_batch(10_000)
                .divide(vec![0; 5000])
                .next()
                .unwrap()
                .len(),
            4096
        );
    }
}
