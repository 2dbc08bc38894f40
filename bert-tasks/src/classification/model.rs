//! The model: a dense layer on the pooled `[CLS]` vector, and cross-entropy.

use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, Encoder, EncoderInput, Init, Mode};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::heads::{CrossEntropyLoss, pooled_outputs};
use crate::task::{LossCount, TaskModel};

/// BERT with a dense layer on the pooled `[CLS]` vector.
#[derive(Module, Debug)]
pub struct SequenceClassifier {
    /// The pre-trained encoder, fine-tuned as a whole.
    pub bert: Encoder,
    /// `[hidden, labels]`, trained from scratch.
    pub classifier: Linear,
    dropout: f64,
    #[module(skip)]
    cross_entropy: CrossEntropyLoss,
}

impl SequenceClassifier {
    /// Random weights drawn from `seed`.
    pub fn new(config: &BertConfig, labels: usize, seed: u64, device: &Device) -> Self {
        // The head draws from a seed of its own: its weights do not depend on the encoder's size.
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: Encoder::new(config, seed, device),
            classifier: init.linear(config.hidden_size, labels, device),
            dropout: config.classifier_dropout.unwrap_or(config.hidden_dropout_prob),
            cross_entropy: CrossEntropyLoss::default(),
        }
    }

    /// The same model, trained with `cross_entropy`.
    pub fn with_cross_entropy(mut self, cross_entropy: CrossEntropyLoss) -> Self {
        self.cross_entropy = cross_entropy;
        self
    }
}

impl TaskModel for SequenceClassifier {
    type Input = EncoderInput;
    type Target = u32;
    /// `[batch, 1, labels]`.
    type Output = Tensor<3>;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        pooled_outputs(&self.bert, &self.classifier, self.dropout, input, mode)
    }

    fn loss(&self, output: Tensor<3>, targets: &[u32], count: LossCount) -> Tensor<1> {
        let [batch, _, labels] = output.dims();
        assert_eq!(batch, targets.len(), "there must be one target per row");
        let classes = targets.iter().map(|&target| target as i32).collect();
        let row_weights = vec![1.0 / count.losses.max(1) as f32; batch];
        self.cross_entropy
            .loss(output.reshape([batch, labels]), classes, row_weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_the_mean_negative_log_likelihood() {
        let device = Device::default();
        let config = BertConfig::compact(10, 8, 1, 2);
        let model = SequenceClassifier::new(&config, 3, 1, &device);
        let logits = Tensor::<3>::from_data([[[1.0, 3.0, 2.0]], [[0.0, 0.0, 0.0]]], &device);
        let loss = model.loss(logits, &[1, 2], 2.into()).into_scalar::<f32>();
        // (-log .6652409557748219 + log 3) / 2
        assert!((loss - 0.753_109_4).abs() < 1e-6, "{loss}");
    }
}
