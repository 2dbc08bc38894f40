//! The first half of a layer: self-attention with its output layer and residual connection (Vaswani et al. 2017,
//! section 3; Devlin et al. 2019, section 3).

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;

use super::{AttentionInputs, AttentionMask, AttentionOptions};
use crate::ops::{BertBackend, GemmOptions, LinearWeights, NormOptions, NormWeights};

/// The parameters of the first half of a layer; the dense layers are `[hidden, hidden]`.
#[derive(Clone, Debug, ExtensionType)]
pub struct SelfAttentionWeights<B: Backend = Dispatch> {
    /// The projection to queries.
    #[extension_type]
    pub query: LinearWeights<B>,
    /// The projection to keys.
    #[extension_type]
    pub key: LinearWeights<B>,
    /// The projection to values.
    #[extension_type]
    pub value: LinearWeights<B>,
    /// The output layer.
    #[extension_type]
    pub output: LinearWeights<B>,
    /// The normalisation.
    #[extension_type]
    pub norm: NormWeights<B>,
}

impl<B: Backend> SelfAttentionWeights<B> {
    pub(in crate::ops) fn tensors(&self) -> impl Iterator<Item = &FloatTensor<B>> {
        let layers = [&self.query, &self.key, &self.value, &self.output];
        let layers = layers.into_iter().flat_map(LinearWeights::tensors);
        layers.chain(self.norm.tensors())
    }

    /// `hidden`, then the parameters in the order of the fields.
    pub(in crate::ops) fn with_input(self, hidden: FloatTensor<B>) -> [FloatTensor<B>; 11] {
        let Self {
            query,
            key,
            value,
            output,
            norm,
        } = self;
        [
            hidden,
            query.weight,
            query.bias,
            key.weight,
            key.bias,
            value.weight,
            value.bias,
            output.weight,
            output.bias,
            norm.gamma,
            norm.beta,
        ]
    }
}

impl SelfAttentionWeights {
    /// The parameters of the projections to queries, keys and values, of the output layer and of the normalisation.
    ///
    /// # Panics
    /// If a layer has no bias or the normalisation no offset.
    pub fn new(layers: [&Linear; 4], norm: &LayerNorm) -> Self {
        let [query, key, value, output] = layers.map(LinearWeights::from);
        Self {
            query,
            key,
            value,
            output,
            norm: norm.into(),
        }
    }
}

/// The options of the first half of a layer.
#[derive(Clone, Debug)]
pub struct SelfAttentionOptions {
    /// Heads, and dropout on the probabilities.
    pub attention: AttentionOptions,
    /// The residual connection's dropout and normalisation.
    pub output: NormOptions,
    /// The products of the four dense layers.
    pub gemm: GemmOptions,
}

pub(in crate::ops) fn composed<B: BertBackend>(
    hidden: FloatTensor<B>,
    weights: SelfAttentionWeights<B>,
    mask: AttentionMask<B>,
    options: SelfAttentionOptions,
) -> FloatTensor<B> {
    let SelfAttentionOptions {
        attention,
        output,
        gemm,
    } = options;
    let dense = |x: &FloatTensor<B>, layer| B::bert_linear(x.clone(), layer, None, gemm.clone());
    let inputs = AttentionInputs {
        query: dense(&hidden, weights.query),
        key: dense(&hidden, weights.key),
        value: dense(&hidden, weights.value),
    };
    let context = B::bert_attention(inputs, mask, attention);
    B::residual_norm(dense(&context, weights.output), hidden, weights.norm, output)
}

/// [`attention`](super::attention) of three projections of `hidden`, a dense layer, and
/// [`residual_norm`](crate::ops::residual_norm()) with `hidden`: `[batch, length, hidden]` to the same shape.
///
/// # Panics
/// If the hidden size is no multiple of the number of heads, or the offsets do not fit the batch's tokens.
pub fn self_attention(
    hidden: Tensor<3>,
    weights: SelfAttentionWeights,
    mask: AttentionMask,
    options: SelfAttentionOptions,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::self_attention(
        hidden.into_dispatch(),
        weights,
        mask,
        options,
    ))
}
