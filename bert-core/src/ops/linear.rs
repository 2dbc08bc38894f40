//! A dense layer, with or without an activation.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::{Activation, BertBackend, GemmOptions};

/// The parameters of a dense layer.
#[derive(Clone, Debug, ExtensionType)]
pub struct LinearWeights<B: Backend = Dispatch> {
    /// `[inputs, outputs]`.
    pub weight: FloatTensor<B>,
    /// `[outputs]`.
    pub bias: FloatTensor<B>,
}

impl<B: Backend> LinearWeights<B> {
    pub(super) fn tensors(&self) -> [&FloatTensor<B>; 2] {
        [&self.weight, &self.bias]
    }
}

impl From<&Linear> for LinearWeights {
    /// # Panics
    /// If the layer has no bias (BERT's all have).
    fn from(layer: &Linear) -> Self {
        let bias = layer.bias.as_ref().expect("BERT's dense layers have a bias");
        Self {
            weight: layer.weight.val().into_dispatch(),
            bias: bias.val().into_dispatch(),
        }
    }
}

pub(super) fn composed<B: BertBackend>(
    x: FloatTensor<B>,
    layer: LinearWeights<B>,
    activation: Option<Activation>,
) -> FloatTensor<B> {
    let x = B::linear(x, layer.weight, Some(layer.bias));
    match activation {
        Some(activation) => super::activation::composed::<B>(x, activation),
        None => x,
    }
}

/// `x * weight + bias`: `[batch, length, inputs]` to `[batch, length, outputs]`.
///
/// # Panics
/// If the last axis of `x` is not the layer's number of inputs, or the layer has no bias.
pub fn linear(x: Tensor<3>, layer: &Linear, gemm: &GemmOptions) -> Tensor<3> {
    forward(x, layer, None, gemm)
}

/// `activation(x * weight + bias)`: `[batch, length, inputs]` to `[batch, length, outputs]`.
///
/// # Panics
/// If the last axis of `x` is not the layer's number of inputs, or the layer has no bias.
pub fn linear_activation(
    x: Tensor<3>,
    layer: &Linear,
    activation: Activation,
    gemm: &GemmOptions,
) -> Tensor<3> {
    forward(x, layer, Some(activation), gemm)
}

fn forward(x: Tensor<3>, layer: &Linear, activation: Option<Activation>, gemm: &GemmOptions) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::bert_linear(
        x.into_dispatch(),
        layer.into(),
        activation,
        gemm.clone(),
    ))
}
