//! The model: the encoder with the heads it is pre-trained with, and their losses.

use std::sync::Arc;

use bert_core::mode::HEAD_SITE;
use bert_core::models::pretraining::PretrainingHeads;
use bert_core::{BertConfig, Encoder, Init, Mode, ops};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::super::guess::{Guess, guesses};
use super::encode::{MaskedInput, MaskedTarget, MaskedToken};
use crate::task::{LossCount, TaskModel};

/// BERT with its pre-training heads: `BertForMaskedLM`, or `BertForPreTraining` with next-sentence prediction.
#[derive(Module, Debug)]
pub struct MaskedLanguageModel {
    /// The encoder; with its pooler only for next-sentence prediction.
    pub bert: Encoder,
    /// The heads. The output layer is tied to the encoder's word embeddings.
    pub cls: PretrainingHeads,
    top_k: usize,
}

/// What the model computes for a batch.
#[derive(Clone, Debug)]
pub struct MaskedOutput {
    /// The encoder's output at the masked tokens, `[masked tokens, width]`; at one other token where nothing is masked.
    pub states: Tensor<2>,
    /// Whether the second part follows, and whether it does not, `[batch, 2]`, before the softmax.
    pub next: Option<Tensor<2>>,
    /// The masked tokens of each row.
    pub masked: Arc<Vec<Vec<MaskedToken>>>,
    /// What the model takes the masked tokens for, in inference.
    pub guesses: Option<Vec<Guess>>,
}

impl MaskedLanguageModel {
    /// Random weights drawn from `seed`; `nsp` adds next-sentence prediction, and `top_k` words are guessed for each masked
    /// token.
    pub fn new(config: &BertConfig, nsp: bool, top_k: usize, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        let bert = Encoder::new(config, seed, device);
        Self {
            bert: if nsp { bert } else { bert.without_pooler() },
            cls: PretrainingHeads::new(config, nsp, &mut init, device),
            top_k,
        }
    }

    /// The mean cross-entropy of the masked tokens over `count`, `[1]`.
    fn word_loss(&self, output: &MaskedOutput, targets: &[MaskedTarget], count: usize) -> Tensor<1> {
        let states = output.states.clone();
        let ([rows, _], device) = (states.dims(), states.device());
        let mut ids: Vec<i32> = targets
            .iter()
            .flat_map(|target| target.ids.iter().map(|&id| id as i32))
            .collect();
        let mut row_weights = vec![1.0 / count.max(1) as f32; ids.len()];
        // Where nothing is masked, one token stands in for none.
        ids.resize(rows, 0);
        row_weights.resize(rows, 0.0);
        let ids = Tensor::from_data(TensorData::new(ids, [rows]), &device);
        let row_weights = Tensor::from_data(TensorData::new(row_weights, [rows]), &device);
        let words = &self.bert.embeddings.word_embeddings;
        self.cls.predictions.loss(states, words, ids, row_weights)
    }
}

/// The mean cross-entropy of next-sentence prediction over `count`, `[1]`.
fn next_loss(scores: Tensor<2>, targets: &[MaskedTarget], count: usize) -> Tensor<1> {
    let (rows, device) = (targets.len(), scores.device());
    // In BERT's checkpoints the first score is that of a second part that follows.
    let known = |target: &MaskedTarget| i32::from(target.is_next == Some(false));
    let classes: Vec<i32> = targets.iter().map(known).collect();
    let row_weights = |target: &MaskedTarget| match target.is_next {
        Some(_) => 1.0 / count.max(1) as f32,
        None => 0.0,
    };
    let row_weights: Vec<f32> = targets.iter().map(row_weights).collect();
    let classes = Tensor::from_data(TensorData::new(classes, [rows]), &device);
    let row_weights = Tensor::from_data(TensorData::new(row_weights, [rows]), &device);
    ops::cross_entropy(scores, classes, row_weights)
}

impl TaskModel for MaskedLanguageModel {
    type Input = MaskedInput;
    type Target = MaskedTarget;
    type Output = MaskedOutput;

    fn forward(&self, input: &MaskedInput, mode: Mode) -> MaskedOutput {
        let output = self.bert.forward(&input.encoder, mode);
        let [batch, length, width] = output.last_hidden.dims();
        let states = output.last_hidden.reshape([batch * length, width]);
        let next = self.cls.seq_relationship.as_ref().zip(output.pooled);
        let next = next.map(|(layer, pooled)| {
            let scores = ops::linear(pooled.unsqueeze(), layer, self.bert.gemm());
            scores.squeeze_dim(0)
        });
        MaskedOutput {
            states: states.select(0, input.positions.clone()),
            next,
            masked: input.masked.clone(),
            guesses: None,
        }
    }

    fn count(targets: &[MaskedTarget]) -> usize {
        targets.iter().map(|target| target.ids.len()).sum()
    }

    fn loss(&self, output: MaskedOutput, targets: &[MaskedTarget], count: LossCount) -> Tensor<1> {
        assert_eq!(
            output.masked.len(),
            targets.len(),
            "there must be one target per row"
        );
        let words = self.word_loss(&output, targets, count.losses);
        match output.next {
            Some(scores) => words + next_loss(scores, targets, count.rows),
            None => words,
        }
    }

    fn loss_sums(&self, output: MaskedOutput, targets: &[MaskedTarget]) -> Vec<(f64, usize)> {
        let LossCount { losses, rows } = LossCount::of::<Self>(targets);
        let words = self.word_loss(&output, targets, losses).into_scalar::<f64>();
        let next = output.next.map(|scores| {
            let mean = next_loss(scores, targets, rows).into_scalar::<f64>();
            (mean * rows as f64, rows)
        });
        std::iter::once((words * losses as f64, losses))
            .chain(next)
            .collect()
    }

    /// Adds the guesses.
    fn generate(&self, _: &MaskedInput, output: MaskedOutput) -> MaskedOutput {
        let ids: Vec<Option<u32>> = output.masked.iter().flatten().map(|token| token.id).collect();
        let words = &self.bert.embeddings.word_embeddings;
        let scores = |states| self.cls.predictions.logits(states, words);
        let guesses = guesses(&output.states, &ids, self.top_k, scores);
        MaskedOutput {
            guesses: Some(guesses),
            ..output
        }
    }
}
