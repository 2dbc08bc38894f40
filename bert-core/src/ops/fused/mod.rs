//! Fused operations: what a backend with faster bodies provides, and how they become the operations of [`BertBackend`].
//!
//! A backend implements [`FusedBackend`], whose associated types pair a forward with a backward pass, one for each
//! operation. The rest is written once: this file gives every such backend, with and without autodiff, its operations. Tensors
//! that the fused bodies do not take, such as half floats or a bias with a gradient, go through the composed bodies.

mod autodiff;

use std::fmt::Debug;

use burn::backend::Backend;
use burn::backend::tensor::{FloatTensor, IntTensor};

use super::attention::{self, cls, self_attention, sequence_offsets};
use super::loss::{cross_entropy, vocabulary};
use super::optim::{adamw, gradient_norm};
use super::{
    Activation, AdamWStep, AttentionInputs, AttentionMask, AttentionOptions, BertBackend, Dropout,
    EmbeddingsOptions, EmbeddingsWeights, FeedForwardOptions, FeedForwardWeights, GemmOptions, LinearWeights,
    NormOptions, NormWeights, SelfAttentionOptions, SelfAttentionWeights, SequenceOffsets, VocabularyWeights,
    dropout, embeddings, feed_forward, linear, residual_norm,
};

/// What a forward pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Pass {
    /// No backward pass follows; the layer's packed weights are kept for the next call.
    Inference,
    /// A backward pass can follow; the weights are about to change.
    Training,
}

/// A forward pass and its backward pass, in `N` tensors that can have gradients.
pub(in crate::ops) trait FusedOp<B: Backend, const N: usize>: Send + Debug + 'static {
    /// Everything else that the operation reads.
    type Arguments;
    /// What the backward pass reads.
    type Saved: Clone + Debug + Send + 'static;

    /// The output, and in [`Pass::Training`] what the backward pass needs.
    fn forward(
        inputs: [FloatTensor<B>; N],
        arguments: Self::Arguments,
        pass: Pass,
    ) -> (FloatTensor<B>, Option<Self::Saved>);

    /// The gradients of the inputs from the `gradient` of the output; at least those that are `needed`.
    fn backward(
        saved: Self::Saved,
        gradient: FloatTensor<B>,
        needed: [bool; N],
    ) -> [Option<FloatTensor<B>>; N];
}

/// A backend with fused bodies.
pub(in crate::ops) trait FusedBackend: Backend {
    type Dense: FusedOp<Self, 3, Arguments = (Option<Activation>, GemmOptions)>;
    type Embeddings: FusedOp<Self, 5, Arguments = (EmbeddingIds<Self>, EmbeddingsOptions)>;
    type Attention: FusedOp<Self, 3, Arguments = (AttentionMask<Self>, AttentionOptions)>;
    type ClsAttention: FusedOp<Self, 3, Arguments = (AttentionMask<Self>, AttentionOptions)>;
    type SelfAttention: FusedOp<Self, 11, Arguments = (AttentionMask<Self>, SelfAttentionOptions)>;
    type FeedForward: FusedOp<Self, 7, Arguments = FeedForwardOptions>;
    type ResidualNorm: FusedOp<Self, 4, Arguments = NormOptions>;
    type UnpackSequences: FusedOp<Self, 1, Arguments = (SequenceOffsets, usize)>;
    type Dropout: FusedOp<Self, 1, Arguments = Dropout>;
    /// The arguments are the targets and the weights of the rows.
    type CrossEntropy: FusedOp<Self, 1, Arguments = (IntTensor<Self>, FloatTensor<Self>)>;

    type VocabularyCrossEntropy: FusedOp<Self, 3, Arguments = VocabularyArguments<Self>>;

    /// Whether the fused bodies take these tensors.
    fn fuses<'a>(tensors: impl IntoIterator<Item = &'a FloatTensor<Self>>) -> bool;

    /// Whether the fused bodies take these integers.
    fn fuses_ids<'a>(tensors: impl IntoIterator<Item = &'a IntTensor<Self>>) -> bool;

    fn vocabulary_logits(
        x: FloatTensor<Self>,
        weights: VocabularyWeights<Self>,
        gemm: &GemmOptions,
    ) -> FloatTensor<Self>;

    fn sum_of_squares(x: FloatTensor<Self>) -> FloatTensor<Self>;

    fn scale(x: FloatTensor<Self>, factor: FloatTensor<Self>) -> FloatTensor<Self>;

    /// From parameter, gradient and moments to the new parameter and moments.
    fn adamw(tensors: [FloatTensor<Self>; 4], step: AdamWStep) -> [FloatTensor<Self>; 3];
}

/// Token ids, token type ids and where the sequences of a packed batch start.
pub(in crate::ops) type EmbeddingIds<B> = (IntTensor<B>, IntTensor<B>, Option<SequenceOffsets>);

/// Everything that the cross-entropy over a vocabulary reads besides the tensors with gradients.
pub(in crate::ops) struct VocabularyArguments<B: Backend> {
    /// The ids of the words, `[rows]`.
    pub targets: IntTensor<B>,
    /// The weights of the rows, `[rows]`.
    pub row_weights: FloatTensor<B>,
    /// Which of `x`, table and bias have a gradient: the forward pass computes them.
    pub needed: [bool; 3],
    pub gemm: GemmOptions,
}

/// A [`FusedBackend`], with or without autodiff.
pub(in crate::ops) trait RunFused: Backend {
    type Fused: FusedBackend;

    /// The tensor without its graph.
    fn primitive(x: &FloatTensor<Self>) -> &FloatTensor<Self::Fused>;

    /// The tensor without its graph.
    fn into_primitive(x: FloatTensor<Self>) -> FloatTensor<Self::Fused>;

    /// Whether the tensor has a gradient.
    fn is_tracked(x: &FloatTensor<Self>) -> bool;

    /// A tensor without a gradient.
    fn lift(x: FloatTensor<Self::Fused>) -> FloatTensor<Self>;

    fn ids(ids: &IntTensor<Self>) -> &IntTensor<Self::Fused>;

    /// Runs the forward pass, and records the operation where there is a graph.
    fn run<Op: FusedOp<Self::Fused, N>, const N: usize>(
        inputs: [FloatTensor<Self>; N],
        arguments: Op::Arguments,
    ) -> FloatTensor<Self>;
}

impl<B: FusedBackend> RunFused for B {
    type Fused = B;

    fn primitive(x: &FloatTensor<B>) -> &FloatTensor<B> {
        x
    }

    fn into_primitive(x: FloatTensor<B>) -> FloatTensor<B> {
        x
    }

    fn is_tracked(_: &FloatTensor<B>) -> bool {
        false
    }

    fn lift(x: FloatTensor<B>) -> FloatTensor<B> {
        x
    }

    fn ids(ids: &IntTensor<B>) -> &IntTensor<B> {
        ids
    }

    fn run<Op: FusedOp<B, N>, const N: usize>(
        inputs: [FloatTensor<B>; N],
        arguments: Op::Arguments,
    ) -> FloatTensor<B> {
        Op::forward(inputs, arguments, Pass::Inference).0
    }
}

/// Whether the fused bodies take these tensors.
fn fuses<'a, R: RunFused>(tensors: impl IntoIterator<Item = &'a FloatTensor<R>>) -> bool {
    R::Fused::fuses(tensors.into_iter().map(R::primitive))
}

/// Whether the fused bodies take these tensors as constants.
fn constant<R: RunFused, const N: usize>(tensors: [&FloatTensor<R>; N]) -> bool {
    !tensors.into_iter().any(R::is_tracked) && fuses::<R>(tensors)
}

/// The mask without its graph, if the fused bodies take it.
fn constant_mask<R: RunFused>(mask: &AttentionMask<R>) -> Option<AttentionMask<R::Fused>> {
    match mask {
        AttentionMask::Padding(bias) => {
            constant::<R, _>([bias]).then(|| AttentionMask::Padding(R::into_primitive(bias.clone())))
        }
        AttentionMask::Packed(offsets) => Some(AttentionMask::Packed(offsets.clone())),
    }
}

impl<R: RunFused> BertBackend for R {
    fn bert_linear(
        x: FloatTensor<Self>,
        layer: LinearWeights<Self>,
        activation: Option<Activation>,
        gemm: GemmOptions,
    ) -> FloatTensor<Self> {
        if !fuses::<R>(layer.tensors().into_iter().chain([&x])) {
            return linear::composed::<Self>(x, layer, activation);
        }
        R::run::<<R::Fused as FusedBackend>::Dense, 3>([x, layer.weight, layer.bias], (activation, gemm))
    }

    fn bert_embeddings(
        ids: IntTensor<Self>,
        types: IntTensor<Self>,
        offsets: Option<SequenceOffsets>,
        weights: EmbeddingsWeights<Self>,
        options: EmbeddingsOptions,
    ) -> FloatTensor<Self> {
        if !fuses::<R>(weights.tensors()) || !R::Fused::fuses_ids([R::ids(&ids), R::ids(&types)]) {
            return embeddings::composed::<Self>(ids, types, offsets, weights, options);
        }
        R::run::<<R::Fused as FusedBackend>::Embeddings, 5>(
            weights.into_tensors(),
            ((R::ids(&ids).clone(), R::ids(&types).clone(), offsets), options),
        )
    }

    fn bert_attention(
        inputs: AttentionInputs<Self>,
        mask: AttentionMask<Self>,
        options: AttentionOptions,
    ) -> FloatTensor<Self> {
        match constant_mask::<R>(&mask) {
            Some(mask) if fuses::<R>(inputs.tensors()) => {
                R::run::<<R::Fused as FusedBackend>::Attention, 3>(inputs.into_tensors(), (mask, options))
            }
            _ => attention::composed::<Self>(inputs, mask, options),
        }
    }

    fn cls_attention(
        inputs: AttentionInputs<Self>,
        mask: AttentionMask<Self>,
        options: AttentionOptions,
    ) -> FloatTensor<Self> {
        match constant_mask::<R>(&mask) {
            Some(mask) if fuses::<R>(inputs.tensors()) => {
                R::run::<<R::Fused as FusedBackend>::ClsAttention, 3>(inputs.into_tensors(), (mask, options))
            }
            _ => cls::composed::<Self>(inputs, mask, options),
        }
    }

    fn residual_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        norm: NormWeights<Self>,
        options: NormOptions,
    ) -> FloatTensor<Self> {
        if !fuses::<R>(norm.tensors().into_iter().chain([&x, &residual])) {
            return residual_norm::composed::<Self>(x, residual, norm, options);
        }
        R::run::<<R::Fused as FusedBackend>::ResidualNorm, 4>([x, residual, norm.gamma, norm.beta], options)
    }

    fn self_attention(
        hidden: FloatTensor<Self>,
        weights: SelfAttentionWeights<Self>,
        mask: AttentionMask<Self>,
        options: SelfAttentionOptions,
    ) -> FloatTensor<Self> {
        match constant_mask::<R>(&mask) {
            Some(mask) if fuses::<R>(weights.tensors().chain([&hidden])) => {
                R::run::<<R::Fused as FusedBackend>::SelfAttention, 11>(
                    weights.with_input(hidden),
                    (mask, options),
                )
            }
            _ => self_attention::composed::<Self>(hidden, weights, mask, options),
        }
    }

    fn feed_forward(
        x: FloatTensor<Self>,
        weights: FeedForwardWeights<Self>,
        options: FeedForwardOptions,
    ) -> FloatTensor<Self> {
        if !fuses::<R>(weights.tensors().chain([&x])) {
            return feed_forward::composed::<Self>(x, weights, options);
        }
        R::run::<<R::Fused as FusedBackend>::FeedForward, 7>(weights.with_input(x), options)
    }

    fn unpack_sequences(
        hidden: FloatTensor<Self>,
        offsets: SequenceOffsets,
        length: usize,
    ) -> FloatTensor<Self> {
        if !fuses::<R>([&hidden]) {
            return sequence_offsets::composed::<Self>(hidden, offsets, length);
        }
        R::run::<<R::Fused as FusedBackend>::UnpackSequences, 1>([hidden], (offsets, length))
    }

    fn dropout(x: FloatTensor<Self>, dropout: Option<Dropout>) -> FloatTensor<Self> {
        match dropout {
            Some(dropout) if fuses::<R>([&x]) => {
                R::run::<<R::Fused as FusedBackend>::Dropout, 1>([x], dropout)
            }
            _ => dropout::composed::<Self>(x, dropout),
        }
    }

    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        weights: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        // The fused body takes the weights as constants.
        if !constant::<R, _>([&weights]) || !fuses::<R>([&logits]) || !R::Fused::fuses_ids([R::ids(&targets)])
        {
            return cross_entropy::composed::<Self>(logits, targets, weights);
        }
        R::run::<<R::Fused as FusedBackend>::CrossEntropy, 1>(
            [logits],
            (R::ids(&targets).clone(), R::into_primitive(weights)),
        )
    }

    fn vocabulary_logits(
        x: FloatTensor<Self>,
        weights: VocabularyWeights<Self>,
        gemm: GemmOptions,
    ) -> FloatTensor<Self> {
        let [table, bias] = weights.tensors();
        if !constant::<R, _>([&x, table, bias]) {
            return vocabulary::composed_logits::<Self>(x, weights);
        }
        let VocabularyWeights { table, bias } = weights;
        let [x, table, bias] = [x, table, bias].map(R::into_primitive);
        let weights = VocabularyWeights { table, bias };
        R::lift(<R::Fused as FusedBackend>::vocabulary_logits(x, weights, &gemm))
    }

    fn vocabulary_cross_entropy(
        x: FloatTensor<Self>,
        weights: VocabularyWeights<Self>,
        targets: IntTensor<Self>,
        row_weights: FloatTensor<Self>,
        gemm: GemmOptions,
    ) -> FloatTensor<Self> {
        let fuses = fuses::<R>(weights.tensors().into_iter().chain([&x]));
        if !fuses || !constant::<R, _>([&row_weights]) || !R::Fused::fuses_ids([R::ids(&targets)]) {
            return vocabulary::composed_cross_entropy::<Self>(x, weights, targets, row_weights, gemm);
        }
        let inputs = [x, weights.table, weights.bias];
        let arguments = VocabularyArguments {
            targets: R::ids(&targets).clone(),
            row_weights: R::into_primitive(row_weights),
            needed: inputs.each_ref().map(R::is_tracked),
            gemm,
        };
        R::run::<<R::Fused as FusedBackend>::VocabularyCrossEntropy, 3>(inputs, arguments)
    }

    fn sum_of_squares(x: FloatTensor<Self>) -> FloatTensor<Self> {
        if !constant::<R, _>([&x]) {
            return gradient_norm::composed_sum::<Self>(x);
        }
        R::lift(<R::Fused as FusedBackend>::sum_of_squares(R::into_primitive(x)))
    }

    fn scale(x: FloatTensor<Self>, factor: FloatTensor<Self>) -> FloatTensor<Self> {
        if !constant::<R, _>([&x, &factor]) {
            return gradient_norm::composed_scale::<Self>(x, factor);
        }
        let [x, factor] = [x, factor].map(R::into_primitive);
        R::lift(<R::Fused as FusedBackend>::scale(x, factor))
    }

    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment1: FloatTensor<Self>,
        moment2: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !constant::<R, _>([&parameter, &gradient, &moment1, &moment2]) {
            return adamw::composed::<Self>(parameter, gradient, moment1, moment2, step);
        }
        let all = [parameter, gradient, moment1, moment2].map(R::into_primitive);
        let [parameter, moment1, moment2] = <R::Fused as FusedBackend>::adamw(all, step).map(R::lift);
        (parameter, moment1, moment2)
    }
}
