//! Predictions to answers: how likely a text is, and how often the next token is right.

use std::iter::Sum;

use datasets::Passage;
use serde_json::json;

use super::super::predicted_tokens::LanguageModelOutput;
use super::super::token_prediction::TokenPrediction;
use super::CausalLanguageModelling;
use super::model::CausalLanguageModel;
use super::row::CausalRow;
use crate::metrics::Metrics;
use crate::task::{Decode, Prediction};

/// How many tokens of a text are shown with an evaluation.
const SHOWN: usize = 40;

/// What the model says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadText {
    /// The text, or the beginning of one of an evaluation.
    pub text: String,
    /// The word after this beginning.
    pub next: Option<NextWord>,
    /// How well the text is predicted, all of it.
    pub counts: CausalCounts,
}

/// A word of a text, and the model's prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct NextWord {
    /// The word.
    pub gold: String,
    /// The word that is most probable there.
    pub word: String,
    /// Its probability.
    pub probability: f64,
}

/// How well texts are predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CausalCounts {
    /// Predicted tokens.
    pub tokens: usize,
    /// Those of them that are the most probable ones.
    pub right: usize,
    /// The sum of the logarithms of their probabilities.
    pub log_likelihood: f64,
}

impl Sum for CausalCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |a, b| Self {
            tokens: a.tokens + b.tokens,
            right: a.right + b.right,
            log_likelihood: a.log_likelihood + b.log_likelihood,
        })
    }
}

impl CausalCounts {
    /// The exponential of the mean negative log-likelihood of a token.
    pub fn perplexity(&self) -> f64 {
        (-self.log_likelihood / self.tokens.max(1) as f64).exp()
    }
}

impl Decode for CausalLanguageModelling {
    type Model = CausalLanguageModel;
    type RowOutput = Vec<TokenPrediction>;
    type Answer = ReadText;
    type Score = CausalCounts;

    const METRICS: &'static [&'static str] = &["accuracy", "perplexity"];

    fn row_outputs(&self, output: LanguageModelOutput, _: &[CausalRow]) -> Vec<Vec<TokenPrediction>> {
        let predictions = |row: Vec<(_, TokenPrediction)>| row.into_iter().map(|(_, found)| found).collect();
        output.into_rows().into_iter().map(predictions).collect()
    }

    fn decode(&self, passage: &Passage, rows: &[CausalRow], outputs: Vec<Vec<TokenPrediction>>) -> ReadText {
        let counts = rows
            .iter()
            .zip(&outputs)
            .map(|(row, output)| counts(row, output))
            .sum();
        let (text, next) = match passage.is_input {
            true => (passage.text.clone(), None),
            false => self.beginning(&rows[0], &outputs[0]),
        };
        ReadText { text, next, counts }
    }

    fn score(&self, passage: &Passage, answer: &ReadText) -> Option<CausalCounts> {
        (!passage.is_input).then_some(answer.counts)
    }

    fn metrics(&self, scores: &[CausalCounts]) -> Metrics {
        metrics(scores.iter().copied().sum())
    }

    fn main_metric(&self) -> &str {
        "accuracy"
    }

    fn prediction(&self, passage: &Passage, answer: &ReadText) -> Prediction {
        let mut line = Prediction::new();
        line.insert("text".into(), answer.text.as_str().into());
        if let Some(NextWord {
            gold,
            word,
            probability,
        }) = &answer.next
        {
            let next = json!({"gold": gold, "word": word, "probability": probability});
            line.insert("next".into(), next);
        }
        let CausalCounts {
            tokens,
            right,
            log_likelihood,
        } = answer.counts;
        line.insert("tokens".into(), tokens.into());
        line.insert("right".into(), right.into());
        line.insert("log_likelihood".into(), json!(log_likelihood));
        if passage.is_input {
            line.insert("perplexity".into(), json!(answer.counts.perplexity()));
        }
        line
    }
}

fn counts(row: &CausalRow, predictions: &[TokenPrediction]) -> CausalCounts {
    let known = row.next().iter().zip(predictions);
    let is_right = |(id, prediction): &(&u32, &TokenPrediction)| {
        prediction.best.first().is_some_and(|(best, _)| best == *id)
    };
    CausalCounts {
        tokens: row.next().len(),
        right: known.filter(is_right).count(),
        log_likelihood: predictions
            .iter()
            .filter_map(|prediction| prediction.log_likelihood)
            .sum(),
    }
}

/// The metrics of causal language modelling.
pub(crate) fn metrics(counts: CausalCounts) -> Metrics {
    let mut metrics = Metrics::default();
    metrics.set("accuracy", counts.right as f64 / counts.tokens.max(1) as f64);
    metrics.set("perplexity", counts.perplexity());
    metrics
}

impl CausalLanguageModelling {
    /// The beginning of a row, and the word after it.
    fn beginning(&self, row: &CausalRow, predictions: &[TokenPrediction]) -> (String, Option<NextWord>) {
        let tokenizer = self.tokenizer();
        // Two thirds of a short text, so that there is a word after it.
        let shown = (2 * row.next().len() / 3).min(SHOWN);
        let text = tokenizer.decode(&row.next()[..shown]);
        let token = |id: u32| tokenizer.token(id).unwrap_or_default();
        let next = row.next().get(shown).zip(predictions.get(shown));
        let next = next.and_then(|(&gold, prediction)| {
            let &(word, probability) = prediction.best.first()?;
            Some(NextWord {
                gold: token(gold),
                word: token(word),
                probability,
            })
        });
        (text, next)
    }
}
