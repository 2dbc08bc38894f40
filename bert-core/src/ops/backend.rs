//! The backend extension: what a backend must do, or leave to the composed bodies.

// Burn recommends Flex in NdArray's place; it is kept working here as long as Burn keeps it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

use burn::backend::tensor::{FloatTensor, IntTensor};
#[cfg(any(feature = "ndarray", feature = "cube"))]
use burn::backend::{Autodiff, autodiff::checkpoint::strategy::CheckpointStrategy};
use burn::backend::{Backend, backend_extension};

use super::{AdamWStep, Dropout, FeedForward, SelfAttention, Texts};
use crate::activation::Activation;

/// Burn's `Backend` and the operations of BERT.
///
/// Every method is composed of Burn operations by default, so an empty `impl` makes any backend a `BertBackend`.
#[backend_extension(
    Cube: cfg(feature = "cube"),
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Autodiff
)]
pub trait BertBackend: Backend {
    /// `x * weight + bias`: `[batch, length, inputs]`, `[inputs, outputs]` and `[outputs]` to
    /// `[batch, length, outputs]`.
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        super::linear::composed::<Self>(x, weight, bias)
    }

    /// [`dense`](Self::dense), then `activation`.
    fn dense_activation(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        super::activation::composed::<Self>(x, weight, bias, activation)
    }

    /// Word, position and segment vectors summed, normalised and dropped out: `[batch, length]` ids to
    /// `[batch, length, hidden]`. With `texts`, the ids are one row of them, and positions are counted from each one's
    /// start.
    #[allow(clippy::too_many_arguments)]
    fn bert_embeddings(
        ids: IntTensor<Self>,
        types: IntTensor<Self>,
        texts: Option<Texts>,
        word: FloatTensor<Self>,
        position: FloatTensor<Self>,
        segment: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        super::embeddings::composed::<Self>(
            ids, types, texts, word, position, segment, gamma, beta, epsilon, dropout,
        )
    }

    /// Scaled dot-product attention with dropout on the probabilities: three `[batch, length, hidden]` and the
    /// `[batch, 1, 1, length]` bias to `[batch, length, hidden]`. With `texts`, in place of the bias, the rows are one of
    /// all of these, and each sees its own tokens only.
    fn bert_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        texts: Option<Texts>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        super::attention::composed::<Self>(query, key, value, bias, texts, heads, dropout)
    }

    /// [`bert_attention`](Self::bert_attention) of each text's first token alone: queries are `[texts, 1, hidden]`.
    fn first_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        texts: Option<Texts>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        super::first_attention::composed::<Self>(query, key, value, bias, texts, heads, dropout)
    }

    /// `norm(dropout(x) + residual) * gamma + beta`, all `[batch, length, hidden]`.
    fn residual_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        super::residual_norm::composed::<Self>(x, residual, gamma, beta, epsilon, dropout)
    }

    /// The first half of a layer: [`bert_attention`](Self::bert_attention) of three projections of `hidden`, a dense
    /// layer, and [`residual_norm`](Self::residual_norm) with `hidden`.
    #[allow(clippy::too_many_arguments)]
    fn self_attention(
        hidden: FloatTensor<Self>,
        #[extension_type] weights: SelfAttention<Self>,
        bias: FloatTensor<Self>,
        texts: Option<Texts>,
        heads: usize,
        epsilon: f64,
        probability_dropout: Option<Dropout>,
        output_dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        super::self_attention::composed::<Self>(
            hidden,
            weights,
            bias,
            texts,
            heads,
            epsilon,
            probability_dropout,
            output_dropout,
        )
    }

    /// The second half of a layer: [`dense_activation`](Self::dense_activation), a dense layer, and
    /// [`residual_norm`](Self::residual_norm) with `x`.
    fn feed_forward(
        x: FloatTensor<Self>,
        #[extension_type] weights: FeedForward<Self>,
        activation: Activation,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        super::feed_forward::composed::<Self>(x, weights, activation, epsilon, dropout)
    }

    /// Packed texts, `[1, tokens, hidden]`, to one row each, `[texts, length, hidden]`, zero where there is no token.
    fn unpack(hidden: FloatTensor<Self>, texts: Texts, length: usize) -> FloatTensor<Self> {
        super::texts::composed::<Self>(hidden, texts, length)
    }

    /// `x` with each element set to zero with the given probability, and the others scaled to keep the mean.
    fn drop_out(x: FloatTensor<Self>, dropout: Option<Dropout>) -> FloatTensor<Self> {
        super::dropout::composed::<Self>(x, dropout)
    }

    /// The weighted sum of the rows' negative log-likelihoods: logits `[rows, classes]`, targets and weights `[rows]`
    /// to `[1]`.
    fn softmax_cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        weights: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        super::cross_entropy::composed::<Self>(logits, targets, weights)
    }

    /// The sum of the squares of all elements, `[1]`.
    fn sum_of_squares(x: FloatTensor<Self>) -> FloatTensor<Self> {
        super::gradient_norm::composed_sum::<Self>(x)
    }

    /// `x` times the one element of `factor`, `[1]`.
    fn scale(x: FloatTensor<Self>, factor: FloatTensor<Self>) -> FloatTensor<Self> {
        super::gradient_norm::composed_scale::<Self>(x, factor)
    }

    /// One AdamW step of one tensor: the new parameter and its new first and second moments.
    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment1: FloatTensor<Self>,
        moment2: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        super::adamw::composed::<Self>(parameter, gradient, moment1, moment2, step)
    }
}

// Flex has bodies of its own, with and without gradients, in `flex/`.

#[cfg(feature = "ndarray")]
impl BertBackend for burn::backend::NdArray {}

#[cfg(feature = "ndarray")]
impl<C: CheckpointStrategy> BertBackend for Autodiff<burn::backend::NdArray, C> {}

#[cfg(feature = "cube")]
impl BertBackend for burn::backend::Cube {}

#[cfg(feature = "cube")]
impl<C: CheckpointStrategy> BertBackend for Autodiff<burn::backend::Cube, C> {}
