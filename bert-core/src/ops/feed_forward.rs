//! The second half of a layer: a feed-forward network on every position, with its residual connection (Vaswani et al.
//! 2017, section 3.3; Devlin et al. 2019, section 3).

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;

use super::linear::parameters;
use super::residual_norm::gain_and_offset;
use super::{BertBackend, Dropout};
use crate::activation::Activation;

/// The weights of the second half of a layer.
#[derive(Debug, ExtensionType)]
pub struct FeedForward<B: Backend> {
    /// The weight of the widening layer, `[hidden, intermediate]`.
    pub wide: FloatTensor<B>,
    /// Its bias, `[intermediate]`.
    pub wide_bias: FloatTensor<B>,
    /// The weight of the layer back, `[intermediate, hidden]`.
    pub narrow: FloatTensor<B>,
    /// Its bias, `[hidden]`.
    pub narrow_bias: FloatTensor<B>,
    /// The normalisation's gain, `[hidden]`.
    pub gamma: FloatTensor<B>,
    /// The normalisation's offset, `[hidden]`.
    pub beta: FloatTensor<B>,
}

impl<B: Backend> FeedForward<B> {
    /// In the order of the fields.
    pub fn all(&self) -> [&FloatTensor<B>; 6] {
        [
            &self.wide,
            &self.wide_bias,
            &self.narrow,
            &self.narrow_bias,
            &self.gamma,
            &self.beta,
        ]
    }

    /// In the order of the fields.
    pub fn into_all(self) -> [FloatTensor<B>; 6] {
        [
            self.wide,
            self.wide_bias,
            self.narrow,
            self.narrow_bias,
            self.gamma,
            self.beta,
        ]
    }
}

pub(super) fn composed<B: BertBackend>(
    x: FloatTensor<B>,
    weights: FeedForward<B>,
    activation: Activation,
    epsilon: f64,
    dropout: Option<Dropout>,
) -> FloatTensor<B> {
    let wide = B::dense_activation(x.clone(), weights.wide, weights.wide_bias, activation);
    let narrow = B::dense(wide, weights.narrow, weights.narrow_bias);
    B::residual_norm(narrow, x, weights.gamma, weights.beta, epsilon, dropout)
}

/// A widening layer with its activation, a layer back, and [`residual_norm`](super::residual_norm) with `x`:
/// `[batch, length, hidden]` to the same.
///
/// # Panics
/// If a layer has no bias or the normalisation no offset.
pub fn feed_forward(
    x: Tensor<3>,
    layers: [&Linear; 2],
    norm: &LayerNorm,
    activation: Activation,
    epsilon: f64,
    dropout: Option<Dropout>,
) -> Tensor<3> {
    let [wide, narrow] = layers.map(|layer| {
        let (weight, bias) = parameters(layer);
        (weight.into_dispatch(), bias.into_dispatch())
    });
    let (gamma, beta) = gain_and_offset(norm);
    let weights = FeedForward {
        wide: wide.0,
        wide_bias: wide.1,
        narrow: narrow.0,
        narrow_bias: narrow.1,
        gamma: gamma.into_dispatch(),
        beta: beta.into_dispatch(),
    };
    Tensor::from_dispatch(<Dispatch as BertBackend>::feed_forward(
        x.into_dispatch(),
        weights,
        activation,
        epsilon,
        dropout,
    ))
}
