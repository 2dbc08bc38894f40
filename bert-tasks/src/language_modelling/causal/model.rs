//! The model: an encoder whose tokens see only those before them, with the head that scores words, and its loss.

use bert_core::mode::HEAD_SITE;
use bert_core::models::pretraining::PretrainingHeads;
use bert_core::{BertConfig, Encoder, Init, Mode};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::super::predicted_tokens::{LanguageModelInput, LanguageModelOutput};
use crate::task::{LossCount, TaskModel};

/// BERT as a language model that reads and writes from left to right: `BertLMHeadModel`.
#[derive(Module, Debug)]
pub struct CausalLanguageModel {
    /// The encoder, without a pooler.
    pub bert: Encoder,
    /// The head. The output layer is tied to the encoder's word embeddings.
    pub cls: PretrainingHeads,
    /// The most tokens that it reads.
    pub(super) positions: usize,
}

impl CausalLanguageModel {
    /// Random weights drawn from `seed`.
    ///
    /// # Panics
    /// If the model that `config` describes is no [decoder](BertConfig::is_decoder).
    pub fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        assert!(config.is_decoder, "a causal language model is a decoder");
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: Encoder::new(config, seed, device).without_pooler(),
            cls: PretrainingHeads::new(config, false, &mut init, device),
            positions: config.max_tokens(),
        }
    }

    /// The scores of all words of the vocabulary after these hidden states: `[rows, width]` to `[rows, words]`.
    pub(super) fn scores(&self, states: Tensor<2>) -> Tensor<2> {
        let words = &self.bert.embeddings.word_embeddings;
        self.cls.predictions.logits(states, words)
    }
}

impl TaskModel for CausalLanguageModel {
    type Input = LanguageModelInput;
    type Target = Vec<u32>;
    type Output = LanguageModelOutput;

    fn forward(&self, input: &LanguageModelInput, mode: Mode) -> LanguageModelOutput {
        let hidden = self.bert.forward(&input.encoder, mode).last_hidden;
        LanguageModelOutput::new(input, hidden, None)
    }

    fn count(targets: &[Vec<u32>]) -> usize {
        targets.iter().map(Vec::len).sum()
    }

    /// The mean cross-entropy of the next tokens.
    fn loss(&self, output: LanguageModelOutput, targets: &[Vec<u32>], count: LossCount) -> Tensor<1> {
        assert_eq!(
            output.predicted.len(),
            targets.len(),
            "there must be one target per row"
        );
        output.loss(self, &targets.concat(), count.losses)
    }

    fn loss_sums(&self, output: LanguageModelOutput, targets: &[Vec<u32>]) -> Vec<(f64, usize)> {
        let ids = targets.concat();
        vec![(output.loss_sum(self, &ids), ids.len())]
    }

    /// Adds the predictions.
    fn generate(&self, _: &LanguageModelInput, output: LanguageModelOutput) -> LanguageModelOutput {
        output.with_predictions(self, 1)
    }
}
