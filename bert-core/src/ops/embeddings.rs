//! The three embeddings of a token, summed and normalised.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Dispatch, TensorMetadata};
use burn::nn::LayerNorm;
use burn::tensor::{Int, Shape, Slice, Tensor};

use super::residual_norm::gain_and_offset;
use super::{BertBackend, Dropout};

#[allow(clippy::too_many_arguments)]
pub(super) fn composed<B: BertBackend>(
    ids: IntTensor<B>,
    types: IntTensor<B>,
    word: FloatTensor<B>,
    position: FloatTensor<B>,
    segment: FloatTensor<B>,
    gamma: FloatTensor<B>,
    beta: FloatTensor<B>,
    epsilon: f64,
    dropout: Option<Dropout>,
) -> FloatTensor<B> {
    let length = ids.shape()[1];
    let width = word.shape()[1];
    let places = B::float_slice(position, &[Slice::from(0..length), Slice::from(0..width)]);
    let places = B::float_reshape(places, Shape::new([1, length, width]));
    let sum = B::float_add(B::embedding(word, ids), B::embedding(segment, types));
    let sum = B::float_add(sum, places);
    B::drop_out(B::layer_norm(sum, gamma, Some(beta), epsilon), dropout)
}

/// `[batch, length]` token and segment ids to `[batch, length, hidden]`; `tables` are the word, position and segment
/// vectors, `[count, hidden]` each.
///
/// # Panics
/// If a text is longer than the position table, or an id is outside its table.
pub fn embeddings(
    ids: Tensor<2, Int>,
    types: Tensor<2, Int>,
    tables: [Tensor<2>; 3],
    norm: &LayerNorm,
    epsilon: f64,
    dropout: Option<Dropout>,
) -> Tensor<3> {
    let [word, position, segment] = tables;
    let (gamma, beta) = gain_and_offset(norm);
    Tensor::from_dispatch(<Dispatch as BertBackend>::bert_embeddings(
        ids.into_dispatch(),
        types.into_dispatch(),
        word.into_dispatch(),
        position.into_dispatch(),
        segment.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        dropout,
    ))
}
