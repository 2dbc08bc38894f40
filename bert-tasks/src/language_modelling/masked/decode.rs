//! Predictions to answers: a text with its masked words, the model's predictions, and how often they are right.

use std::iter::Sum;
use std::ops::Range;

use bert_core::tokenizer::CONTINUATION_PREFIX;
use datasets::Passage;
use serde_json::{Map, Value, json};

use super::super::predicted_tokens::{LanguageModelOutput, PredictedToken};
use super::super::token_prediction::TokenPrediction;
use super::super::vocabulary::{Vocabulary, add_token};
use super::MaskedLanguageModel;
use super::MaskedLanguageModelling;
use super::row::MaskedRow;
use crate::metrics::Metrics;
use crate::task::{Decode, Prediction};

/// How many tokens of a text are shown with an evaluation.
const SHOWN: usize = 40;

/// What the model predicts for a row.
#[derive(Clone, Debug)]
pub struct RowAnswer {
    /// The masked tokens with their predictions.
    predictions: Vec<(PredictedToken, TokenPrediction)>,
    /// Whether the second part follows the first, as the model says.
    next: Option<bool>,
}

/// The model's answer to a text.
#[derive(Clone, Debug, PartialEq)]
pub struct FilledText {
    /// The text with its gaps, or the beginning of one in which tokens were masked.
    pub text: String,
    /// The masked tokens in it.
    pub gaps: Vec<Gap>,
    /// The text with the best words in its gaps; only of a text that has gaps of its own.
    pub filled: Option<String>,
    /// How good the answer is, over all of the text.
    pub counts: MaskedCounts,
}

/// A masked token.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What is masked, where it is known.
    pub gold: Option<String>,
    /// Where its mask is in the text, in characters.
    pub span: Range<usize>,
    /// The most probable words with their probabilities.
    pub words: Vec<(String, f64)>,
}

/// How good predictions are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MaskedCounts {
    /// Masked tokens.
    pub masked: usize,
    /// Those of them whose best prediction is right.
    pub right: usize,
    /// The sum of the logarithms of their probabilities.
    pub log_likelihood: f64,
    /// Rows of two parts.
    pub pairs: usize,
    /// Those of them for which the model is right about whether the second part follows.
    pub pairs_right: usize,
}

impl Sum for MaskedCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |a, b| Self {
            masked: a.masked + b.masked,
            right: a.right + b.right,
            log_likelihood: a.log_likelihood + b.log_likelihood,
            pairs: a.pairs + b.pairs,
            pairs_right: a.pairs_right + b.pairs_right,
        })
    }
}

impl Decode for MaskedLanguageModelling {
    type Model = MaskedLanguageModel;
    type RowOutput = RowAnswer;
    type Answer = FilledText;
    /// None of a text whose gaps mask nothing that is known.
    type Score = MaskedCounts;

    const METRICS: &'static [&'static str] = &["masked_accuracy", "perplexity", "nsp_accuracy"];

    fn row_outputs(&self, output: LanguageModelOutput, _: &[MaskedRow]) -> Vec<RowAnswer> {
        let next = output.next_sentence.clone();
        let next = next.map(|scores| -> Vec<f32> { scores.into_data().iter::<f32>().collect() });
        let row = |(row, predictions)| RowAnswer {
            predictions,
            next: next.as_ref().map(|scores| scores[2 * row] >= scores[2 * row + 1]),
        };
        output.into_rows().into_iter().enumerate().map(row).collect()
    }

    fn decode(&self, passage: &Passage, rows: &[MaskedRow], outputs: Vec<RowAnswer>) -> FilledText {
        let counts = rows
            .iter()
            .zip(&outputs)
            .map(|(row, output)| counts(row, output))
            .sum();
        let predictions = &outputs[0].predictions;
        let (text, shown) = match passage.is_input {
            true => (passage.text.clone(), predictions.len()),
            false => self.beginning(&rows[0], predictions),
        };
        let mask = self.vocabulary().token(self.vocabulary().mask());
        let gaps = self.gaps(&text, mask, &predictions[..shown]);
        FilledText {
            filled: passage.is_input.then(|| fill(&text, mask, &gaps)),
            text,
            gaps,
            counts,
        }
    }

    fn score(&self, passage: &Passage, answer: &FilledText) -> Option<MaskedCounts> {
        (!passage.is_input).then_some(answer.counts)
    }

    fn metrics(&self, scores: &[MaskedCounts]) -> Metrics {
        metrics(scores.iter().copied().sum())
    }

    fn metric_names(&self) -> Vec<&'static str> {
        let known = Self::METRICS.iter().copied();
        known.filter(|name| self.nsp || *name != "nsp_accuracy").collect()
    }

    fn main_metric(&self) -> &str {
        "masked_accuracy"
    }

    fn prediction(&self, passage: &Passage, answer: &FilledText) -> Prediction {
        let mut line = Map::new();
        line.insert("text".into(), answer.text.as_str().into());
        if let Some(filled) = &answer.filled {
            line.insert("filled".into(), filled.as_str().into());
        }
        let word = |(word, probability): &(String, f64)| json!({"word": word, "probability": probability});
        let gap = |gap: &Gap| {
            let mut object = Map::new();
            if let Some(gold) = &gap.gold {
                object.insert("gold".into(), gold.as_str().into());
            }
            object.insert("start".into(), gap.span.start.into());
            object.insert("end".into(), gap.span.end.into());
            object.insert("words".into(), gap.words.iter().map(word).collect());
            Value::from(object)
        };
        line.insert("gaps".into(), answer.gaps.iter().map(gap).collect());
        if !passage.is_input {
            let MaskedCounts {
                masked,
                right,
                log_likelihood,
                pairs,
                pairs_right,
            } = answer.counts;
            line.insert("masked".into(), masked.into());
            line.insert("right".into(), right.into());
            line.insert("log_likelihood".into(), json!(log_likelihood));
            if self.nsp {
                line.insert("pairs".into(), pairs.into());
                line.insert("pairs_right".into(), pairs_right.into());
            }
        }
        line
    }
}

fn counts(row: &MaskedRow, answer: &RowAnswer) -> MaskedCounts {
    let known = answer
        .predictions
        .iter()
        .filter_map(|(masked, prediction)| Some((masked.id?, prediction)));
    let is_right = |(id, prediction): &(u32, &TokenPrediction)| {
        prediction.best.first().is_some_and(|(best, _)| best == id)
    };
    let pair = row.is_next.zip(answer.next);
    MaskedCounts {
        masked: known.clone().count(),
        right: known.clone().filter(is_right).count(),
        log_likelihood: known
            .filter_map(|(_, prediction)| prediction.log_likelihood)
            .sum(),
        pairs: usize::from(pair.is_some()),
        pairs_right: usize::from(pair.is_some_and(|(is_next, says)| is_next == says)),
    }
}

/// The metrics of masked language modelling; `nsp_accuracy` where there are pairs.
pub(crate) fn metrics(counts: MaskedCounts) -> Metrics {
    let mut metrics = Metrics::default();
    let masked = counts.masked.max(1) as f64;
    metrics.set("masked_accuracy", counts.right as f64 / masked);
    metrics.set("perplexity", (-counts.log_likelihood / masked).exp());
    if counts.pairs > 0 {
        metrics.set("nsp_accuracy", counts.pairs_right as f64 / counts.pairs as f64);
    }
    metrics
}

impl MaskedLanguageModelling {
    /// The gaps of a text, at its masks.
    fn gaps(&self, text: &str, mask: &str, predictions: &[(PredictedToken, TokenPrediction)]) -> Vec<Gap> {
        let token = |id: u32| self.vocabulary().token(id).to_owned();
        let length = mask.chars().count();
        let (mut byte, mut character) = (0, 0);
        let gap = |((start, _), (masked, prediction)): ((usize, _), &(PredictedToken, TokenPrediction))| {
            character += text[byte..start].chars().count();
            byte = start;
            Gap {
                gold: masked.id.map(token),
                span: character..character + length,
                words: prediction.best.iter().map(|&(id, p)| (token(id), p)).collect(),
            }
        };
        text.match_indices(mask).zip(predictions).map(gap).collect()
    }

    /// The beginning of a row, with masks in the positions of its masked tokens, and the number of masked tokens in it.
    fn beginning(&self, row: &MaskedRow, masked: &[(PredictedToken, TokenPrediction)]) -> (String, usize) {
        let vocabulary = self.vocabulary();
        let end = shown(row, vocabulary);
        let mut ids = row.ids[..end].to_vec();
        let masked = masked.iter().take_while(|(token, _)| token.position < end);
        let count = masked
            .map(|(token, _)| ids[token.position] = vocabulary.mask())
            .count();
        let mut text = String::new();
        for &id in &ids[1.min(end)..] {
            add_token(&mut text, vocabulary.token(id));
        }
        (text, count)
    }
}

/// The number of tokens of a row that are shown: whole words, without the special token at the end.
fn shown(row: &MaskedRow, vocabulary: &Vocabulary) -> usize {
    let all = row.ids.len().saturating_sub(1);
    let mut end = all.min(SHOWN);
    while end < all && vocabulary.continues_word(row.ids[end]) {
        end += 1;
    }
    end
}

/// A text with the best words in the positions of its masks. A continuation piece is joined to the word before it.
fn fill(text: &str, mask: &str, gaps: &[Gap]) -> String {
    let mut parts = text.split(mask);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    let mut gaps = gaps.iter();
    for after in parts {
        let best = gaps.next().and_then(|gap| gap.words.first());
        match best.map(|(word, _)| word.as_str()) {
            Some(word) => match word
                .strip_prefix(CONTINUATION_PREFIX)
                .filter(|rest| !rest.is_empty())
            {
                Some(rest) => {
                    filled.truncate(filled.trim_end().len());
                    filled.push_str(rest);
                }
                None => filled.push_str(word),
            },
            // What was cut off has no prediction.
            None => filled.push_str(mask),
        }
        filled.push_str(after);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pieces_fill_gaps() {
        let gap = |word: &str| Gap {
            gold: None,
            span: 0..0,
            words: vec![(word.to_owned(), 0.5), ("other".into(), 0.1)],
        };
        let filled = |text: &str, words: &[&str]| {
            let gaps: Vec<Gap> = words.iter().map(|word| gap(word)).collect();
            fill(text, "[MASK]", &gaps)
        };
        assert_eq!(filled("The [MASK] sleeps.", &["cat"]), "The cat sleeps.");
        assert_eq!(filled("[MASK] [MASK]!", &["play", "##ing"]), "playing!");
        assert_eq!(filled("a [MASK] b [MASK]", &["x"]), "a x b [MASK]");
    }

    #[test]
    fn metrics_are_over_all_hidden_tokens() {
        let counts = |masked, right, log_likelihood, pairs, pairs_right| MaskedCounts {
            masked,
            right,
            log_likelihood,
            pairs,
            pairs_right,
        };
        let all = [counts(3, 1, -2.0, 1, 1), counts(1, 1, -1.0, 2, 0)];
        let metrics = metrics(all.into_iter().sum());
        assert_eq!(metrics.get("masked_accuracy"), Some(0.5));
        assert_eq!(metrics.get("perplexity"), Some(f64::exp(0.75)));
        assert_eq!(metrics.get("nsp_accuracy"), Some(1.0 / 3.0));
        let none = super::metrics(MaskedCounts::default());
        assert_eq!(
            (none.get("nsp_accuracy"), none.get("perplexity")),
            (None, Some(1.0))
        );
    }
}
