//! The model: a dense layer on every token, and its loss over the tokens that have a label.

use bert_core::Init;
use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, Encoder, EncoderInput, Mode, ops};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use super::TokenLabels;
use crate::heads::CrossEntropyLoss;
use crate::task::{LossCount, TaskModel};

/// BERT with a dense layer on every token.
#[derive(Module, Debug)]
pub struct TokenTagger {
    /// The pre-trained encoder without a pooler, fine-tuned as a whole.
    pub bert: Encoder,
    /// `[hidden, labels]`, trained from scratch.
    pub classifier: Linear,
    dropout: f64,
    #[module(skip)]
    cross_entropy: CrossEntropyLoss,
}

impl TokenTagger {
    /// Random weights drawn from `seed`.
    pub fn new(config: &BertConfig, labels: usize, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: Encoder::new(config, seed, device).without_pooler(),
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

impl TaskModel for TokenTagger {
    type Input = EncoderInput;
    type Target = TokenLabels;
    /// `[batch, length, labels]`.
    type Output = Tensor<3>;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        let hidden = self.bert.forward(input, mode).last_hidden;
        let hidden = ops::dropout(hidden, mode.dropout(self.dropout, HEAD_SITE));
        ops::linear(hidden, &self.classifier, self.bert.gemm())
    }

    fn count(targets: &[TokenLabels]) -> usize {
        targets.iter().map(Vec::len).sum()
    }

    fn loss(&self, output: Tensor<3>, targets: &[TokenLabels], count: LossCount) -> Tensor<1> {
        let [batch, length, labels] = output.dims();
        assert_eq!(batch, targets.len(), "there must be one target per row");
        let weight = 1.0 / count.losses.max(1) as f32;
        let (mut classes, mut weights) = (vec![0i32; batch * length], vec![0f32; batch * length]);
        for (row, target) in targets.iter().enumerate() {
            for &(token, label) in target {
                classes[row * length + token as usize] = label as i32;
                weights[row * length + token as usize] = weight;
            }
        }
        self.cross_entropy
            .loss(output.reshape([batch * length, labels]), classes, weights)
    }
}
