//! The three embeddings of a token, summed and normalised.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Dispatch, TensorMetadata};
use burn::nn::LayerNorm;
use burn::tensor::{Int, Shape, Slice, Tensor, TensorData};

use super::residual_norm::gain_and_offset;
use super::{BertBackend, Dropout, Texts};

#[allow(clippy::too_many_arguments)]
pub(super) fn composed<B: BertBackend>(
    ids: IntTensor<B>,
    types: IntTensor<B>,
    texts: Option<Texts>,
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
    let places = match texts {
        Some(texts) => {
            let places: Vec<i32> = texts.places().map(|place| place as i32).collect();
            let data = TensorData::new(places, [1, length]).convert_dtype(ids.dtype());
            B::embedding(position, B::int_from_data(data, &ids.device()))
        }
        None => {
            let places = B::float_slice(position, &[Slice::from(0..length), Slice::from(0..width)]);
            B::float_reshape(places, Shape::new([1, length, width]))
        }
    };
    let sum = B::float_add(B::embedding(word, ids), B::embedding(segment, types));
    let sum = B::float_add(sum, places);
    B::drop_out(B::layer_norm(sum, gamma, Some(beta), epsilon), dropout)
}

/// `[batch, length]` token and segment ids to `[batch, length, hidden]`; `tables` are the word, position and segment
/// vectors, `[count, hidden]` each. With `texts` the batch is one row of these, and positions are counted from each one's
/// start.
///
/// # Panics
/// If a text is longer than the position table, an id is outside its table, or the texts have other tokens than the row.
#[allow(clippy::too_many_arguments)]
pub fn embeddings(
    ids: Tensor<2, Int>,
    types: Tensor<2, Int>,
    texts: Option<Texts>,
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
        texts,
        word.into_dispatch(),
        position.into_dispatch(),
        segment.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        dropout,
    ))
}
