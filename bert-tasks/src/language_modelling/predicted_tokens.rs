//! The tokens that a language model predicts in a batch, and what it computes for them.

use std::sync::Arc;

use bert_core::EncoderInput;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::LanguageModel;
use super::token_prediction::{TokenPrediction, predictions};
use crate::task::ModelInput;

/// A token that the model predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PredictedToken {
    /// The position in the row whose hidden state predicts it: its own where it is masked, the one before it where texts are
    /// read from left to right.
    pub position: usize,
    /// Its id; none where a user's text has a gap.
    pub id: Option<u32>,
}

/// Texts, some tokens of which are predicted.
#[derive(Clone, Debug)]
pub struct LanguageModelInput {
    /// The texts.
    pub encoder: EncoderInput,
    /// The positions of `predicted` in the flattened batch, in the order of the rows, `[predicted tokens]`; one dummy position
    /// where nothing is predicted, because backends reject empty tensors.
    pub positions: Tensor<1, Int>,
    /// The predicted tokens of each row.
    pub predicted: Arc<Vec<Vec<PredictedToken>>>,
}

impl LanguageModelInput {
    /// A batch in which the tokens `predicted` of each row are predicted.
    pub fn new(encoder: EncoderInput, predicted: Vec<Vec<PredictedToken>>, device: &Device) -> Self {
        let [_, length] = encoder.dims();
        let positions = predicted.iter().enumerate().flat_map(|(row, predicted)| {
            let positions = predicted.iter().map(|token| token.position);
            positions.map(move |position| (row * length + position) as i32)
        });
        let mut positions: Vec<i32> = positions.collect();
        if positions.is_empty() {
            positions.push(0);
        }
        let count = positions.len();
        Self {
            encoder,
            positions: Tensor::from_data(TensorData::new(positions, [count]), device),
            predicted: Arc::new(predicted),
        }
    }
}

impl ModelInput for LanguageModelInput {
    fn device(&self) -> Device {
        self.encoder.device()
    }

    fn computed_tokens(&self) -> usize {
        self.encoder.computed_tokens()
    }
}

/// What a language model computes for a batch.
#[derive(Clone, Debug)]
pub struct LanguageModelOutput {
    /// The hidden states that predict tokens, `[predicted tokens, width]`; one other where nothing is predicted.
    pub states: Tensor<2>,
    /// Whether the second part of each row follows the first, and whether it does not, `[batch, 2]`, before the softmax; only
    /// with next-sentence prediction.
    pub next_sentence: Option<Tensor<2>>,
    /// The predicted tokens of each row.
    pub predicted: Arc<Vec<Vec<PredictedToken>>>,
    /// The model's predictions, in inference.
    pub predictions: Option<Vec<TokenPrediction>>,
}

impl LanguageModelOutput {
    /// From the encoder's output for `input`, `[batch, positions, width]`.
    pub(super) fn new(
        input: &LanguageModelInput,
        last_hidden: Tensor<3>,
        next_sentence: Option<Tensor<2>>,
    ) -> Self {
        let [batch, length, width] = last_hidden.dims();
        let states = last_hidden.reshape([batch * length, width]);
        Self {
            states: states.select(0, input.positions.clone()),
            next_sentence,
            predicted: input.predicted.clone(),
            predictions: None,
        }
    }

    /// Adds the model's predictions: the `top_k` most probable tokens for each.
    pub(super) fn with_predictions(self, model: &impl LanguageModel, top_k: usize) -> Self {
        let ids: Vec<Option<u32>> = self.predicted.iter().flatten().map(|token| token.id).collect();
        let words = &model.encoder().embeddings.word_embeddings;
        let scores = |states| model.head().logits(states, words);
        let [vocabulary, _] = words.weight.dims();
        let predictions = predictions(&self.states, &ids, vocabulary, top_k, scores);
        Self {
            predictions: Some(predictions),
            ..self
        }
    }

    /// The sum of the cross-entropies of the tokens `ids`, divided by `count`, `[1]`.
    pub(super) fn loss(&self, model: &impl LanguageModel, ids: &[u32], count: usize) -> Tensor<1> {
        let ([rows, _], device) = (self.states.dims(), self.states.device());
        let mut ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        let mut row_weights = vec![1.0 / count.max(1) as f32; ids.len()];
        // Where nothing is predicted, one token stands in for none.
        ids.resize(rows, 0);
        row_weights.resize(rows, 0.0);
        let ids = Tensor::from_data(TensorData::new(ids, [rows]), &device);
        let row_weights = Tensor::from_data(TensorData::new(row_weights, [rows]), &device);
        let words = &model.encoder().embeddings.word_embeddings;
        model.head().loss(self.states.clone(), words, ids, row_weights)
    }

    /// The sum of the cross-entropies of the tokens `ids`. Predictions that are there are not computed again.
    pub(super) fn loss_sum(&self, model: &impl LanguageModel, ids: &[u32]) -> f64 {
        match &self.predictions {
            Some(predictions) => {
                let likelihoods = predictions.iter().map(|prediction| prediction.log_likelihood);
                -likelihoods.map(|known| known.unwrap_or(f64::NAN)).sum::<f64>()
            }
            None => {
                let count = ids.len();
                self.loss(model, ids, count).into_scalar::<f64>() * count as f64
            }
        }
    }

    /// The predicted tokens of each row with their predictions.
    ///
    /// # Panics
    /// If there are no predictions.
    pub(super) fn into_rows(self) -> Vec<Vec<(PredictedToken, TokenPrediction)>> {
        let predictions = self.predictions.expect("`generate` has made the predictions");
        let mut predictions = predictions.into_iter();
        let rows = self.predicted.iter();
        rows.map(|row| row.iter().copied().zip(predictions.by_ref()).collect())
            .collect()
    }
}
