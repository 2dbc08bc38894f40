//! Dropout, the residual connection and layer normalisation (Ba, Kiros and Hinton 2016) in one.

use burn::backend::{Dispatch, tensor::FloatTensor};
use burn::nn::LayerNorm;
use burn::tensor::Tensor;

use super::{BertBackend, Dropout};

pub(super) fn composed<B: BertBackend>(
    x: FloatTensor<B>,
    residual: FloatTensor<B>,
    gamma: FloatTensor<B>,
    beta: FloatTensor<B>,
    epsilon: f64,
    dropout: Option<Dropout>,
) -> FloatTensor<B> {
    let sum = B::float_add(B::drop_out(x, dropout), residual);
    B::layer_norm(sum, gamma, Some(beta), epsilon)
}

/// `norm(dropout(x) + residual) * gamma + beta`, all `[batch, length, hidden]`.
///
/// # Panics
/// If the normalisation has no offset (BERT's all have).
pub fn residual_norm(
    x: Tensor<3>,
    residual: Tensor<3>,
    norm: &LayerNorm,
    epsilon: f64,
    dropout: Option<Dropout>,
) -> Tensor<3> {
    let (gamma, beta) = gain_and_offset(norm);
    Tensor::from_dispatch(<Dispatch as BertBackend>::residual_norm(
        x.into_dispatch(),
        residual.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        dropout,
    ))
}

pub(super) fn gain_and_offset(norm: &LayerNorm) -> (Tensor<1>, Tensor<1>) {
    let beta = norm.beta.as_ref().expect("BERT's normalisations have an offset");
    (norm.gamma.val(), beta.val())
}
