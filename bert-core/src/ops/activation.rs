//! The activation functions of the feed-forward network: GELU and its like.

use std::fmt;

use burn::backend::tensor::FloatTensor;
use serde::{Deserialize, Serialize};

use super::BertBackend;

/// The non-linearity between the two dense layers of the feed-forward network: `hidden_act` in `config.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `x Φ(x)` with the exact normal distribution function: BERT's own.
    #[default]
    #[serde(rename = "gelu")]
    Gelu,
    /// GELU by its tanh approximation, as in the original TensorFlow code.
    #[serde(
        rename = "gelu_new",
        alias = "gelu_pytorch_tanh",
        alias = "gelu_fast",
        alias = "gelu_python_tanh"
    )]
    GeluTanh,
    /// `max(x, 0)`.
    #[serde(rename = "relu")]
    Relu,
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Activation::Gelu => "gelu",
            Activation::GeluTanh => "gelu_new",
            Activation::Relu => "relu",
        })
    }
}

pub(super) fn composed<B: BertBackend>(x: FloatTensor<B>, activation: Activation) -> FloatTensor<B> {
    match activation {
        Activation::Gelu => gelu::<B>(x),
        Activation::GeluTanh => gelu_tanh::<B>(x),
        Activation::Relu => B::relu(x),
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
