//! Multi-head self-attention with its output layer (Vaswani et al. 2017, section 3.2; Devlin et al. 2019, section 3).

use burn::module::Module;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use crate::config::BertConfig;
use crate::init::{Init, layer_norm};
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
        Self {
            query: init.linear(width, width, device),
            key: init.linear(width, width, device),
            value: init.linear(width, width, device),
            heads: config.num_attention_heads,
            dropout: config.attention_probs_dropout_prob,
        }
    }

    /// Every position's mix of all positions' values: `[batch, length, hidden]` to the same.
    pub fn forward(&self, hidden: Tensor<3>, bias: Tensor<4>, mode: Mode, site: u64) -> Tensor<3> {
        let query = ops::linear(hidden.clone(), &self.query);
        let key = ops::linear(hidden.clone(), &self.key);
        let value = ops::linear(hidden, &self.value);
        let dropout = mode.dropout(self.dropout, site);
        ops::attention(query, key, value, bias, self.heads, dropout)
    }
}

/// A dense layer, dropout, the residual connection and its normalisation: what closes both halves of a layer.
#[derive(Module, Debug)]
pub struct Output {
    /// `[inputs, hidden]`.
    pub dense: Linear,
    /// Normalises the sum with the residual: after it, not before (post-LN).
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

    /// `[batch, length, inputs]` and the residual `[batch, length, hidden]` to `[batch, length, hidden]`.
    pub fn forward(&self, x: Tensor<3>, residual: Tensor<3>, mode: Mode, site: u64) -> Tensor<3> {
        let x = ops::linear(x, &self.dense);
        let dropout = mode.dropout(self.dropout, site);
        ops::residual_norm(x, residual, &self.layer_norm, self.epsilon, dropout)
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
    pub fn forward(&self, hidden: Tensor<3>, bias: Tensor<4>, mode: Mode, site: u64) -> Tensor<3> {
        let context = self.self_attention.forward(hidden.clone(), bias, mode, site);
        self.output.forward(context, hidden, mode, site + 1)
    }
}
