//! Encoded examples, in batches on a device.

#[cfg(test)]
#[path = "loader_tests.rs"]
mod tests;

use std::sync::Arc;

use bert_core::BertTokenizer;
use bert_tasks::{Batch, Collation, Decode, Draw, LossCount};
use burn::tensor::Device;

use super::encoded::EncodedDataset;
use super::sampler::{BatchSampler, Order};
use super::step_batches::StepBatches;

/// Batches of an encoded dataset.
///
/// ```
/// # use bert_core::BertTokenizer;
/// # use bert_tasks::SequenceClassification;
/// # use bert_train::{BatchLoader, EncodedDataset, Order};
/// # use burn::tensor::Device;
/// # fn example(task: SequenceClassification, rows: EncodedDataset<SequenceClassification>, tokenizer: BertTokenizer) {
/// let order = Order::Shuffled { seed: 42, by_length: true };
/// let device = Device::default().autodiff();
/// // Steps of 64 rows, computed in batches of 16.
/// let loader = BatchLoader::new(&task, rows, order, 16, &tokenizer, &device).accumulating(4);
/// for step in loader.epoch_steps(0, 0) {
///     assert!(step.batches.len() <= 4);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BatchLoader<K: Decode> {
    rows: EncodedDataset<K>,
    sampler: BatchSampler,
    packing: bool,
    task: K,
    tokenizer: Arc<BertTokenizer>,
    device: Device,
}

impl<K: Decode> BatchLoader<K> {
    /// Batches of `batch_size` of the `rows` that `task` encoded with `tokenizer`, on `device`.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn new(
        task: &K,
        rows: EncodedDataset<K>,
        order: Order,
        batch_size: usize,
        tokenizer: &BertTokenizer,
        device: &Device,
    ) -> Self {
        assert!(batch_size > 0, "a batch has at least one row");
        let sampler = BatchSampler {
            order,
            batch_size,
            max_tokens: None,
            together: 1,
            accumulation: 1,
            multiple: 1,
            longest: usize::MAX,
        };
        Self {
            rows,
            sampler,
            packing: true,
            task: task.clone(),
            tokenizer: Arc::new(tokenizer.clone()),
            device: device.clone(),
        }
    }

    /// The same batches of other rows.
    pub fn with_rows(&self, rows: EncodedDataset<K>) -> Self {
        Self { rows, ..self.clone() }
    }

    /// Makes optimiser steps of `accumulation` batches. They have the same rows as steps of one batch that is as many times
    /// larger.
    ///
    /// # Panics
    /// If `accumulation` is 0.
    pub fn accumulating(mut self, accumulation: usize) -> Self {
        assert!(accumulation > 0, "a step has at least one batch");
        self.sampler.accumulation = accumulation;
        self
    }

    /// Shuffles groups of `together` consecutive examples, so that a group is in one batch. That holds for all groups if the batch
    /// size is a multiple of `together` and each example is one row.
    ///
    /// # Panics
    /// If `together` is 0.
    pub fn keeping_together(mut self, together: usize) -> Self {
        assert!(together > 0, "a group has at least one example");
        self.sampler.together = together;
        self
    }

    /// Makes batches of at most `max_tokens` tokens, padding included, instead of a number of rows; a longer row is a batch
    /// of its own.
    pub fn max_tokens(mut self, max_tokens: Option<usize>) -> Self {
        self.sampler.max_tokens = max_tokens;
        self
    }

    /// Rounds the lengths of batches up to multiples of `multiple`, but not beyond `longest`: GPUs prepare for each new shape,
    /// so few shapes are faster.
    ///
    /// # Panics
    /// If `multiple` is 0.
    pub fn rounding(mut self, multiple: usize, longest: usize) -> Self {
        assert!(multiple > 0, "lengths cannot be multiples of 0");
        self.sampler.multiple = multiple;
        self.sampler.longest = longest;
        self
    }

    /// Leaves padding out of the computation if the device gains by it; `true` by default.
    pub fn packing(mut self, packing: bool) -> Self {
        self.packing = packing;
        self
    }

    /// Number of rows, companions of other rows among them.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in the dataset's order.
    pub fn rows(&self) -> &EncodedDataset<K> {
        &self.rows
    }

    /// Number of optimiser steps of `epoch`, counted from 0. It varies between epochs only with a maximum number of tokens, and
    /// where rows have [keys](bert_tasks::EncodedRow::keys).
    pub fn steps(&self, epoch: usize) -> usize {
        self.sampler.count(&self.rows, epoch)
    }

    /// The optimiser steps that each epoch of a run ends with, counted over the run: of `epochs` epochs, or of as many as
    /// hold `steps`. The last is the number of steps of the whole run. With a maximum number of tokens per batch this takes
    /// time.
    pub fn epoch_ends(&self, epochs: usize, steps: Option<usize>) -> Vec<usize> {
        let mut ends = vec![];
        let mut taken = 0;
        for epoch in 0.. {
            match steps {
                None if epoch == epochs => break,
                Some(steps) if taken >= steps => break,
                _ => taken += self.steps(epoch).max(1),
            }
            ends.push(steps.map_or(taken, |steps| taken.min(steps)));
        }
        ends
    }

    /// The rows of each optimiser step of `epoch` (counted from 0), batch by batch, by their index in the dataset.
    pub fn sampled(&self, epoch: usize) -> Vec<Vec<Vec<usize>>> {
        self.sampler.steps(&self.rows, epoch)
    }

    /// The optimiser steps of `epoch`, counted from 0, without the first `done` of them.
    pub fn epoch_steps(&self, epoch: usize, done: usize) -> EpochSteps<'_, K> {
        let steps = self.sampled(epoch);
        let before = &steps[..done.min(steps.len())];
        EpochSteps {
            loader: self,
            epoch,
            batch: before.iter().map(Vec::len).sum(),
            rows: before.iter().flatten().map(Vec::len).sum(),
            steps: steps.into_iter().skip(done).peekable(),
        }
    }

    /// The batches of `epoch`, counted from 0.
    pub fn batches(&self, epoch: usize) -> impl Iterator<Item = Batch<K::Input, K::Target>> + '_ {
        self.epoch_steps(epoch, 0).flat_map(|step| step.batches)
    }

    /// The batch of some rows outside of any epoch, for inference.
    pub(crate) fn inference_batch(&self, rows: &[usize]) -> Batch<K::Input, K::Target> {
        let context = Collation {
            padding: self.sampler.padding(self.packing),
            ..Collation::inference(&self.tokenizer, rows, &self.device)
        };
        self.rows.batch(&self.task, &context)
    }

    /// The batch of the rows with these indices, the `batch`th of `epoch`.
    fn batch(&self, epoch: usize, batch: usize, rows: &[usize]) -> Batch<K::Input, K::Target> {
        let draw = match self.sampler.order {
            Order::Dataset | Order::ByLength => Draw::default(),
            Order::Shuffled { seed, .. } => Draw { seed, epoch },
        };
        let context = Collation {
            device: &self.device,
            tokenizer: &self.tokenizer,
            padding: self.sampler.padding(self.packing),
            draw,
            rows,
            mode: self.sampler.mode(&self.rows, epoch, batch),
        };
        self.rows.batch(&self.task, &context)
    }
}

/// One epoch's optimiser steps, or the rest of them.
#[derive(Debug)]
pub struct EpochSteps<'a, K: Decode> {
    loader: &'a BatchLoader<K>,
    epoch: usize,
    batch: usize,
    rows: usize,
    steps: std::iter::Peekable<std::iter::Skip<std::vec::IntoIter<Vec<Vec<usize>>>>>,
}

impl<K: Decode> EpochSteps<'_, K> {
    /// The share of the epoch's rows that have been given out.
    pub fn share(&self) -> f64 {
        self.rows as f64 / self.loader.rows.trained().max(1) as f64
    }

    /// Whether there is no further step.
    pub fn is_done(&mut self) -> bool {
        self.steps.peek().is_none()
    }
}

impl<K: Decode> Iterator for EpochSteps<'_, K> {
    type Item = StepBatches<K::Input, K::Target>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.steps.next()?;
        let mut batches = Vec::with_capacity(step.len());
        for rows in &step {
            batches.push(self.loader.batch(self.epoch, self.batch, rows));
            self.batch += 1;
            self.rows += rows.len();
        }
        let count = batches
            .iter()
            .map(|batch| LossCount::of::<K::Model>(&batch.targets))
            .sum();
        Some(StepBatches { batches, count })
    }
}
