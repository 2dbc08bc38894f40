//! The model: an encoder whose tokens see only those before them, with the head that scores words, and its loss.

use std::sync::Arc;

use bert_core::mode::HEAD_SITE;
use bert_core::models::pretraining::PretrainingHeads;
use bert_core::{BertConfig, Encoder, Init, Mode};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::super::guess::{Guess, guesses};
use super::encode::CausalInput;
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

/// What the model computes for a batch.
#[derive(Clone, Debug)]
pub struct CausalOutput {
    /// The encoder's output at the tokens that predict one, `[predicted tokens, width]`; at one other token if nothing is predicted.
    pub states: Tensor<2>,
    /// The tokens that are predicted, of each row.
    pub next: Arc<Vec<Vec<u32>>>,
    /// The model's predictions, in inference.
    pub guesses: Option<Vec<Guess>>,
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
    type Input = CausalInput;
    type Target = Vec<u32>;
    type Output = CausalOutput;

    fn forward(&self, input: &CausalInput, mode: Mode) -> CausalOutput {
        let hidden = self.bert.forward(&input.encoder, mode).last_hidden;
        let [batch, length, width] = hidden.dims();
        CausalOutput {
            states: hidden
                .reshape([batch * length, width])
                .select(0, input.positions.clone()),
            next: input.next.clone(),
            guesses: None,
        }
    }

    fn count(targets: &[Vec<u32>]) -> usize {
        targets.iter().map(Vec::len).sum()
    }

    /// The mean cross-entropy of the next tokens.
    fn loss(&self, output: CausalOutput, targets: &[Vec<u32>], count: LossCount) -> Tensor<1> {
        assert_eq!(
            output.next.len(),
            targets.len(),
            "there must be one target per row"
        );
        let ([rows, _], device) = (output.states.dims(), output.states.device());
        let mut ids: Vec<i32> = targets.iter().flatten().map(|&id| id as i32).collect();
        let mut row_weights = vec![1.0 / count.losses.max(1) as f32; ids.len()];
        // Where nothing is predicted, one token stands in for none.
        ids.resize(rows, 0);
        row_weights.resize(rows, 0.0);
        let ids = Tensor::from_data(TensorData::new(ids, [rows]), &device);
        let row_weights = Tensor::from_data(TensorData::new(row_weights, [rows]), &device);
        let words = &self.bert.embeddings.word_embeddings;
        self.cls.predictions.loss(output.states, words, ids, row_weights)
    }

    /// Adds the guesses.
    fn generate(&self, _: &CausalInput, output: CausalOutput) -> CausalOutput {
        let ids: Vec<Option<u32>> = output.next.iter().flatten().copied().map(Some).collect();
        let guesses = guesses(&output.states, &ids, 1, |states| self.scores(states));
        CausalOutput {
            guesses: Some(guesses),
            ..output
        }
    }
}
