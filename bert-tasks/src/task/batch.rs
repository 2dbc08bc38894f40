//! Batches on a device.

use bert_core::Mode;

use super::collation::Collation;
use super::encode::{Encode, EncodedRow};

/// Some rows on a device.
#[derive(Clone, Debug)]
pub struct Batch<I, T> {
    /// What the model reads.
    pub input: I,
    /// One target per row; empty if one is unknown.
    pub targets: Vec<T>,
    /// Each row's number in the dataset.
    pub rows: Vec<usize>,
    /// Real tokens: those that are not padding.
    pub tokens: usize,
    /// Training with this batch's dropout, or inference.
    pub mode: Mode,
}

impl<I, T> Batch<I, T> {
    /// The batch of `rows`, as `task` collates them.
    pub fn new<K>(task: &K, rows: &[K::Row], context: &Collation<'_>) -> Self
    where
        K: Encode<Input = I, Target = T>,
    {
        Self::with_companions(task, rows, &[], context)
    }

    /// The batch of `rows` and their [`companions`](Encode::companions).
    pub fn with_companions<K>(
        task: &K,
        rows: &[K::Row],
        companions: &[K::Row],
        context: &Collation<'_>,
    ) -> Self
    where
        K: Encode<Input = I, Target = T>,
    {
        let (input, targets) = task.collate_with(rows, companions, context);
        Self {
            input,
            targets,
            rows: context.rows.to_vec(),
            tokens: rows.iter().chain(companions).map(EncodedRow::tokens).sum(),
            mode: context.mode,
        }
    }
}
