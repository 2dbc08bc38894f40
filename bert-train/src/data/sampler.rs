//! Which rows form which batch and which optimiser step, and in which order.

use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};

use bert_core::Mode;
use bert_core::random::mix;
use bert_tasks::{Encode, EncodedRow, Padding};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::encoded::EncodedDataset;

/// Rows are sorted by length within chunks of this many batches: the rows of a batch are of similar length, so that it has
/// little padding; no two epochs of training have the same batches, and few rows of an example wait for others in evaluation.
const SORTED_BATCHES: usize = 50;

/// The most rows that wait because of their keys: they are tried for each batch.
const MOST_WAITING: usize = 4096;

/// The order in which a loader reads its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That of the dataset, without dropout: for predictions that are written as they come.
    Dataset,
    /// Examples by the length of their longest row, longest first, without dropout: for evaluation.
    ByLength,
    /// Shuffled again in each epoch, for training: a function of seed and epoch alone.
    Shuffled {
        /// The run's seed.
        seed: u64,
        /// Puts rows of similar length together.
        by_length: bool,
    },
}

/// How batches are made. The steps of an epoch are a function of this, the rows' lengths and the epoch alone.
#[derive(Clone, Debug)]
pub(crate) struct BatchSampler {
    pub(crate) order: Order,
    /// Rows of a batch.
    pub(crate) batch_size: usize,
    /// Maximum number of tokens of a batch, padding included, instead of a number of rows.
    pub(crate) max_tokens: Option<usize>,
    /// Consecutive examples that stay together when the order is shuffled.
    pub(crate) together: usize,
    /// Batches of an optimiser step.
    pub(crate) accumulation: usize,
    /// The length of a batch is rounded up to a multiple of this,
    pub(crate) multiple: usize,
    /// but not beyond this.
    pub(crate) longest: usize,
}

impl BatchSampler {
    /// The rows of each optimiser step of `epoch` (counted from 0), batch by batch, by their index.
    pub(crate) fn steps<K: Encode>(&self, rows: &EncodedDataset<K>, epoch: usize) -> Vec<Vec<Vec<usize>>> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        if matches!(self.order, Order::Shuffled { .. }) {
            order.retain(|&row| !rows.is_companion(row));
        }
        let (seed, by_length) = match self.order {
            Order::Dataset => return self.cut(rows, &order),
            Order::ByLength => {
                // The outputs of an example's rows wait for each other, so they stay within one sorted chunk.
                let longest = longest_of_examples(rows);
                order.sort_by_key(|&row| Reverse(longest[row]));
                for chunk in order.chunks_mut(self.typical_step(rows) * SORTED_BATCHES) {
                    chunk.sort_by_key(|&row| Reverse(rows.tokens(row)));
                }
                return self.cut(rows, &order);
            }
            Order::Shuffled { seed, by_length } => (seed, by_length),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(mix(seed ^ mix(epoch as u64)));
        let end_of_group = |first: usize| end_of_group(rows, first, self.together);
        if self.together > 1 {
            // Each group by its first row.
            let mut end = order.first().copied().unwrap_or(0);
            order.retain(|&row| {
                let starts = row == end;
                if starts {
                    end = end_of_group(row);
                }
                starts
            });
        }
        order.shuffle(&mut rng);
        if by_length {
            let longest = |first: usize| (first..end_of_group(first)).map(|row| rows.tokens(row)).max();
            let sorted = (self.typical_step(rows) * SORTED_BATCHES).div_ceil(self.together);
            for chunk in order.chunks_mut(sorted) {
                chunk.sort_by_key(|&first| Reverse(longest(first)));
            }
        }
        if self.together > 1 {
            let groups = order.into_iter();
            order = groups.flat_map(|first| first..end_of_group(first)).collect();
        }
        let mut steps = self.cut(rows, &order);
        if by_length {
            steps.shuffle(&mut rng);
        }
        steps
    }

    /// The number of optimiser steps of `epoch`. It varies between epochs only with a maximum number of tokens, and where rows
    /// have keys.
    pub(crate) fn count<K: Encode>(&self, rows: &EncodedDataset<K>, epoch: usize) -> usize {
        match self.order {
            Order::Shuffled { .. } if self.max_tokens.is_some() || K::Row::HAS_KEYS => {
                self.steps(rows, epoch).len()
            }
            Order::Shuffled { .. } => rows.trained().div_ceil(self.batch_size * self.accumulation),
            _ if self.max_tokens.is_some() => self.steps(rows, epoch).len(),
            _ => rows.len().div_ceil(self.batch_size * self.accumulation),
        }
    }

    /// The approximate number of rows of an optimiser step.
    fn typical_step<K: Encode>(&self, rows: &EncodedDataset<K>) -> usize {
        let batch = match self.max_tokens {
            None => self.batch_size,
            Some(max_tokens) => {
                let tokens: usize = (0..rows.len()).map(|row| rows.tokens(row)).sum();
                (max_tokens * rows.len() / tokens.max(1)).max(1)
            }
        };
        batch * self.accumulation
    }

    /// Cuts rows into steps of batches. With a number of rows, a step has the rows of one large batch.
    fn cut<K: Encode>(&self, rows: &EncodedDataset<K>, order: &[usize]) -> Vec<Vec<Vec<usize>>> {
        if K::Row::HAS_KEYS && matches!(self.order, Order::Shuffled { .. }) {
            let batches = self.cut_by_keys(rows, order);
            return batches.chunks(self.accumulation).map(<[_]>::to_vec).collect();
        }
        let Some(max_tokens) = self.max_tokens else {
            let batches = |step: &[usize]| step.chunks(self.batch_size).map(<[usize]>::to_vec).collect();
            let steps = order.chunks(self.batch_size * self.accumulation);
            return steps.map(batches).collect();
        };
        let mut batches: Vec<Vec<usize>> = vec![];
        let mut longest = 0;
        for &row in order {
            let length = self.padding(true).length(rows.tokens(row));
            match batches.last_mut() {
                Some(batch) if longest.max(length) * (batch.len() + 1) <= max_tokens => {
                    longest = longest.max(length);
                    batch.push(row);
                }
                _ => {
                    longest = length;
                    batches.push(vec![row]);
                }
            }
        }
        batches.chunks(self.accumulation).map(<[_]>::to_vec).collect()
    }

    /// Cuts rows into batches in which no two rows have a key in common. A row that does not fit waits for the next batch; where
    /// no other row fits, a batch is smaller.
    fn cut_by_keys<K: Encode>(&self, rows: &EncodedDataset<K>, order: &[usize]) -> Vec<Vec<usize>> {
        let mut waiting: VecDeque<(usize, Vec<u64>)> = VecDeque::new();
        let mut rest = order.iter().map(|&row| (row, rows.get(row).keys()));
        let mut batches = vec![];
        loop {
            let mut batch = KeyedBatch::default();
            for _ in 0..waiting.len().min(MOST_WAITING) {
                if let Some((row, keys)) = waiting.pop_front() {
                    let length = self.padding(true).length(rows.tokens(row));
                    waiting.extend(batch.add(self, row, length, keys));
                }
            }
            while !batch.is_full && waiting.len() < MOST_WAITING {
                let Some((row, keys)) = rest.next() else { break };
                let length = self.padding(true).length(rows.tokens(row));
                waiting.extend(batch.add(self, row, length, keys));
            }
            if batch.rows.is_empty() {
                return batches;
            }
            batches.push(batch.rows);
        }
    }

    /// How the batches are padded.
    pub(crate) fn padding(&self, packing: bool) -> Padding {
        Padding {
            multiple: self.multiple,
            longest: self.longest,
            packing,
        }
    }

    /// Inference, or training with the dropout of the batch of `rows` with the number `batch` in `epoch`.
    pub(crate) fn mode<K: Encode>(&self, rows: &EncodedDataset<K>, epoch: usize, batch: usize) -> Mode {
        // No epoch has more batches than this, so that each batch has its own number in the whole run.
        let most = match self.max_tokens {
            None if !K::Row::HAS_KEYS => rows.trained().div_ceil(self.batch_size),
            _ => rows.trained(),
        };
        match self.order {
            Order::Dataset | Order::ByLength => Mode::Inference,
            Order::Shuffled { seed, .. } => Mode::Training {
                seed: mix(seed).wrapping_add(epoch.wrapping_mul(most).wrapping_add(batch) as u64),
            },
        }
    }
}

/// A batch without two rows that have a key in common.
#[derive(Default)]
struct KeyedBatch {
    rows: Vec<usize>,
    keys: HashSet<u64>,
    longest: usize,
    is_full: bool,
}

impl KeyedBatch {
    /// Adds a row of `length` tokens, padding included, if it fits; else gives it back.
    fn add(
        &mut self,
        sampler: &BatchSampler,
        row: usize,
        length: usize,
        keys: Vec<u64>,
    ) -> Option<(usize, Vec<u64>)> {
        let longest = self.longest.max(length);
        let more = self.rows.len() + 1;
        let has_room = match sampler.max_tokens {
            None => more <= sampler.batch_size,
            Some(most) => more == 1 || longest * more <= most,
        };
        self.is_full |= !has_room;
        if !has_room || keys.iter().any(|key| self.keys.contains(key)) {
            return Some((row, keys));
        }
        self.rows.push(row);
        self.keys.extend(keys);
        self.longest = longest;
        self.is_full |= sampler.max_tokens.is_none() && more == sampler.batch_size;
        None
    }
}

/// The end of the group of `together` examples that begins with the row `first`; a row is its own group if that is 1.
fn end_of_group<K: Encode>(rows: &EncodedDataset<K>, first: usize, together: usize) -> usize {
    if together <= 1 {
        return first + 1;
    }
    let next = |end: usize, _| match end < rows.len() {
        true => rows.example_rows(end).end,
        false => end,
    };
    (0..together).fold(first, next)
}

/// For each row, the number of tokens of the longest row of its example.
fn longest_of_examples<K: Encode>(rows: &EncodedDataset<K>) -> Vec<u32> {
    let mut longest = vec![];
    while longest.len() < rows.len() {
        let example = rows.example_rows(longest.len());
        let most = example.clone().map(|row| rows.tokens(row)).max().unwrap_or(0);
        longest.extend(example.map(|_| most as u32));
    }
    longest
}
