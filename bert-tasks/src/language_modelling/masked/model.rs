//! The model: the encoder with the heads it is pre-trained with, and their losses.

use bert_core::mode::HEAD_SITE;
use bert_core::models::pretraining::PretrainingHeads;
use bert_core::{BertConfig, Encoder, Init, Mode, ops};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::super::predicted_tokens::{LanguageModelInput, LanguageModelOutput};
use super::encode::MaskedTarget;
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

impl MaskedLanguageModel {
    /// Random weights drawn from `seed`; `nsp` adds next-sentence prediction, and `top_k` words are predicted for each masked
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
    type Input = LanguageModelInput;
    type Target = MaskedTarget;
    type Output = LanguageModelOutput;

    fn forward(&self, input: &LanguageModelInput, mode: Mode) -> LanguageModelOutput {
        let output = self.bert.forward(&input.encoder, mode);
        let next = self.cls.seq_relationship.as_ref().zip(output.pooled);
        let next = next.map(|(layer, pooled)| {
            let scores = ops::linear(pooled.unsqueeze(), layer, self.bert.gemm());
            scores.squeeze_dim(0)
        });
        LanguageModelOutput::new(input, output.last_hidden, next)
    }

    fn count(targets: &[MaskedTarget]) -> usize {
        targets.iter().map(|target| target.ids.len()).sum()
    }

    fn loss(&self, output: LanguageModelOutput, targets: &[MaskedTarget], count: LossCount) -> Tensor<1> {
        assert_eq!(
            output.predicted.len(),
            targets.len(),
            "there must be one target per row"
        );
        let words = output.loss(self, &masked_ids(targets), count.losses);
        match output.next_sentence {
            Some(scores) => words + next_loss(scores, targets, count.rows),
            None => words,
        }
    }

    fn loss_sums(&self, output: LanguageModelOutput, targets: &[MaskedTarget]) -> Vec<(f64, usize)> {
        let LossCount { losses, rows } = LossCount::of::<Self>(targets);
        let words = output.loss_sum(self, &masked_ids(targets));
        let next = output.next_sentence.map(|scores| {
            let mean = next_loss(scores, targets, rows).into_scalar::<f64>();
            (mean * rows as f64, rows)
        });
        std::iter::once((words, losses)).chain(next).collect()
    }

    /// Adds the predictions.
    fn generate(&self, _: &LanguageModelInput, output: LanguageModelOutput) -> LanguageModelOutput {
        output.with_predictions(self, self.top_k)
    }
}

/// The ids of all masked tokens.
fn masked_ids(targets: &[MaskedTarget]) -> Vec<u32> {
    targets
        .iter()
        .flat_map(|target| target.ids.iter().copied())
        .collect()
}
