//! One layer of the encoder: attention, then a feed-forward network on every position.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::attention::{Attention, Output};
use crate::config::{Activation, BertConfig};
use crate::init::Init;
use crate::input::Layout;
use crate::mode::Mode;
use crate::ops;

/// The widening dense layer of the feed-forward network with its activation.
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

/// One transformer layer.
#[derive(Module, Debug)]
pub struct Layer {
    /// Attention with its residual connection.
    pub attention: Attention,
    /// The first dense layer of the feed-forward network.
    pub intermediate: Intermediate,
    /// The second one, with its residual connection.
    pub output: Output,
}

impl Layer {
    /// Random weights.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        Self {
            attention: Attention::new(config, init, device),
            intermediate: Intermediate::new(config, init, device),
            output: Output::new(config.intermediate_size, config, init, device),
        }
    }

    /// `[batch, length, hidden]` to the same; `index` is the layer's number from 0.
    pub fn forward(&self, hidden: Tensor<3>, layout: &Layout, mode: Mode, index: usize) -> Tensor<3> {
        let site = 1 + 3 * index as u64;
        let attended = self.attention.forward(hidden, layout, mode, site);
        self.feed_forward(attended, mode, site)
    }

    /// The same of each text's first token alone, all of the others being read: `[texts, 1, hidden]`.
    ///
    /// # Panics
    /// If a text has no token.
    pub fn forward_first(&self, hidden: Tensor<3>, layout: &Layout, mode: Mode, index: usize) -> Tensor<3> {
        let site = 1 + 3 * index as u64;
        let attended = self.attention.forward_first(hidden, layout, mode, site);
        self.feed_forward(attended, mode, site)
    }

    fn feed_forward(&self, attended: Tensor<3>, mode: Mode, site: u64) -> Tensor<3> {
        let Intermediate { dense, activation } = &self.intermediate;
        let output = &self.output;
        let dropout = mode.dropout(output.dropout, site + 2);
        ops::feed_forward(
            attended,
            [dense, &output.dense],
            &output.layer_norm,
            *activation,
            output.epsilon,
            dropout,
        )
    }
}
