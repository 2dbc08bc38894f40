//! Multi-head self-attention with its output layer (Vaswani et al. 2017, section 3.2; Devlin et al. 2019, section 3).

use burn::module::{Module, Param};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use crate::config::BertConfig;
use crate::init::{Init, layer_norm};
use crate::input::Layout;
use crate::mode::Mode;
use crate::ops;

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
}

impl SelfAttention {
    /// Random projections.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        let width = config.hidden_size;
        let query = init.linear(width, width, device);
        let mut key = init.linear(width, width, device);
        if config.keys_start_as_queries {
            let weight = query.weight.val().into_data();
            key.weight = Param::from_tensor(Tensor::from_data(weight, device));
        }
        Self {
            query,
            key,
            value: init.linear(width, width, device),
            heads: config.num_attention_heads,
            dropout: config.attention_probs_dropout_prob,
        }
    }
}

/// A dense layer, dropout, the residual connection and its normalisation: what closes both halves of a layer.
#[derive(Module, Debug)]
pub struct Output {
    /// `[inputs, hidden]`.
    pub dense: Linear,
    /// Normalises the sum with the residual: after it, not before (post-LN).
    pub layer_norm: LayerNorm,
    pub(crate) epsilon: f64,
    pub(crate) dropout: f64,
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
}

/// The first half of a layer.
#[derive(Module, Debug)]
pub struct Attention {
    /// Queries, keys and values. (Hugging Face's name is `self`, which Rust keeps for itself.)
    pub self_attention: SelfAttention,
    /// Back to the residual stream.
    pub output: Output,
}

impl Attention {
    /// Random weights.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        Self {
            self_attention: SelfAttention::new(config, init, device),
            output: Output::new(config.hidden_size, config, init, device),
        }
    }

    /// `[batch, length, hidden]` to the same; `site` is the first of the two dropout places used here.
    pub fn forward(&self, hidden: Tensor<3>, layout: &Layout, mode: Mode, site: u64) -> Tensor<3> {
        let SelfAttention {
            query, key, value, ..
        } = &self.self_attention;
        let Output {
            dense, layer_norm, ..
        } = &self.output;
        let dropouts = [
            mode.dropout(self.self_attention.dropout, site),
            mode.dropout(self.output.dropout, site + 1),
        ];
        let (heads, epsilon) = (self.self_attention.heads, self.output.epsilon);
        ops::self_attention(
            hidden,
            [query, key, value, dense],
            layer_norm,
            layout.bias.clone(),
            layout.texts.clone(),
            heads,
            epsilon,
            dropouts,
        )
    }
}

impl Attention {
    /// The same of each text's first token alone: `[batch, length, hidden]` to `[texts, 1, hidden]`.
    ///
    /// # Panics
    /// If a text has no token.
    pub fn forward_first(&self, hidden: Tensor<3>, layout: &Layout, mode: Mode, site: u64) -> Tensor<3> {
        let SelfAttention {
            query,
            key,
            value,
            heads,
            dropout,
        } = &self.self_attention;
        let Output {
            dense,
            layer_norm,
            epsilon,
            ..
        } = &self.output;
        let first = ops::first_tokens(hidden.clone(), layout.texts.as_ref());
        let context = ops::first_attention(
            ops::linear(first.clone(), query),
            ops::linear(hidden.clone(), key),
            ops::linear(hidden, value),
            layout.bias.clone(),
            layout.texts.clone(),
            *heads,
            mode.dropout(*dropout, site),
        );
        let dropped = mode.dropout(self.output.dropout, site + 1);
        ops::residual_norm(ops::linear(context, dense), first, layer_norm, *epsilon, dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_start_as_queries_only_where_asked_for() {
        let device = Device::default();
        let attention = |keys_start_as_queries| {
            let config = BertConfig {
                keys_start_as_queries,
                ..BertConfig::compact(10, 8, 1, 2)
            };
            assert!(!config.to_json().contains("keys_start"));
            SelfAttention::new(&config, &mut Init::new(1, config.initializer_range), &device)
        };
        let weights = |layer: &Linear| layer.weight.val().into_data();
        let alike = attention(true);
        assert_eq!(weights(&alike.key), weights(&alike.query));
        let plain = attention(false);
        assert_ne!(weights(&plain.key), weights(&plain.query));
        // Nothing else is drawn differently.
        assert_eq!(weights(&plain.query), weights(&alike.query));
        assert_eq!(weights(&plain.value), weights(&alike.value));
    }
}
