//! A dense layer.

use burn::backend::{Dispatch, tensor::FloatTensor};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::BertBackend;

pub(super) fn composed<B: BertBackend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    B::linear(x, weight, Some(bias))
}

/// `x * weight + bias`: `[batch, length, inputs]` to `[batch, length, outputs]`.
///
/// # Panics
/// If the last axis of `x` is not the layer's number of inputs, or the layer has no bias (BERT's all have).
pub fn linear(x: Tensor<3>, layer: &Linear) -> Tensor<3> {
    let (weight, bias) = parameters(layer);
    Tensor::from_dispatch(<Dispatch as BertBackend>::dense(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

pub(super) fn parameters(layer: &Linear) -> (Tensor<2>, Tensor<1>) {
    let bias = layer.bias.as_ref().expect("BERT's dense layers have a bias");
    (layer.weight.val(), bias.val())
}
