//! The batches of one optimiser step.

use bert_tasks::Batch;

/// The batches of one optimiser step.
#[derive(Clone, Debug)]
pub struct StepBatches<T> {
    /// At least one.
    pub batches: Vec<Batch<T>>,
    /// How many single losses they have together: what the step's loss is the mean of.
    pub count: usize,
}

impl<T> StepBatches<T> {
    /// The index in the dataset of each row.
    pub fn rows(&self) -> Vec<usize> {
        self.batches.iter().flat_map(|batch| batch.rows.clone()).collect()
    }

    /// Real tokens of all batches.
    pub fn tokens(&self) -> usize {
        self.batches.iter().map(|batch| batch.tokens).sum()
    }
}

impl<T: Clone> StepBatches<T> {
    /// Positions that the encoder computes: tokens, and padding unless it is left out.
    pub fn positions(&self) -> usize {
        self.batches.iter().map(Batch::places).sum()
    }
}
