//! The batches of one optimiser step.

use bert_tasks::{Batch, LossCount, ModelInput};

/// The batches of one optimiser step.
#[derive(Clone, Debug)]
pub struct StepBatches<I, T> {
    /// At least one.
    pub batches: Vec<Batch<I, T>>,
    /// The numbers of single losses in all batches. The loss of the step is their mean.
    pub count: LossCount,
}

impl<I: ModelInput, T> StepBatches<I, T> {
    /// The index in the dataset of each row.
    pub fn rows(&self) -> Vec<usize> {
        self.batches.iter().flat_map(|batch| batch.rows.clone()).collect()
    }

    /// Tokens of all batches, without padding.
    pub fn tokens(&self) -> usize {
        self.batches.iter().map(|batch| batch.tokens).sum()
    }

    /// Tokens that the model computes: padding counts unless it is left out.
    pub fn computed_tokens(&self) -> usize {
        self.batches
            .iter()
            .map(|batch| batch.input.computed_tokens())
            .sum()
    }
}
