//! The stack of layers.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::config::BertConfig;
use crate::init::Init;
use crate::input::Layout;
use crate::layer::Layer;
use crate::mode::Mode;

/// The layers, from the one above the embeddings to the last.
#[derive(Module, Debug)]
pub struct Encoder {
    /// `num_hidden_layers` of them.
    pub layer: Vec<Layer>,
}

impl Encoder {
    /// Random weights.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        let layer = (0..config.num_hidden_layers)
            .map(|_| Layer::new(config, init, device))
            .collect();
        Self { layer }
    }

    /// The last layer's output, `[batch, length, hidden]`; each layer's input is shown to `see` before it runs.
    pub fn forward(
        &self,
        mut hidden: Tensor<3>,
        layout: &Layout,
        mode: Mode,
        mut see: impl FnMut(&Tensor<3>),
    ) -> Tensor<3> {
        for (index, layer) in self.layer.iter().enumerate() {
            see(&hidden);
            hidden = layer.forward(hidden, layout, mode, index);
        }
        hidden
    }
}
