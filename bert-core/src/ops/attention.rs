//! Scaled dot-product attention over several heads (Vaswani et al. 2017, section 3.2).

use burn::backend::{Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Shape, Tensor};

use super::{BertBackend, Dropout, Texts};

pub(super) fn composed<B: BertBackend>(
    query: FloatTensor<B>,
    key: FloatTensor<B>,
    value: FloatTensor<B>,
    bias: FloatTensor<B>,
    texts: Option<Texts>,
    heads: usize,
    dropout: Option<Dropout>,
) -> FloatTensor<B> {
    let shape = query.shape();
    let [batch, _, width] = shape.dims();
    let size = width / heads;
    let bias = texts.map_or(bias, |texts| super::texts::walls::<B>(&texts, &query));
    let split = |x: FloatTensor<B>| {
        let length = x.shape()[1];
        let x = B::float_reshape(x, Shape::new([batch, length, heads, size]));
        B::float_swap_dims(x, 1, 2)
    };
    // The scale goes on the queries: they are fewer than the scores.
    let query = B::float_mul_scalar(split(query), (1.0 / (size as f64).sqrt()).into());
    let key = B::float_swap_dims(split(key), 2, 3);
    let scores = B::float_add(B::float_matmul(query, key), bias);
    let probabilities = B::drop_out(B::softmax(scores, 3), dropout);
    let context = B::float_matmul(probabilities, split(value));
    B::float_reshape(B::float_swap_dims(context, 1, 2), shape)
}

/// Each position's mix of all positions' values: queries, keys and values `[batch, length, hidden]`, and the bias of a
/// [`Layout`](crate::Layout), to `[batch, length, hidden]`. With `texts` the batch is one row, in which each text sees
/// itself alone, and the bias is not looked at.
///
/// # Panics
/// If the hidden size is no multiple of `heads`, or the texts have other tokens than the row.
pub fn attention(
    query: Tensor<3>,
    key: Tensor<3>,
    value: Tensor<3>,
    bias: Tensor<4>,
    texts: Option<Texts>,
    heads: usize,
    dropout: Option<Dropout>,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::bert_attention(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        bias.into_dispatch(),
        texts,
        heads,
        dropout,
    ))
}
