//! A model with a loss.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::Mul;

use bert_core::{Mode, ops};
use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::batch::Batch;
use super::input::ModelInput;

/// How many single losses a mean is taken over. A loss of two terms is the sum of two means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LossCount {
    /// As [`TaskModel::count`] says: the rows, or the words in them.
    pub losses: usize,
    /// The rows, which a term with one loss for each row is divided by.
    pub rows: usize,
}

impl LossCount {
    /// The numbers of single losses in `targets`.
    pub fn of<M: TaskModel>(targets: &[M::Target]) -> Self {
        Self {
            losses: M::count(targets),
            rows: targets.len(),
        }
    }
}

impl From<usize> for LossCount {
    /// So many single losses, one for each row.
    fn from(rows: usize) -> Self {
        Self { losses: rows, rows }
    }
}

impl Sum for LossCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |a, b| Self {
            losses: a.losses + b.losses,
            rows: a.rows + b.rows,
        })
    }
}

impl Mul<usize> for LossCount {
    type Output = Self;

    fn mul(self, times: usize) -> Self {
        Self {
            losses: self.losses * times,
            rows: self.rows * times,
        }
    }
}

/// BERT with a head and its loss.
pub trait TaskModel: Module + Sync + ModuleDisplay + 'static {
    /// What it reads.
    type Input: ModelInput;
    /// What it is to predict of one row.
    type Target: Clone + Debug + Send + Sync + 'static;
    /// What it computes: often a tensor `[batch, positions, outputs]`.
    type Output: Clone + Send + 'static;

    /// The head's output.
    fn forward(&self, input: &Self::Input, mode: Mode) -> Self::Output;

    /// The sum of the single losses divided by `count`, `[1]`. With [`LossCount::of`] the targets it is their mean; the
    /// batches of one optimiser step share the count of all of them.
    ///
    /// # Panics
    /// If there is not one target for each row.
    fn loss(&self, output: Self::Output, targets: &[Self::Target], count: LossCount) -> Tensor<1>;

    /// The number of single losses in `targets`, which a mean loss is divided by: the rows, or the words in them.
    fn count(targets: &[Self::Target]) -> usize {
        targets.len()
    }

    /// The sum of the single losses of each term of the loss, and their number: what the mean over a whole dataset needs. A loss
    /// of several terms says how they are divided.
    fn loss_sums(&self, output: Self::Output, targets: &[Self::Target]) -> Vec<(f64, usize)> {
        let count = LossCount::of::<Self>(targets);
        match count.losses {
            0 => vec![],
            losses => {
                let mean = self.loss(output, targets, count).into_scalar::<f64>();
                vec![(mean * losses as f64, losses)]
            }
        }
    }

    /// Extends an output, in inference, by results that take more than one pass, such as a translation written token by
    /// token. Training never calls it.
    fn generate(&self, _input: &Self::Input, output: Self::Output) -> Self::Output {
        output
    }

    /// What training minimises, `[1]`: the loss, or a multiple of it in other units.
    fn objective(&self, loss: Tensor<1>) -> Tensor<1> {
        loss
    }

    /// The loss of `batch` divided by `count`, `[1]`, without its graph, and the gradients that
    /// [`objective`](Self::objective) has for all parameters. A model that would need too much memory in one pass computes
    /// them in parts.
    fn gradients(
        &self,
        batch: &Batch<Self::Input, Self::Target>,
        count: LossCount,
    ) -> (Tensor<1>, GradientsParams) {
        gradients_in_one_pass(self, batch, count)
    }

    /// Removes gradients that must not be followed.
    fn filter_gradients(&self, _gradients: &mut GradientsParams) {}
}

/// The loss and the gradients of a batch, computed in one pass: see [`TaskModel::gradients`].
pub(crate) fn gradients_in_one_pass<M: TaskModel>(
    model: &M,
    batch: &Batch<M::Input, M::Target>,
    count: LossCount,
) -> (Tensor<1>, GradientsParams) {
    ops::in_thread_pool(&batch.input.device(), || {
        let output = model.forward(&batch.input, batch.mode);
        let loss = model.loss(output, &batch.targets, count);
        let value = loss.clone().inner();
        let mut gradients = GradientsParams::from_grads(model.objective(loss).backward(), model);
        model.filter_gradients(&mut gradients);
        (value, gradients)
    })
}
