//! The same bodies with gradients: what each keeps for its backward pass.

use std::fmt::Debug;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::ops::{Backward, NodeGuard, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, DType, Flex, TensorMetadata};

use super::tensor::{in_order, single};
use super::{
    attention, cross_entropy, dropout, embeddings, feed_forward, first_attention, kept, linear,
    residual_norm, self_attention, texts,
};
use crate::activation::Activation;
use crate::ops::{BertBackend, Dropout, FeedForward, SelfAttention, Texts};

type Tracked = FloatTensor<Autodiff<Flex>>;

/// The tensors without their graph, their elements in order, and their places in it.
fn parts<const N: usize>(tensors: [Tracked; N]) -> ([FlexTensor; N], [NodeGuard; N]) {
    let nodes = tensors.each_ref().map(Tracked::node);
    (tensors.map(|tensor| in_order(tensor.into_primitive())), nodes)
}

/// Whether the fused bodies can take these tensors.
fn known<'a>(tensors: impl IntoIterator<Item = &'a Tracked>) -> bool {
    single(tensors.into_iter().map(Tracked::primitive))
}

/// One place before the others.
fn joined<const N: usize, const M: usize>(first: NodeGuard, others: [NodeGuard; N]) -> [NodeGuard; M] {
    let mut all = std::iter::once(first).chain(others);
    std::array::from_fn(|_| all.next().expect("one more place than there are others"))
}

/// Puts an operation into the graph: its output, and what `backward` needs.
fn record<C, S, const N: usize>(
    backward: impl Backward<Flex, N, State = S>,
    nodes: [NodeGuard; N],
    output: FlexTensor,
    saved: S,
) -> Tracked
where
    C: CheckpointStrategy,
    S: Clone + Send + Debug + 'static,
{
    match backward.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish(saved, output),
        OpsKind::UnTracked(prep) => prep.finish(output),
    }
}

impl<C: CheckpointStrategy> BertBackend for Autodiff<Flex, C> {
    fn dense(x: Tracked, weight: Tracked, bias: Tracked) -> Tracked {
        if !known([&x, &weight, &bias]) {
            return crate::ops::linear::composed::<Self>(x, weight, bias);
        }
        let ([x, weight, bias], nodes) = parts([x, weight, bias]);
        let (output, _) = linear::forward(&x, &weight, &bias, None, linear::Use::Training);
        let saved = linear::Saved {
            x,
            weight,
            activation: None,
        };
        record::<C, _, 3>(linear::DenseBackward, nodes, output, saved)
    }

    fn dense_activation(x: Tracked, weight: Tracked, bias: Tracked, activation: Activation) -> Tracked {
        if !known([&x, &weight, &bias]) {
            return crate::ops::activation::composed::<Self>(x, weight, bias, activation);
        }
        let ([x, weight, bias], nodes) = parts([x, weight, bias]);
        let (output, before) = linear::forward(&x, &weight, &bias, Some(activation), linear::Use::Training);
        let saved = linear::Saved {
            x,
            weight,
            activation: before.map(|before| (activation, before)),
        };
        record::<C, _, 3>(linear::DenseBackward, nodes, output, saved)
    }

    fn bert_embeddings(
        ids: FlexTensor,
        types: FlexTensor,
        texts: Option<Texts>,
        word: Tracked,
        position: Tracked,
        segment: Tracked,
        gamma: Tracked,
        beta: Tracked,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> Tracked {
        let known = known([&word, &position, &segment, &gamma, &beta]);
        if !known || ids.dtype() != DType::I32 || types.dtype() != DType::I32 {
            return crate::ops::embeddings::composed::<Self>(
                ids, types, texts, word, position, segment, gamma, beta, epsilon, dropout,
            );
        }
        let tokens = embeddings::Tokens::new(ids, types, texts);
        // What begins a training step.
        kept::release();
        let (all, nodes) = parts([word, position, segment, gamma, beta]);
        let [word, position, segment, gamma, beta] = all;
        let tables = [&word, &position, &segment];
        let (output, sum) = embeddings::forward(&tokens, tables, [&gamma, &beta], epsilon, dropout);
        let saved = embeddings::Saved {
            tokens,
            rows: tables.map(|table| table.shape()[0]),
            sum,
            gamma,
            epsilon,
            dropout,
        };
        record::<C, _, 5>(embeddings::EmbeddingsBackward, nodes, output, saved)
    }

    fn bert_attention(
        query: Tracked,
        key: Tracked,
        value: Tracked,
        bias: Tracked,
        texts: Option<Texts>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> Tracked {
        // The fused body takes the bias as a constant.
        if bias.is_tracked() || !known([&query, &key, &value, &bias]) {
            return crate::ops::attention::composed::<Self>(query, key, value, bias, texts, heads, dropout);
        }
        let (qkv, nodes) = parts([query, key, value]);
        let keys = attention::Keys::new(bias.into_primitive(), texts);
        let (output, sizes) = attention::attention(&qkv, keys, heads, dropout);
        let saved = attention::Saved { qkv, sizes, dropout };
        record::<C, _, 3>(attention::AttentionBackward, nodes, output, saved)
    }

    fn first_attention(
        query: Tracked,
        key: Tracked,
        value: Tracked,
        bias: Tracked,
        texts: Option<Texts>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> Tracked {
        if bias.is_tracked() || !known([&query, &key, &value, &bias]) {
            return crate::ops::first_attention::composed::<Self>(
                query, key, value, bias, texts, heads, dropout,
            );
        }
        let (qkv, nodes) = parts([query, key, value]);
        let keys = attention::Keys::new(bias.into_primitive(), texts);
        let (output, sizes) = first_attention::forward(&qkv, keys, heads, dropout);
        let saved = first_attention::Saved { qkv, sizes, dropout };
        record::<C, _, 3>(first_attention::FirstAttentionBackward, nodes, output, saved)
    }

    fn self_attention(
        hidden: Tracked,
        weights: SelfAttention<Self>,
        bias: Tracked,
        texts: Option<Texts>,
        heads: usize,
        epsilon: f64,
        probability_dropout: Option<Dropout>,
        output_dropout: Option<Dropout>,
    ) -> Tracked {
        if bias.is_tracked() || !known(weights.all().into_iter().chain([&hidden, &bias])) {
            return crate::ops::self_attention::composed::<Self>(
                hidden,
                weights,
                bias,
                texts,
                heads,
                epsilon,
                probability_dropout,
                output_dropout,
            );
        }
        let ([hidden], [hidden_node]) = parts([hidden]);
        let (weights, nodes) = parts(weights.into_all());
        let keys = attention::Keys::new(bias.into_primitive(), texts);
        let dropouts = [probability_dropout, output_dropout];
        let (output, saved) = self_attention::forward(
            hidden,
            weights,
            keys,
            heads,
            epsilon,
            dropouts,
            linear::Use::Training,
        );
        let nodes = joined(hidden_node, nodes);
        record::<C, _, 11>(self_attention::SelfAttentionBackward, nodes, output, saved)
    }

    fn feed_forward(
        x: Tracked,
        weights: FeedForward<Self>,
        activation: Activation,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> Tracked {
        if !known(weights.all().into_iter().chain([&x])) {
            return crate::ops::feed_forward::composed::<Self>(x, weights, activation, epsilon, dropout);
        }
        let ([x], [x_node]) = parts([x]);
        let (weights, nodes) = parts(weights.into_all());
        let (output, saved) =
            feed_forward::forward(x, weights, activation, epsilon, dropout, linear::Use::Training);
        let saved = saved.expect("kept, as was asked for");
        let nodes = joined(x_node, nodes);
        record::<C, _, 7>(feed_forward::FeedForwardBackward, nodes, output, saved)
    }

    fn residual_norm(
        x: Tracked,
        residual: Tracked,
        gamma: Tracked,
        beta: Tracked,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> Tracked {
        if !known([&x, &residual, &gamma, &beta]) {
            return crate::ops::residual_norm::composed::<Self>(x, residual, gamma, beta, epsilon, dropout);
        }
        let ([x, residual, gamma, beta], nodes) = parts([x, residual, gamma, beta]);
        let (output, sum) = residual_norm::forward(x, &residual, [&gamma, &beta], epsilon, dropout);
        let saved = residual_norm::Saved {
            sum,
            gamma,
            epsilon,
            dropout,
        };
        record::<C, _, 4>(residual_norm::ResidualNormBackward, nodes, output, saved)
    }

    fn unpack(hidden: Tracked, texts: Texts, length: usize) -> Tracked {
        if !known([&hidden]) {
            return crate::ops::texts::composed::<Self>(hidden, texts, length);
        }
        let ([hidden], nodes) = parts([hidden]);
        let output = texts::unpack(&hidden, &texts, length);
        record::<C, _, 1>(texts::UnpackBackward, nodes, output, texts)
    }

    fn drop_out(x: Tracked, dropout: Option<Dropout>) -> Tracked {
        let Some(dropout) = dropout.filter(|_| known([&x])) else {
            return crate::ops::dropout::composed::<Self>(x, dropout);
        };
        let ([x], nodes) = parts([x]);
        let output = dropout::apply(x, dropout);
        record::<C, _, 1>(dropout::DropoutBackward, nodes, output, dropout)
    }

    fn softmax_cross_entropy(logits: Tracked, targets: FlexTensor, weights: Tracked) -> Tracked {
        // The fused body takes the weights as constants.
        let known = known([&logits, &weights]) && targets.dtype() == DType::I32;
        if weights.is_tracked() || !known {
            return crate::ops::cross_entropy::composed::<Self>(logits, targets, weights);
        }
        let ([logits], nodes) = parts([logits]);
        let rows = cross_entropy::Rows {
            logits,
            targets: in_order(targets),
            weights: in_order(weights.into_primitive()),
        };
        let output = cross_entropy::forward(&rows);
        record::<C, _, 1>(cross_entropy::CrossEntropyBackward, nodes, output, rows)
    }
}
