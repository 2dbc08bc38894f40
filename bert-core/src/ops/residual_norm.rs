//! Dropout, the residual connection and layer normalisation (Ba, Kiros and Hinton 2016) in one.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::LayerNorm;
use burn::tensor::Tensor;

use super::{BertBackend, Dropout};

/// The parameters of a layer normalisation, `[hidden]` each.
#[derive(Clone, Debug, ExtensionType)]
pub struct NormWeights<B: Backend = Dispatch> {
    /// The gain.
    pub gamma: FloatTensor<B>,
    /// The offset.
    pub beta: FloatTensor<B>,
}

impl<B: Backend> NormWeights<B> {
    pub(super) fn tensors(&self) -> [&FloatTensor<B>; 2] {
        [&self.gamma, &self.beta]
    }
}

impl From<&LayerNorm> for NormWeights {
    /// # Panics
    /// If the normalisation has no offset (BERT's all have).
    fn from(norm: &LayerNorm) -> Self {
        let beta = norm.beta.as_ref().expect("BERT's normalisations have an offset");
        Self {
            gamma: norm.gamma.val().into_dispatch(),
            beta: beta.val().into_dispatch(),
        }
    }
}

/// The numbers of a normalisation with dropout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormOptions {
    /// Added to the variance.
    pub epsilon: f64,
    /// The dropout: before the residual connection, or after the normalisation of the embeddings.
    pub dropout: Option<Dropout>,
}

pub(super) fn composed<B: BertBackend>(
    x: FloatTensor<B>,
    residual: FloatTensor<B>,
    norm: NormWeights<B>,
    options: NormOptions,
) -> FloatTensor<B> {
    let sum = B::float_add(B::dropout(x, options.dropout), residual);
    B::layer_norm(sum, norm.gamma, Some(norm.beta), options.epsilon)
}

/// `norm(dropout(x) + residual) * gamma + beta`, all `[batch, length, hidden]`.
///
/// # Panics
/// If the normalisation has no offset.
pub fn residual_norm(x: Tensor<3>, residual: Tensor<3>, norm: &LayerNorm, options: NormOptions) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::residual_norm(
        x.into_dispatch(),
        residual.into_dispatch(),
        norm.into(),
        options,
    ))
}
