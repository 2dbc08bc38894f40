//! The operations BERT spends its time in, each defined once for every backend.
//!
//! [`BertBackend`] extends Burn's `Backend`. Each operation has a default body composed of Burn operations, which works on
//! every backend and, over `Autodiff`, gives the gradients too. A backend with a faster body overrides the method; the
//! model does not change. A file holds one operation: its arguments, the composed body, which is also its definition, and
//! the function that models call. The fused bodies for the CPU are in `flex/`, in files of the same names; `fused/`
//! turns the fused bodies of any backend into its operations.

// Burn recommends Flex instead of NdArray; NdArray works here as long as Burn has it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod activation;
mod attention;
mod capabilities;
mod dropout;
mod embeddings;
mod feed_forward;
#[cfg(feature = "flex")]
mod flex;
mod fused;
mod gemm;
mod linear;
mod loss;
mod optim;
mod residual_norm;

use burn::backend::tensor::{FloatTensor, IntTensor};
#[cfg(any(feature = "ndarray", feature = "cube"))]
use burn::backend::{Autodiff, autodiff::checkpoint::strategy::CheckpointStrategy};
use burn::backend::{Backend, backend_extension};

pub use activation::Activation;
pub use attention::cls::{cls_attention, cls_tokens};
pub use attention::self_attention::{SelfAttentionOptions, SelfAttentionWeights, self_attention};
pub use attention::sequence_offsets::{SequenceOffsets, unpack_sequences};
pub use attention::{AttentionInputs, AttentionMask, AttentionOptions, attention};
pub use capabilities::{Capabilities, in_thread_pool};
pub use dropout::{Dropout, dropout};
pub use embeddings::{EmbeddingsOptions, EmbeddingsWeights, embeddings};
pub use feed_forward::{FeedForwardOptions, FeedForwardWeights, feed_forward};
pub use gemm::{GemmOptions, PackedWeights, Precision};
pub use linear::{LinearWeights, linear, linear_activation};
pub use loss::cross_entropy::cross_entropy;
pub use loss::vocabulary::{VocabularyWeights, vocabulary_cross_entropy, vocabulary_logits};
pub use optim::adamw::{AdamWStep, adamw};
pub use optim::gradient_norm::{scale, sum_of_squares};
pub use residual_norm::{NormOptions, NormWeights, residual_norm};

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
    /// See [`linear`](linear()) and [`linear_activation`].
    fn bert_linear(
        x: FloatTensor<Self>,
        #[extension_type] layer: LinearWeights<Self>,
        activation: Option<Activation>,
        gemm: GemmOptions,
    ) -> FloatTensor<Self> {
        let _ = gemm;
        linear::composed::<Self>(x, layer, activation)
    }

    /// See [`embeddings`](embeddings()).
    fn bert_embeddings(
        ids: IntTensor<Self>,
        types: IntTensor<Self>,
        offsets: Option<SequenceOffsets>,
        #[extension_type] weights: EmbeddingsWeights<Self>,
        options: EmbeddingsOptions,
    ) -> FloatTensor<Self> {
        embeddings::composed::<Self>(ids, types, offsets, weights, options)
    }

    /// See [`attention`](attention()).
    fn bert_attention(
        #[extension_type] inputs: AttentionInputs<Self>,
        #[extension_type] mask: AttentionMask<Self>,
        options: AttentionOptions,
    ) -> FloatTensor<Self> {
        attention::composed::<Self>(inputs, mask, options)
    }

    /// See [`cls_attention`].
    fn cls_attention(
        #[extension_type] inputs: AttentionInputs<Self>,
        #[extension_type] mask: AttentionMask<Self>,
        options: AttentionOptions,
    ) -> FloatTensor<Self> {
        attention::cls::composed::<Self>(inputs, mask, options)
    }

    /// See [`residual_norm`](residual_norm()).
    fn residual_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        #[extension_type] norm: NormWeights<Self>,
        options: NormOptions,
    ) -> FloatTensor<Self> {
        residual_norm::composed::<Self>(x, residual, norm, options)
    }

    /// See [`self_attention`].
    fn self_attention(
        hidden: FloatTensor<Self>,
        #[extension_type] weights: SelfAttentionWeights<Self>,
        #[extension_type] mask: AttentionMask<Self>,
        options: SelfAttentionOptions,
    ) -> FloatTensor<Self> {
        attention::self_attention::composed::<Self>(hidden, weights, mask, options)
    }

    /// See [`feed_forward`](feed_forward()).
    fn feed_forward(
        x: FloatTensor<Self>,
        #[extension_type] weights: FeedForwardWeights<Self>,
        options: FeedForwardOptions,
    ) -> FloatTensor<Self> {
        feed_forward::composed::<Self>(x, weights, options)
    }

    /// See [`unpack_sequences`].
    fn unpack_sequences(
        hidden: FloatTensor<Self>,
        offsets: SequenceOffsets,
        length: usize,
    ) -> FloatTensor<Self> {
        attention::sequence_offsets::composed::<Self>(hidden, offsets, length)
    }

    /// See [`dropout`](dropout()).
    fn dropout(x: FloatTensor<Self>, dropout: Option<Dropout>) -> FloatTensor<Self> {
        dropout::composed::<Self>(x, dropout)
    }

    /// See [`cross_entropy`](cross_entropy()).
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        weights: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        loss::cross_entropy::composed::<Self>(logits, targets, weights)
    }

    /// See [`vocabulary_logits`].
    fn vocabulary_logits(
        x: FloatTensor<Self>,
        #[extension_type] weights: VocabularyWeights<Self>,
        gemm: GemmOptions,
    ) -> FloatTensor<Self> {
        let _ = gemm;
        loss::vocabulary::composed_logits::<Self>(x, weights)
    }

    /// See [`vocabulary_cross_entropy`].
    fn vocabulary_cross_entropy(
        x: FloatTensor<Self>,
        #[extension_type] weights: VocabularyWeights<Self>,
        targets: IntTensor<Self>,
        row_weights: FloatTensor<Self>,
        gemm: GemmOptions,
    ) -> FloatTensor<Self> {
        loss::vocabulary::composed_cross_entropy::<Self>(x, weights, targets, row_weights, gemm)
    }

    /// See [`sum_of_squares`].
    fn sum_of_squares(x: FloatTensor<Self>) -> FloatTensor<Self> {
        optim::gradient_norm::composed_sum::<Self>(x)
    }

    /// See [`scale`].
    fn scale(x: FloatTensor<Self>, factor: FloatTensor<Self>) -> FloatTensor<Self> {
        optim::gradient_norm::composed_scale::<Self>(x, factor)
    }

    /// See [`adamw`]: the new parameter and its new moments.
    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment1: FloatTensor<Self>,
        moment2: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        optim::adamw::composed::<Self>(parameter, gradient, moment1, moment2, step)
    }
}

// A backend with fused bodies has its implementation from `fused/`.

#[cfg(feature = "ndarray")]
impl BertBackend for burn::backend::NdArray {}

#[cfg(feature = "ndarray")]
impl<C: CheckpointStrategy> BertBackend for Autodiff<burn::backend::NdArray, C> {}

#[cfg(feature = "cube")]
impl BertBackend for burn::backend::Cube {}

#[cfg(feature = "cube")]
impl<C: CheckpointStrategy> BertBackend for Autodiff<burn::backend::Cube, C> {}
