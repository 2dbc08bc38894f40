//! A model with a loss.

use std::fmt::Debug;

use bert_core::{Mode, ops};
use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::batch::Batch;
use super::input::ModelInput;

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

    /// The sum of the single losses divided by `count`, `[1]`. With `count` from [`count`](Self::count) it is their
    /// mean; the batches of one optimiser step share the count of all of them.
    ///
    /// # Panics
    /// If there is not one target for each row.
    fn loss(&self, output: Self::Output, targets: &[Self::Target], count: usize) -> Tensor<1>;

    /// The number of single losses in `targets`, which a mean loss is divided by: the rows, or the words in them.
    fn count(targets: &[Self::Target]) -> usize {
        targets.len()
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
        count: usize,
    ) -> (Tensor<1>, GradientsParams) {
        ops::in_thread_pool(&batch.input.device(), || {
            let output = self.forward(&batch.input, batch.mode);
            let loss = self.loss(output, &batch.targets, count);
            let value = loss.clone().inner();
            let mut gradients = GradientsParams::from_grads(self.objective(loss).backward(), self);
            self.filter_gradients(&mut gradients);
            (value, gradients)
        })
    }

    /// Removes gradients that must not be followed.
    fn filter_gradients(&self, _gradients: &mut GradientsParams) {}
}
