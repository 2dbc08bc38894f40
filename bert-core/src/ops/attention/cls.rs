//! Attention of the `[CLS]` token of each sequence: all that a head needs of the last layer if it reads only `[CLS]`.

use burn::backend::{Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Int, Shape, Slice, Tensor, TensorData};

use super::sequence_offsets::{SequenceOffsets, block_mask};
use super::{AttentionInputs, AttentionMask, AttentionOptions};
use crate::ops::BertBackend;

pub(in crate::ops) fn composed<B: BertBackend>(
    inputs: AttentionInputs<B>,
    mask: AttentionMask<B>,
    options: AttentionOptions,
) -> FloatTensor<B> {
    let options = AttentionOptions {
        causal: false,
        ..options
    };
    let AttentionMask::Packed(offsets) = mask else {
        return super::composed::<B>(inputs, mask, options);
    };
    // One row of queries. Each query attends to the keys of its own sequence.
    let shape = inputs.query.shape();
    let [count, _, width] = shape.dims();
    let blocks = block_mask::<B>(&offsets, &inputs.key);
    let rows = offsets.ranges().map(|range| {
        let row = [0..1, 0..1, range.start..range.start + 1, 0..offsets.tokens()];
        B::float_slice(blocks.clone(), &row.map(Slice::from))
    });
    let bias = B::float_cat(rows.collect(), 2);
    let inputs = AttentionInputs {
        query: B::float_reshape(inputs.query, Shape::new([1, count, width])),
        ..inputs
    };
    let context = super::composed::<B>(inputs, AttentionMask::Padding(bias), options);
    B::float_reshape(context, shape)
}

/// The context of each `[CLS]` token, which attends to all tokens also where [`causal`](AttentionOptions::causal) is set: queries `[sequences, 1, hidden]`, keys and values `[batch, length, hidden]` to
/// `[sequences, 1, hidden]`.
///
/// # Panics
/// If the hidden size is no multiple of the number of heads, or a sequence has no token.
pub fn cls_attention(
    inputs: impl Into<AttentionInputs>,
    mask: AttentionMask,
    options: AttentionOptions,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::cls_attention(
        inputs.into(),
        mask,
        options,
    ))
}

/// The first token of each sequence: `[batch, length, hidden]` to `[sequences, 1, hidden]`.
///
/// # Panics
/// If a sequence has no token.
pub fn cls_tokens(hidden: Tensor<3>, offsets: Option<&SequenceOffsets>) -> Tensor<3> {
    let [batch, _, width] = hidden.dims();
    let Some(offsets) = offsets else {
        return hidden.slice([0..batch, 0..1, 0..width]);
    };
    let starts: Vec<i32> = offsets.ranges().map(|range| range.start as i32).collect();
    let count = starts.len();
    let starts = Tensor::<1, Int>::from_data(TensorData::new(starts, [count]), &hidden.device());
    hidden.select(1, starts).reshape([count, 1, width])
}
