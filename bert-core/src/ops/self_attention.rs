//! The first half of a layer: self-attention with its output layer and residual connection (Vaswani et al. 2017,
//! section 3; Devlin et al. 2019, section 3).

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;

use super::linear::parameters;
use super::residual_norm::gain_and_offset;
use super::{BertBackend, Dropout, Texts};

/// The weights of the first half of a layer: dense ones `[hidden, hidden]`, the others `[hidden]`.
#[derive(Debug, ExtensionType)]
pub struct SelfAttention<B: Backend> {
    /// The weight of the projection to queries.
    pub query: FloatTensor<B>,
    /// Its bias.
    pub query_bias: FloatTensor<B>,
    /// The weight of the projection to keys.
    pub key: FloatTensor<B>,
    /// Its bias.
    pub key_bias: FloatTensor<B>,
    /// The weight of the projection to values.
    pub value: FloatTensor<B>,
    /// Its bias.
    pub value_bias: FloatTensor<B>,
    /// The weight of the output layer.
    pub output: FloatTensor<B>,
    /// Its bias.
    pub output_bias: FloatTensor<B>,
    /// The normalisation's gain.
    pub gamma: FloatTensor<B>,
    /// The normalisation's offset.
    pub beta: FloatTensor<B>,
}

impl<B: Backend> SelfAttention<B> {
    /// In the order of the fields.
    pub fn all(&self) -> [&FloatTensor<B>; 10] {
        [
            &self.query,
            &self.query_bias,
            &self.key,
            &self.key_bias,
            &self.value,
            &self.value_bias,
            &self.output,
            &self.output_bias,
            &self.gamma,
            &self.beta,
        ]
    }

    /// In the order of the fields.
    pub fn into_all(self) -> [FloatTensor<B>; 10] {
        [
            self.query,
            self.query_bias,
            self.key,
            self.key_bias,
            self.value,
            self.value_bias,
            self.output,
            self.output_bias,
            self.gamma,
            self.beta,
        ]
    }
}

#[allow(clippy::too_many_arguments)]
pub(super) fn composed<B: BertBackend>(
    hidden: FloatTensor<B>,
    weights: SelfAttention<B>,
    bias: FloatTensor<B>,
    texts: Option<Texts>,
    heads: usize,
    epsilon: f64,
    probability_dropout: Option<Dropout>,
    output_dropout: Option<Dropout>,
) -> FloatTensor<B> {
    let context = B::bert_attention(
        B::dense(hidden.clone(), weights.query, weights.query_bias),
        B::dense(hidden.clone(), weights.key, weights.key_bias),
        B::dense(hidden.clone(), weights.value, weights.value_bias),
        bias,
        texts,
        heads,
        probability_dropout,
    );
    let output = B::dense(context, weights.output, weights.output_bias);
    B::residual_norm(
        output,
        hidden,
        weights.gamma,
        weights.beta,
        epsilon,
        output_dropout,
    )
}

/// [`attention`](super::attention) of three projections of `hidden`, a dense layer, and
/// [`residual_norm`](super::residual_norm) with `hidden`: `[batch, length, hidden]` to the same.
///
/// `layers` are the projections to queries, keys and values, and the output layer; bias and `texts` are as in
/// [`attention`](super::attention); `dropouts` are on the probabilities and on the output.
///
/// # Panics
/// If a layer has no bias or the normalisation no offset, or the hidden size is no multiple of `heads`.
#[allow(clippy::too_many_arguments)]
pub fn self_attention(
    hidden: Tensor<3>,
    layers: [&Linear; 4],
    norm: &LayerNorm,
    bias: Tensor<4>,
    texts: Option<Texts>,
    heads: usize,
    epsilon: f64,
    dropouts: [Option<Dropout>; 2],
) -> Tensor<3> {
    let [query, key, value, output] = layers.map(|layer| {
        let (weight, bias) = parameters(layer);
        (weight.into_dispatch(), bias.into_dispatch())
    });
    let (gamma, beta) = gain_and_offset(norm);
    let weights = SelfAttention {
        query: query.0,
        query_bias: query.1,
        key: key.0,
        key_bias: key.1,
        value: value.0,
        value_bias: value.1,
        output: output.0,
        output_bias: output.1,
        gamma: gamma.into_dispatch(),
        beta: beta.into_dispatch(),
    };
    let [probability_dropout, output_dropout] = dropouts;
    Tensor::from_dispatch(<Dispatch as BertBackend>::self_attention(
        hidden.into_dispatch(),
        weights,
        bias.into_dispatch(),
        texts,
        heads,
        epsilon,
        probability_dropout,
        output_dropout,
    ))
}
