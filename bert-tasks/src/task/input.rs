//! What models read.

use std::fmt::Debug;

use bert_core::EncoderInput;
use burn::tensor::Device;

/// What a model reads: a batch on a device.
///
/// A pair of inputs is one, so that two texts can be read in two passes of one encoder.
pub trait ModelInput: Clone + Debug + Send + Sync + 'static {
    /// The device it is on.
    fn device(&self) -> Device;

    /// The tokens that the model computes, including padding if it is computed.
    fn computed_tokens(&self) -> usize;
}

impl ModelInput for EncoderInput {
    fn device(&self) -> Device {
        EncoderInput::device(self)
    }

    fn computed_tokens(&self) -> usize {
        let [batch, length] = self.tokens().ids.dims();
        batch * length
    }
}

impl<A: ModelInput, B: ModelInput> ModelInput for (A, B) {
    fn device(&self) -> Device {
        self.0.device()
    }

    fn computed_tokens(&self) -> usize {
        self.0.computed_tokens() + self.1.computed_tokens()
    }
}
