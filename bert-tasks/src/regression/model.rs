//! The model: one dense output on the pooled `[CLS]` vector, and the mean squared error.

use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, Encoder, EncoderInput, Init, Mode};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::heads::pooled_outputs;
use crate::task::TaskModel;

/// BERT with one dense output on the pooled `[CLS]` vector.
#[derive(Module, Debug)]
pub struct SequenceRegressor {
    /// The pre-trained encoder, fine-tuned as a whole.
    pub bert: Encoder,
    /// `[hidden, 1]`, trained from scratch.
    pub classifier: Linear,
    dropout: f64,
}

impl SequenceRegressor {
    /// Random weights drawn from `seed`.
    pub fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: Encoder::new(config, seed, device),
            classifier: init.linear(config.hidden_size, 1, device),
            dropout: config.classifier_dropout.unwrap_or(config.hidden_dropout_prob),
        }
    }
}

impl TaskModel for SequenceRegressor {
    type Input = EncoderInput;
    type Target = f32;
    /// `[batch, 1, 1]`.
    type Output = Tensor<3>;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        pooled_outputs(&self.bert, &self.classifier, self.dropout, input, mode)
    }

    fn loss(&self, output: Tensor<3>, targets: &[f32], count: usize) -> Tensor<1> {
        let [batch, _, _] = output.dims();
        assert_eq!(batch, targets.len(), "a target for each row");
        let targets = TensorData::new(targets.to_vec(), [batch, 1, 1]);
        let difference = output.clone() - Tensor::from_data(targets, &output.device());
        (difference.clone() * difference).sum() / count.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_the_mean_square() {
        let device = Device::default();
        let model = SequenceRegressor::new(&BertConfig::compact(10, 8, 1, 2), 1, &device);
        let logits = Tensor::<3>::from_data([[[1.0]], [[4.0]]], &device);
        let loss = model.loss(logits.clone(), &[2.0, 1.0], 2).into_scalar::<f32>();
        assert_eq!(loss, (1.0 + 9.0) / 2.0);
        // Of four rows in an optimiser step, these two give their share.
        assert_eq!(model.loss(logits, &[2.0, 1.0], 4).into_scalar::<f32>(), 2.5);
    }
}
