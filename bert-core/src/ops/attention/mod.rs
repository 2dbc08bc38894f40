//! Scaled dot-product attention over several heads (Vaswani et al. 2017, section 3.2).

pub(super) mod cls;
pub(super) mod self_attention;
pub(super) mod sequence_offsets;

use burn::backend::{Backend, Dispatch, ExtensionType, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Shape, Tensor, TensorData};

use self::sequence_offsets::{SequenceOffsets, block_mask};
use super::{BertBackend, Dropout};

/// Which keys a query attends to.
#[derive(Clone, Debug, ExtensionType)]
pub enum AttentionMask<B: Backend = Dispatch> {
    /// The keys of its row, with a bias on the scores of each key, `[batch, 1, 1, length]`: 0 at tokens, the most negative
    /// float at padding.
    Padding(FloatTensor<B>),
    /// The keys of its sequence, in a batch that is one row of packed sequences.
    Packed(SequenceOffsets),
}

impl AttentionMask {
    /// The mask of rows with padding, from the bias on the scores of each key, `[batch, 1, 1, length]`.
    pub fn padding(bias: Tensor<4>) -> Self {
        Self::Padding(bias.into_dispatch())
    }
}

impl<B: Backend> AttentionMask<B> {
    /// Where the sequences of a packed batch start.
    pub fn offsets(&self) -> Option<&SequenceOffsets> {
        match self {
            Self::Padding(_) => None,
            Self::Packed(offsets) => Some(offsets),
        }
    }
}

/// What attention reads, `[batch, length, hidden]` each.
#[derive(Clone, Debug, ExtensionType)]
pub struct AttentionInputs<B: Backend = Dispatch> {
    /// The queries.
    pub query: FloatTensor<B>,
    /// The keys.
    pub key: FloatTensor<B>,
    /// The values.
    pub value: FloatTensor<B>,
}

impl<B: Backend> AttentionInputs<B> {
    pub(super) fn tensors(&self) -> [&FloatTensor<B>; 3] {
        [&self.query, &self.key, &self.value]
    }

    pub(super) fn into_tensors(self) -> [FloatTensor<B>; 3] {
        [self.query, self.key, self.value]
    }
}

impl From<[Tensor<3>; 3]> for AttentionInputs {
    /// Queries, keys and values.
    fn from(inputs: [Tensor<3>; 3]) -> Self {
        let [query, key, value] = inputs.map(Tensor::into_dispatch);
        Self { query, key, value }
    }
}

/// The options of attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionOptions {
    /// The number of heads; the hidden size is a multiple of it.
    pub heads: usize,
    /// Dropout on the probabilities.
    pub dropout: Option<Dropout>,
    /// Whether a query attends to no key after its own position, as in a language model that reads from left to right.
    pub causal: bool,
}

pub(super) fn composed<B: BertBackend>(
    inputs: AttentionInputs<B>,
    mask: AttentionMask<B>,
    options: AttentionOptions,
) -> FloatTensor<B> {
    let AttentionOptions {
        heads,
        dropout,
        causal,
    } = options;
    let AttentionInputs { query, key, value } = inputs;
    let shape = query.shape();
    let [batch, _, width] = shape.dims();
    let size = width / heads;
    let bias = match mask {
        AttentionMask::Padding(bias) => bias,
        AttentionMask::Packed(offsets) => block_mask::<B>(&offsets, &query),
    };
    let split = |x: FloatTensor<B>| {
        let length = x.shape()[1];
        let x = B::float_reshape(x, Shape::new([batch, length, heads, size]));
        B::float_swap_dims(x, 1, 2)
    };
    // The scale goes on the queries: they are fewer than the scores.
    let query = B::float_mul_scalar(split(query), (1.0 / (size as f64).sqrt()).into());
    let key = B::float_swap_dims(split(key), 2, 3);
    let mut scores = B::float_add(B::float_matmul(query, key), bias);
    // A single query is the last token, and sees all keys.
    if causal && scores.shape()[2] > 1 {
        let future = future_bias::<B>(&scores);
        scores = B::float_add(scores, future);
    }
    let probabilities = B::dropout(B::softmax(scores, 3), dropout);
    let context = B::float_matmul(probabilities, split(value));
    B::float_reshape(B::float_swap_dims(context, 1, 2), shape)
}

/// The bias that hides the keys after each query, `[1, 1, queries, keys]`, where the last query is the last key.
fn future_bias<B: BertBackend>(scores: &FloatTensor<B>) -> FloatTensor<B> {
    let [_, _, queries, keys] = scores.shape().dims();
    let visible = |query: usize| (keys + query + 1).saturating_sub(queries);
    // A query's own first key stays: no row is hidden as a whole, also where this bias adds to the bias that hides padding.
    let row = |query| (0..keys).map(move |key| if key < visible(query) { 0.0 } else { f32::MIN });
    let bias: Vec<f32> = (0..queries).flat_map(row).collect();
    let data = TensorData::new(bias, [1, 1, queries, keys]).convert_dtype(scores.dtype());
    B::float_from_data(data, &scores.device())
}

/// The context of each position, `[batch, length, hidden]`: the values of the keys that `mask` shows it, weighted by the
/// softmax of the scaled scores.
///
/// # Panics
/// If the hidden size is no multiple of the number of heads, or the offsets do not fit the batch's tokens.
pub fn attention(
    inputs: impl Into<AttentionInputs>,
    mask: AttentionMask,
    options: AttentionOptions,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::bert_attention(
        inputs.into(),
        mask,
        options,
    ))
}
