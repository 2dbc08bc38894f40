//! Softmax cross-entropy: the negative log-likelihood of the target classes.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{Int, Shape, Tensor};

use crate::ops::BertBackend;

pub(in crate::ops) fn composed<B: BertBackend>(
    logits: FloatTensor<B>,
    targets: IntTensor<B>,
    weights: FloatTensor<B>,
) -> FloatTensor<B> {
    let [rows, _] = logits.shape().dims();
    let targets = B::int_reshape(targets, Shape::new([rows, 1]));
    let weights = B::float_reshape(weights, Shape::new([rows, 1]));
    let likelihood = B::float_gather(1, B::log_softmax(logits, 1), targets);
    B::float_neg(B::float_sum(B::float_mul(likelihood, weights)))
}

/// `-sum(weights * log softmax(logits)[targets])`, a scalar `[1]`: logits `[rows, classes]`, targets and weights
/// `[rows]`.
///
/// The weights carry the normalisation: `1 / rows` each gives the mean, 0 excludes a row (its target can then be any
/// class), class weights are factors. A sum over no rows is 0, not NaN.
///
/// # Panics
/// If a target is outside the classes.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>, weights: Tensor<1>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::cross_entropy(
        logits.into_dispatch(),
        targets.into_dispatch(),
        weights.into_dispatch(),
    ))
}
