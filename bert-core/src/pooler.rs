//! The summary of a text: its `[CLS]` vector through a dense layer and tanh (google-research/bert, `modeling.py`).

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::config::BertConfig;
use crate::init::Init;
use crate::ops;

/// The pooler, pre-trained with the next-sentence task.
#[derive(Module, Debug)]
pub struct Pooler {
    /// `[hidden, hidden]`.
    pub dense: Linear,
}

impl Pooler {
    /// A random dense layer.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        Self {
            dense: init.linear(config.hidden_size, config.hidden_size, device),
        }
    }

    /// `[batch, length, hidden]` to `[batch, hidden]`.
    pub fn forward(&self, hidden: Tensor<3>) -> Tensor<2> {
        let [batch, _, width] = hidden.dims();
        let first = hidden.slice([0..batch, 0..1]);
        ops::linear(first, &self.dense).tanh().reshape([batch, width])
    }
}
