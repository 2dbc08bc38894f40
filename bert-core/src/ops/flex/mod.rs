//! The bodies for Flex, on the CPU: fused, over all cores, with the widest vectors that the machine has.
//!
//! Each file has one operation, forward and backward, whose definition is the composed body in the file of the same
//! name one level up. [`product`] and [`deep`] multiply matrices, [`parallel`] shares work out, [`memory`] keeps buffers for the
//! next step, [`random`] makes dropout's masks, [`math`] has exp and the normal distribution. What is computed does not
//! depend on the number of threads. Tensors that are not of 32-bit floats take the composed bodies.
//! `BERT_VECTORS=avx2` or `plain` in the environment narrows the vectors, to test on one machine what others run.

mod adamw;
mod attention;
mod autodiff;
mod bf16;
mod cross_entropy;
mod deep;
mod dropout;
mod embeddings;
mod feed_forward;
mod first_attention;
mod kept;
mod kernel;
mod linear;
mod math;
mod matrix;
mod memory;
mod norm;
mod parallel;
mod product;
mod random;
mod residual_norm;
mod rows;
mod self_attention;
mod tensor;
mod texts;

use burn::backend::DType;
use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use self::tensor::{in_order, single};
use super::{AdamWStep, BertBackend, Capabilities, Dropout, FeedForward, SelfAttention, Texts};
use crate::activation::Activation;

/// What the CPU can do.
pub(super) fn capabilities() -> Capabilities {
    Capabilities {
        packed_sequences: true,
        thread_pool: true,
        bf16_gemm: bf16::available(),
        synchronous: true,
    }
}

impl BertBackend for Flex {
    fn dense(x: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
        if !single([&x, &weight, &bias]) {
            return super::linear::composed::<Self>(x, weight, bias);
        }
        let [x, weight, bias] = [x, weight, bias].map(in_order);
        linear::forward(&x, &weight, &bias, None, linear::Use::Inference).0
    }

    fn dense_activation(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        activation: Activation,
    ) -> FlexTensor {
        if !single([&x, &weight, &bias]) {
            return super::activation::composed::<Self>(x, weight, bias, activation);
        }
        let [x, weight, bias] = [x, weight, bias].map(in_order);
        linear::forward(&x, &weight, &bias, Some(activation), linear::Use::Inference).0
    }

    fn bert_embeddings(
        ids: FlexTensor,
        types: FlexTensor,
        texts: Option<Texts>,
        word: FlexTensor,
        position: FlexTensor,
        segment: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        let known = single([&word, &position, &segment, &gamma, &beta]);
        if !known || ids.dtype() != DType::I32 || types.dtype() != DType::I32 {
            return super::embeddings::composed::<Self>(
                ids, types, texts, word, position, segment, gamma, beta, epsilon, dropout,
            );
        }
        let tokens = embeddings::Tokens::new(ids, types, texts);
        let tables = [word, position, segment].map(in_order);
        let gain = [gamma, beta].map(in_order);
        embeddings::forward(&tokens, tables.each_ref(), gain.each_ref(), epsilon, dropout).0
    }

    fn bert_attention(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        bias: FlexTensor,
        texts: Option<Texts>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        if !single([&query, &key, &value, &bias]) {
            return super::attention::composed::<Self>(query, key, value, bias, texts, heads, dropout);
        }
        let qkv = [query, key, value].map(in_order);
        attention::attention(&qkv, attention::Keys::new(bias, texts), heads, dropout).0
    }

    fn first_attention(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        bias: FlexTensor,
        texts: Option<Texts>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        if !single([&query, &key, &value, &bias]) {
            return super::first_attention::composed::<Self>(query, key, value, bias, texts, heads, dropout);
        }
        let qkv = [query, key, value].map(in_order);
        first_attention::forward(&qkv, attention::Keys::new(bias, texts), heads, dropout).0
    }

    fn self_attention(
        hidden: FlexTensor,
        weights: SelfAttention<Self>,
        bias: FlexTensor,
        texts: Option<Texts>,
        heads: usize,
        epsilon: f64,
        probability_dropout: Option<Dropout>,
        output_dropout: Option<Dropout>,
    ) -> FlexTensor {
        if !single(weights.all().into_iter().chain([&hidden, &bias])) {
            return super::self_attention::composed::<Self>(
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
        let hidden = in_order(hidden);
        let keys = attention::Keys::new(bias, texts);
        let weights = weights.into_all().map(in_order);
        let dropouts = [probability_dropout, output_dropout];
        self_attention::forward(
            hidden,
            weights,
            keys,
            heads,
            epsilon,
            dropouts,
            linear::Use::Inference,
        )
        .0
    }

    fn feed_forward(
        x: FlexTensor,
        weights: FeedForward<Self>,
        activation: Activation,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        if !single(weights.all().into_iter().chain([&x])) {
            return super::feed_forward::composed::<Self>(x, weights, activation, epsilon, dropout);
        }
        let weights = weights.into_all().map(in_order);
        feed_forward::forward(
            in_order(x),
            weights,
            activation,
            epsilon,
            dropout,
            linear::Use::Inference,
        )
        .0
    }

    fn residual_norm(
        x: FlexTensor,
        residual: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        if !single([&x, &residual, &gamma, &beta]) {
            return super::residual_norm::composed::<Self>(x, residual, gamma, beta, epsilon, dropout);
        }
        let [residual, gamma, beta] = [residual, gamma, beta].map(in_order);
        residual_norm::forward(x, &residual, [&gamma, &beta], epsilon, dropout).0
    }

    fn unpack(hidden: FlexTensor, texts: Texts, length: usize) -> FlexTensor {
        if !single([&hidden]) {
            return super::texts::composed::<Self>(hidden, texts, length);
        }
        texts::unpack(&in_order(hidden), &texts, length)
    }

    fn drop_out(x: FlexTensor, dropout: Option<Dropout>) -> FlexTensor {
        match dropout {
            Some(dropout) if single([&x]) => dropout::apply(x, dropout),
            _ => super::dropout::composed::<Self>(x, dropout),
        }
    }

    fn softmax_cross_entropy(logits: FlexTensor, targets: FlexTensor, weights: FlexTensor) -> FlexTensor {
        if !single([&logits, &weights]) || targets.dtype() != DType::I32 {
            return super::cross_entropy::composed::<Self>(logits, targets, weights);
        }
        let [logits, targets, weights] = [logits, targets, weights].map(in_order);
        cross_entropy::forward(&cross_entropy::Rows {
            logits,
            targets,
            weights,
        })
    }

    fn sum_of_squares(x: FlexTensor) -> FlexTensor {
        if !single([&x]) {
            return super::gradient_norm::composed_sum::<Self>(x);
        }
        adamw::sum_of_squares(x)
    }

    fn scale(x: FlexTensor, factor: FlexTensor) -> FlexTensor {
        if !single([&x, &factor]) {
            return super::gradient_norm::composed_scale::<Self>(x, factor);
        }
        adamw::scale(x, &in_order(factor))
    }

    fn adamw(
        parameter: FlexTensor,
        gradient: FlexTensor,
        moment1: FlexTensor,
        moment2: FlexTensor,
        step: AdamWStep,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        if !single([&parameter, &gradient, &moment1, &moment2]) {
            return super::adamw::composed::<Self>(parameter, gradient, moment1, moment2, step);
        }
        adamw::step(parameter, gradient, [moment1, moment2], step)
    }
}
