//! One transformer layer: multi-head self-attention, then a feed-forward network on every position (Vaswani et al. 2017,
//! "Attention is all you need", section 3).

use burn::module::{Module, Param};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::config::BertConfig;
use super::init::{Init, layer_norm};
use super::key_value_cache::KeyValueCache;
use crate::mode::Mode;
use crate::ops::{
    self, Activation, AttentionMask, AttentionOptions, FeedForwardOptions, FeedForwardWeights, GemmOptions,
    NormOptions, SelfAttentionOptions, SelfAttentionWeights,
};

/// One transformer layer.
#[derive(Module, Debug)]
pub struct Layer {
    /// Self-attention with its residual connection.
    pub attention: Attention,
    /// The first dense layer of the feed-forward network.
    pub intermediate: Intermediate,
    /// The second dense layer of the feed-forward network, with its residual connection.
    pub output: Output,
    #[module(skip)]
    gemm: GemmOptions,
}

impl Layer {
    /// A layer with random weights; `index` is its number, from 0.
    pub fn new(config: &BertConfig, index: usize, init: &mut Init, device: &Device) -> Self {
        Self {
            attention: Attention::new(config, index, init, device),
            intermediate: Intermediate::new(config, init, device),
            output: Output::new(config.intermediate_size, config, init, device),
            gemm: GemmOptions::new(config.precision),
        }
    }

    /// `[batch, length, hidden]` to the same shape; `index` is the layer's number, from 0.
    pub fn forward(&self, hidden: Tensor<3>, mask: &AttentionMask, mode: Mode, index: usize) -> Tensor<3> {
        let site = first_dropout_site(index);
        let attended = self.attention.forward(hidden, mask, mode, site);
        self.feed_forward(attended, mode, site + 2)
    }

    /// The output at the `[CLS]` token of each sequence, which attends to all tokens: `[batch, length, hidden]` to
    /// `[sequences, 1, hidden]`.
    ///
    /// # Panics
    /// If a sequence has no token.
    pub fn forward_cls(
        &self,
        hidden: Tensor<3>,
        mask: &AttentionMask,
        mode: Mode,
        index: usize,
    ) -> Tensor<3> {
        let site = first_dropout_site(index);
        let attended = self.attention.forward_cls(hidden, mask, mode, site);
        self.feed_forward(attended, mode, site + 2)
    }

    /// The output at the next tokens, `[batch, new, hidden]`, which attend to themselves and to those in `cache`; see
    /// [`Encoder::forward_next`](super::Encoder::forward_next).
    pub(super) fn forward_next(
        &self,
        hidden: Tensor<3>,
        index: usize,
        cache: &mut KeyValueCache,
    ) -> Tensor<3> {
        let attended = self.attention.forward_next(hidden, index, cache);
        self.feed_forward(attended, Mode::Inference, first_dropout_site(index) + 2)
    }

    fn feed_forward(&self, attended: Tensor<3>, mode: Mode, site: u64) -> Tensor<3> {
        let Intermediate { dense, activation } = &self.intermediate;
        let output = &self.output;
        let weights = FeedForwardWeights::new(dense, &output.dense, &output.layer_norm);
        let options = FeedForwardOptions {
            activation: *activation,
            output: output.options(mode, site),
            gemm: self.gemm.clone(),
        };
        ops::feed_forward(attended, weights, options)
    }
}

/// The first of the three dropout sites of a layer: attention probabilities, attention output, feed-forward output.
fn first_dropout_site(index: usize) -> u64 {
    1 + 3 * index as u64
}

/// Multi-head self-attention, followed by a dense layer and the residual connection.
#[derive(Module, Debug)]
pub struct Attention {
    /// Queries, keys and values. (Hugging Face's name is `self`, which is a keyword in Rust.)
    pub self_attention: SelfAttention,
    /// The dense layer back to the residual stream.
    pub output: Output,
    #[module(skip)]
    gemm: GemmOptions,
}

impl Attention {
    /// Random weights; `index` is the layer's number, from 0.
    pub fn new(config: &BertConfig, index: usize, init: &mut Init, device: &Device) -> Self {
        Self {
            self_attention: SelfAttention::new(config, index, init, device),
            output: Output::new(config.hidden_size, config, init, device),
            gemm: GemmOptions::new(config.precision),
        }
    }

    /// `[batch, length, hidden]` to the same shape; `site` is the first of the two dropout sites used here.
    pub fn forward(&self, hidden: Tensor<3>, mask: &AttentionMask, mode: Mode, site: u64) -> Tensor<3> {
        let SelfAttention {
            query, key, value, ..
        } = &self.self_attention;
        let output = &self.output;
        let layers = [query, key, value, &output.dense];
        let weights = SelfAttentionWeights::new(layers, &output.layer_norm);
        let options = SelfAttentionOptions {
            attention: self.self_attention.options(mode, site),
            output: output.options(mode, site + 1),
            gemm: self.gemm.clone(),
        };
        ops::self_attention(hidden, weights, mask.clone(), options)
    }

    /// The output at the `[CLS]` token of each sequence: `[batch, length, hidden]` to `[sequences, 1, hidden]`.
    ///
    /// # Panics
    /// If a sequence has no token.
    pub fn forward_cls(&self, hidden: Tensor<3>, mask: &AttentionMask, mode: Mode, site: u64) -> Tensor<3> {
        let SelfAttention {
            query, key, value, ..
        } = &self.self_attention;
        let output = &self.output;
        let linear = |x: &Tensor<3>, layer| ops::linear(x.clone(), layer, &self.gemm);
        let cls = ops::cls_tokens(hidden.clone(), mask.offsets());
        let inputs = [linear(&cls, query), linear(&hidden, key), linear(&hidden, value)];
        let options = self.self_attention.options(mode, site);
        let context = ops::cls_attention(inputs, mask.clone(), options);
        ops::residual_norm(
            linear(&context, &output.dense),
            cls,
            &output.layer_norm,
            output.options(mode, site + 1),
        )
    }
}

impl Attention {
    /// The output at the next tokens, `[batch, new, hidden]`: all tokens so far if the cache has none of this layer, or one.
    fn forward_next(&self, hidden: Tensor<3>, layer: usize, cache: &mut KeyValueCache) -> Tensor<3> {
        let SelfAttention {
            query, key, value, ..
        } = &self.self_attention;
        let output = &self.output;
        let linear = |x: &Tensor<3>, layer| ops::linear(x.clone(), layer, &self.gemm);
        let new = [linear(&hidden, key), linear(&hidden, value)];
        let [keys, values] = cache.extend(layer, new);
        let [batch, tokens, _] = keys.dims();
        let mask = AttentionMask::padding(Tensor::zeros([batch, 1, 1, tokens], &hidden.device()));
        let inputs = [linear(&hidden, query), keys, values];
        let options = AttentionOptions {
            causal: true,
            ..self.self_attention.options(Mode::Inference, 0)
        };
        let context = match hidden.dims()[1] {
            1 => ops::cls_attention(inputs, mask, options),
            _ => ops::attention(inputs, mask, options),
        };
        let options = output.options(Mode::Inference, 0);
        ops::residual_norm(
            linear(&context, &output.dense),
            hidden,
            &output.layer_norm,
            options,
        )
    }
}

/// The projections to queries, keys and values.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// `[hidden, hidden]`.
    pub query: Linear,
    /// `[hidden, hidden]`.
    pub key: Linear,
    /// `[hidden, hidden]`.
    pub value: Linear,
    heads: usize,
    dropout: f64,
    causal: bool,
}

impl SelfAttention {
    /// Random projections; `index` is the layer's number, from 0.
    pub fn new(config: &BertConfig, index: usize, init: &mut Init, device: &Device) -> Self {
        let width = config.hidden_size;
        let query = init.linear(width, width, device);
        let mut key = init.linear(width, width, device);
        if index < config.keys_start_as_queries {
            let weight = query.weight.val().into_data();
            key.weight = Param::from_tensor(Tensor::from_data(weight, device));
        }
        Self {
            query,
            key,
            value: init.linear(width, width, device),
            heads: config.num_attention_heads,
            dropout: config.attention_probs_dropout_prob,
            causal: config.is_decoder,
        }
    }

    fn options(&self, mode: Mode, site: u64) -> AttentionOptions {
        AttentionOptions {
            heads: self.heads,
            dropout: mode.dropout(self.dropout, site),
            causal: self.causal,
        }
    }
}

/// The widening dense layer of the feed-forward network, with its activation.
#[derive(Module, Debug)]
pub struct Intermediate {
    /// `[hidden, intermediate]`.
    pub dense: Linear,
    #[module(skip)]
    activation: Activation,
}

impl Intermediate {
    /// A random dense layer.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        Self {
            dense: init.linear(config.hidden_size, config.intermediate_size, device),
            activation: config.hidden_act,
        }
    }
}

/// A dense layer, dropout, the residual connection and layer normalisation: the end of both halves of a layer.
#[derive(Module, Debug)]
pub struct Output {
    /// `[inputs, hidden]`.
    pub dense: Linear,
    /// Normalises the sum with the residual (post-LN).
    pub layer_norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
}

impl Output {
    /// A random dense layer from `inputs` features to the hidden size.
    pub fn new(inputs: usize, config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        Self {
            dense: init.linear(inputs, config.hidden_size, device),
            layer_norm: layer_norm(config.hidden_size, config.layer_norm_eps, device),
            epsilon: config.layer_norm_eps,
            dropout: config.hidden_dropout_prob,
        }
    }

    fn options(&self, mode: Mode, site: u64) -> NormOptions {
        NormOptions {
            epsilon: self.epsilon,
            dropout: mode.dropout(self.dropout, site),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_start_as_queries_only_where_the_config_says_so() {
        let device = Device::default();
        let attention = |keys_start_as_queries, layer| {
            let config = BertConfig {
                keys_start_as_queries,
                ..BertConfig::compact(10, 8, 2, 2)
            };
            assert!(!config.to_json().contains("keys_start"));
            SelfAttention::new(
                &config,
                layer,
                &mut Init::new(1, config.initializer_range),
                &device,
            )
        };
        let weights = |layer: &Linear| layer.weight.val().into_data();
        let equal = attention(1, 0);
        assert_eq!(weights(&equal.key), weights(&equal.query));
        let second = attention(1, 1);
        assert_ne!(weights(&second.key), weights(&second.query));
        let plain = attention(0, 0);
        assert_ne!(weights(&plain.key), weights(&plain.query));
        // The other weights do not change.
        assert_eq!(weights(&plain.query), weights(&equal.query));
        assert_eq!(weights(&plain.value), weights(&equal.value));
    }
}
