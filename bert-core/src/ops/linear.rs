//! A dense layer, with or without an activation.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::{BertBackend, GemmOptions};
use crate::activation::Activation;

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
        None => x,
        Some(Activation::Gelu) => gelu::<B>(x),
        Some(Activation::GeluTanh) => gelu_tanh::<B>(x),
        Some(Activation::Relu) => B::relu(x),
    }
}

/// `x / 2 * (1 + erf(x / sqrt(2)))` (Hendrycks and Gimpel 2016, "Gaussian error linear units", section 2).
///
/// Not Burn's own GELU: on a backend without a backward pass for it, Burn uses the derivative of the tanh approximation,
/// which is off by up to a thousandth.
fn gelu<B: BertBackend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let scaled = B::float_mul_scalar(x.clone(), std::f64::consts::FRAC_1_SQRT_2.into());
    let half = B::float_mul_scalar(x, 0.5.into());
    B::float_mul(half, B::float_add_scalar(B::float_erf(scaled), 1.0.into()))
}

/// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))` (the same section).
fn gelu_tanh<B: BertBackend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let cube = B::float_mul(B::float_mul(x.clone(), x.clone()), x.clone());
    let inner = B::float_add(x.clone(), B::float_mul_scalar(cube, 0.044715.into()));
    let scale = (2.0 / std::f64::consts::PI).sqrt();
    let tanh = B::float_tanh(B::float_mul_scalar(inner, scale.into()));
    let half = B::float_mul_scalar(x, 0.5.into());
    B::float_mul(half, B::float_add_scalar(tanh, 1.0.into()))
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
    Tensor::from_dispatch(<Dispatch as BertBackend>::dense(
        x.into_dispatch(),
        layer.into(),
        activation,
        gemm.clone(),
    ))
}
