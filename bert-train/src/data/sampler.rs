//! Which examples form which batch and which optimiser step, and in which order.

use bert_core::Mode;
use bert_core::random::mix;
use bert_tasks::{Padding, Task};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::data::encoded::EncodedDataset;

/// Shuffled texts are sorted by length within stretches of this many batches, so that a batch's texts are of near
/// length and little is padding, and no two epochs have the same batches.
const STRETCH: usize = 50;

/// In which order a loader goes through its examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By length, longest first, without dropout: for evaluation. Rows carry their place in the dataset.
    ByLength,
    /// Shuffled anew each epoch, for training: a function of seed and epoch alone.
    Shuffled {
        /// The run's seed.
        seed: u64,
        /// Whether texts of near length are put together.
        by_length: bool,
    },
}

/// What batches are made by. The steps of an epoch are a function of this, the rows' lengths and the epoch alone.
#[derive(Clone, Debug)]
pub(crate) struct BatchSampler {
    pub(crate) order: Order,
    pub(crate) batch_size: usize,
    /// Most places of a batch, in the place of a number of rows.
    pub(crate) budget: Option<usize>,
    /// Batches of an optimiser step.
    pub(crate) accumulation: usize,
    /// What a batch's length is a multiple of, unless it is the greatest.
    pub(crate) multiple: usize,
    pub(crate) greatest: usize,
}

impl BatchSampler {
    /// The examples of each optimiser step of `epoch` (counted from 0), batch by batch, by their places among `rows`.
    pub(crate) fn steps<K: Task>(&self, rows: &EncodedDataset<K>, epoch: usize) -> Vec<Vec<Vec<usize>>> {
        let length = |place: &usize| std::cmp::Reverse(rows.tokens(*place));
        let mut places: Vec<usize> = (0..rows.len()).collect();
        let Order::Shuffled { seed, by_length } = self.order else {
            places.sort_by_key(length);
            return self.cut(rows, &places);
        };
        let mut rng = ChaCha8Rng::seed_from_u64(mix(seed ^ mix(epoch as u64)));
        places.shuffle(&mut rng);
        if by_length {
            for stretch in places.chunks_mut(self.usual_step(rows) * STRETCH) {
                stretch.sort_by_key(length);
            }
        }
        let mut steps = self.cut(rows, &places);
        if by_length {
            steps.shuffle(&mut rng);
        }
        steps
    }

    /// How many optimiser steps `epoch` has. They are as many in each, but for a budget of places.
    pub(crate) fn count<K: Task>(&self, rows: &EncodedDataset<K>, epoch: usize) -> usize {
        match self.budget {
            None => rows.len().div_ceil(self.batch_size * self.accumulation),
            Some(_) => self.steps(rows, epoch).len(),
        }
    }

    /// How many rows an optimiser step has, more or less.
    fn usual_step<K: Task>(&self, rows: &EncodedDataset<K>) -> usize {
        let batch = match self.budget {
            None => self.batch_size,
            Some(budget) => {
                let tokens: usize = (0..rows.len()).map(|place| rows.tokens(place)).sum();
                (budget * rows.len() / tokens.max(1)).max(1)
            }
        };
        batch * self.accumulation
    }

    /// Cuts rows into steps of batches. By number of rows, a step's rows are those of one large batch.
    fn cut<K: Task>(&self, rows: &EncodedDataset<K>, places: &[usize]) -> Vec<Vec<Vec<usize>>> {
        let Some(budget) = self.budget else {
            let batches = |step: &[usize]| step.chunks(self.batch_size).map(<[usize]>::to_vec).collect();
            let steps = places.chunks(self.batch_size * self.accumulation);
            return steps.map(batches).collect();
        };
        let mut batches: Vec<Vec<usize>> = vec![];
        let mut longest = 0;
        for &place in places {
            let length = self.padding(true).length(rows.tokens(place));
            match batches.last_mut() {
                Some(batch) if longest.max(length) * (batch.len() + 1) <= budget => {
                    longest = longest.max(length);
                    batch.push(place);
                }
                _ => {
                    longest = length;
                    batches.push(vec![place]);
                }
            }
        }
        batches.chunks(self.accumulation).map(<[_]>::to_vec).collect()
    }

    /// How its batches are padded.
    pub(crate) fn padding(&self, packing: bool) -> Padding {
        Padding {
            multiple: self.multiple,
            longest: self.greatest,
            packing,
        }
    }

    /// Inference, or training with the dropout of the `batch`th batch of `epoch`, where there are `rows` rows.
    pub(crate) fn mode(&self, rows: usize, epoch: usize, batch: usize) -> Mode {
        // An epoch has at most so many batches: each has a number of its own in the whole run.
        let most = match self.budget {
            None => rows.div_ceil(self.batch_size),
            Some(_) => rows,
        };
        match self.order {
            Order::ByLength => Mode::Inference,
            Order::Shuffled { seed, .. } => Mode::Training {
                seed: mix(seed).wrapping_add((epoch * most + batch) as u64),
            },
        }
    }
}
