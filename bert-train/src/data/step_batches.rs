//! The batches of one optimiser step.

use bert_tasks::{Batch, ModelInput};

/// The batches of one optimiser step.
#[derive(Clone, Debug)]
pub struct StepBatches<I, T> {
    /// At least one.
    pub batches: Vec<Batch<I, T>>,
    /// How many single losses they have together: what the step's loss is the mean of.
    pub count: usize,
}

impl<I: ModelInput, T> StepBatches<I, T> {
    /// The index in the dataset of each row.
    pub fn rows(&self) -> Vec<usize> {
        self.batches.iter().flat_map(|batch| batch.rows.clone()).collect()
    }

    /// Real tokens of all batches.
    pub fn tokens(&self) -> usize {
        self.batches.iter().map(|batch| batch.tokens).sum()
    }

    /// Positions that the model computes: tokens, and padding unless it is left out.
    pub fn positions(&self) -> usize {
        let batches = self.batches.iter();
        batches.map(|batch| batch.input.computed_tokens()).sum()
    }
}
