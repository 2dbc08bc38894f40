//! Encoded examples, in batches on a device.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bert_core::BertTokenizer;
use bert_tasks::{Batch, Collation, Draw, Task};
use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::Device;

use crate::data::encoded::EncodedDataset;
use crate::data::sampler::BatchSampler;
pub use crate::data::sampler::Order;
use crate::data::step_batches::EpochSteps;

/// Batches of encoded examples.
#[derive(Clone, Debug)]
pub struct BatchLoader<K: Task> {
    rows: EncodedDataset<K>,
    sampler: BatchSampler,
    packing: bool,
    task: K,
    tokenizer: Arc<BertTokenizer>,
    device: Device,
    /// The epoch that the next plain `iter` goes through.
    epoch: Arc<AtomicUsize>,
}

impl<K: Task> BatchLoader<K> {
    /// Batches of `batch_size` of the `rows` that `task` made with `tokenizer`, on `device`.
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
        assert!(batch_size > 0, "a batch holds at least one example");
        let sampler = BatchSampler {
            order,
            batch_size,
            budget: None,
            accumulation: 1,
            multiple: 1,
            greatest: usize::MAX,
        };
        Self {
            rows,
            sampler,
            packing: true,
            task: task.clone(),
            tokenizer: Arc::new(tokenizer.clone()),
            device: device.clone(),
            epoch: Arc::default(),
        }
    }

    /// The same loader, with `accumulation` batches to an optimiser step. The steps are made of the same examples as
    /// those of one batch that is as many times larger.
    ///
    /// # Panics
    /// If `accumulation` is 0.
    pub fn accumulating(mut self, accumulation: usize) -> Self {
        assert!(accumulation > 0, "a step has at least one batch");
        self.sampler.accumulation = accumulation;
        self
    }

    /// The same loader, with as many texts in a batch as fill `budget` places with padding; one that is longer has a
    /// batch of its own.
    pub fn within(mut self, budget: Option<usize>) -> Self {
        self.sampler.budget = budget;
        self
    }

    /// The same loader, with the lengths of batches rounded up to multiples of `multiple`, but not above `greatest`: few
    /// shapes are what GPUs like, where each new one has to be prepared for.
    ///
    /// # Panics
    /// If `multiple` is 0.
    pub fn rounding(mut self, multiple: usize, greatest: usize) -> Self {
        assert!(multiple > 0, "a multiple of 0 is no length");
        self.sampler.multiple = multiple;
        self.sampler.greatest = greatest;
        self
    }

    /// The same loader, whose batches are computed without their padding where the device can, or with it.
    pub fn packing(mut self, packing: bool) -> Self {
        self.packing = packing;
        self
    }

    /// Examples.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in the dataset's order.
    pub fn rows(&self) -> &EncodedDataset<K> {
        &self.rows
    }

    /// Optimiser steps in `epoch`, counted from 0. They are as many in each, but for a budget of places.
    pub fn steps(&self, epoch: usize) -> usize {
        self.sampler.count(&self.rows, epoch)
    }

    /// The epochs and the optimiser steps of a run over `epochs`, or of `steps`, where they are given.
    pub fn length(&self, epochs: usize, steps: Option<usize>) -> (usize, usize) {
        let mut taken = 0;
        for epoch in 0.. {
            match steps {
                None if epoch == epochs => return (epochs, taken),
                Some(steps) if taken >= steps => return (epoch, steps),
                _ => taken += self.steps(epoch).max(1),
            }
        }
        unreachable!("each epoch has a step")
    }

    /// The examples of each optimiser step of `epoch` (counted from 0), batch by batch, by their places in the dataset.
    pub fn plan(&self, epoch: usize) -> Vec<Vec<Vec<usize>>> {
        self.sampler.steps(&self.rows, epoch)
    }

    /// The optimiser steps of `epoch`, counted from 0, without the first `done` of them.
    pub fn epoch_steps(&self, epoch: usize, done: usize) -> EpochSteps<'_, K> {
        EpochSteps::new(self, epoch, self.plan(epoch), done)
    }

    /// The batches of `epoch`, counted from 0.
    pub fn epoch(&self, epoch: usize) -> EpochBatches<'_, K> {
        let batches: Vec<Vec<usize>> = self.plan(epoch).into_iter().flatten().collect();
        EpochBatches {
            loader: self,
            epoch,
            batch: 0,
            plan: batches.into_iter(),
            done: 0,
        }
    }

    /// The batch of the places `rows`, the `batch`th of `epoch`.
    pub(crate) fn batch(&self, epoch: usize, batch: usize, rows: &[usize]) -> Batch<K::Input, K::Target> {
        let draw = match self.sampler.order {
            Order::ByLength => Draw::default(),
            Order::Shuffled { seed, .. } => Draw { seed, epoch },
        };
        let context = Collation {
            device: &self.device,
            tokenizer: &self.tokenizer,
            padding: self.sampler.padding(self.packing),
            draw,
            rows,
            mode: self.sampler.mode(self.rows.len(), epoch, batch),
        };
        self.rows.batch(&self.task, &context)
    }
}

/// One epoch's batches.
#[derive(Debug)]
pub struct EpochBatches<'a, K: Task> {
    loader: &'a BatchLoader<K>,
    epoch: usize,
    batch: usize,
    plan: std::vec::IntoIter<Vec<usize>>,
    done: usize,
}

impl<K: Task> Iterator for EpochBatches<'_, K> {
    type Item = Result<Batch<K::Input, K::Target>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.plan.next()?;
        let batch = self.loader.batch(self.epoch, self.batch, &rows);
        self.batch += 1;
        self.done += rows.len();
        Some(Ok(batch))
    }
}

impl<K: Task> DataLoaderIterator<Batch<K::Input, K::Target>> for EpochBatches<'_, K> {
    fn progress(&self) -> Progress {
        Progress::new(self.done, self.loader.len(), Some("texts".into()))
    }
}

impl<K: Task> DataLoader<Batch<K::Input, K::Target>> for BatchLoader<K> {
    /// The next epoch: each call goes one further.
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch<K::Input, K::Target>> + 'a> {
        Box::new(self.epoch(self.epoch.fetch_add(1, Ordering::Relaxed)))
    }

    fn num_items(&self) -> usize {
        self.rows.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch<K::Input, K::Target>>> {
        let device = device.clone();
        Arc::new(Self {
            device,
            ..self.clone()
        })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch<K::Input, K::Target>>> {
        let rows = self.rows.slice(start..end);
        Arc::new(Self { rows, ..self.clone() })
    }
}
