//! The batches of one optimiser step, and one epoch of such steps.

use bert_tasks::{Batch, Task, TaskModel};
use burn::data::dataloader::Progress;

use crate::data::loader::BatchLoader;

/// The batches of one optimiser step.
#[derive(Clone, Debug)]
pub struct StepBatches<I, T> {
    /// At least one.
    pub batches: Vec<Batch<I, T>>,
    /// How many single losses they have together: what the step's loss is the mean of.
    pub count: usize,
}

impl<I, T> StepBatches<I, T> {
    /// Each row's place in the dataset.
    pub fn rows(&self) -> Vec<usize> {
        self.batches.iter().flat_map(|batch| batch.rows.clone()).collect()
    }
}

/// One epoch's optimiser steps, or the rest of them.
#[derive(Debug)]
pub struct EpochSteps<'a, K: Task> {
    loader: &'a BatchLoader<K>,
    epoch: usize,
    batch: usize,
    rows: usize,
    plan: std::iter::Peekable<std::iter::Skip<std::vec::IntoIter<Vec<Vec<usize>>>>>,
}

impl<'a, K: Task> EpochSteps<'a, K> {
    /// The steps `plan` of `epoch`, without the first `done` of them.
    pub(crate) fn new(
        loader: &'a BatchLoader<K>,
        epoch: usize,
        plan: Vec<Vec<Vec<usize>>>,
        done: usize,
    ) -> Self {
        let before = &plan[..done.min(plan.len())];
        Self {
            loader,
            epoch,
            batch: before.iter().map(Vec::len).sum(),
            rows: before.iter().flatten().map(Vec::len).sum(),
            plan: plan.into_iter().skip(done).peekable(),
        }
    }

    /// How many of the epoch's rows have been given out.
    pub fn progress(&self) -> Progress {
        Progress::new(self.rows, self.loader.len(), Some("texts".into()))
    }

    /// The same as a share.
    pub fn share(&self) -> f64 {
        self.rows as f64 / self.loader.len().max(1) as f64
    }

    /// Whether there is no further step.
    pub fn is_done(&mut self) -> bool {
        self.plan.peek().is_none()
    }
}

impl<K: Task> Iterator for EpochSteps<'_, K> {
    type Item = StepBatches<K::Input, K::Target>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.plan.next()?;
        let mut batches = Vec::with_capacity(step.len());
        for rows in &step {
            batches.push(self.loader.batch(self.epoch, self.batch, rows));
            self.batch += 1;
            self.rows += rows.len();
        }
        let count = batches.iter().map(|batch| K::Model::count(&batch.targets)).sum();
        Some(StepBatches { batches, count })
    }
}
