//! Attention of each text's first token alone: all that is needed of the last layer where a head reads `[CLS]` only.

use burn::backend::{Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Int, Shape, Slice, Tensor, TensorData};

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
    let Some(texts) = texts else {
        return super::attention::composed::<B>(query, key, value, bias, None, heads, dropout);
    };
    // The first tokens as one row of queries, each of which sees its text's keys.
    let [count, _, width] = shape.dims();
    let query = B::float_reshape(query, Shape::new([1, count, width]));
    let walls = super::texts::walls::<B>(&texts, &key);
    let rows = texts.ranges().map(|range| {
        let row = [0..1, 0..1, range.start..range.start + 1, 0..texts.tokens()];
        B::float_slice(walls.clone(), &row.map(Slice::from))
    });
    let bias = B::float_cat(rows.collect(), 2);
    let context = super::attention::composed::<B>(query, key, value, bias, None, heads, dropout);
    B::float_reshape(context, shape)
}

/// The first tokens' mix of their texts' values: queries `[texts, 1, hidden]`, keys and values `[batch, length, hidden]`
/// to `[texts, 1, hidden]`; bias and `texts` are as in [`attention`](super::attention).
///
/// # Panics
/// If the hidden size is no multiple of `heads`, or a text has no token.
pub fn first_attention(
    query: Tensor<3>,
    key: Tensor<3>,
    value: Tensor<3>,
    bias: Tensor<4>,
    texts: Option<Texts>,
    heads: usize,
    dropout: Option<Dropout>,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::first_attention(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        bias.into_dispatch(),
        texts,
        heads,
        dropout,
    ))
}

/// The first token of each text: `[batch, length, hidden]` to `[texts, 1, hidden]`.
///
/// # Panics
/// If a text has no token.
pub fn first_tokens(hidden: Tensor<3>, texts: Option<&Texts>) -> Tensor<3> {
    let [batch, _, width] = hidden.dims();
    let Some(texts) = texts else {
        return hidden.slice([0..batch, 0..1, 0..width]);
    };
    let starts: Vec<i32> = texts.ranges().map(|range| range.start as i32).collect();
    let count = starts.len();
    let starts = Tensor::<1, Int>::from_data(TensorData::new(starts, [count]), &hidden.device());
    hidden.select(1, starts).reshape([count, 1, width])
}
