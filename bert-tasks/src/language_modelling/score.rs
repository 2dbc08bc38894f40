//! How likely a language model finds texts: a task that trains nothing.

use std::iter::Sum;
use std::marker::PhantomData;

use bert_core::{BertTokenizer, Encoding};
use datasets::TextExample;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::LanguageModel;
use super::predicted_tokens::{LanguageModelInput, LanguageModelOutput, PredictedToken};
use super::token_prediction::TokenPrediction;
use super::vocabulary::mask_of;
use crate::metrics::Metrics;
use crate::task::{Collation, Decode, Encode, EncodedRow, Prediction, TaskError};

/// How likely a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextScore {
    /// The sum of the logarithms of the probabilities of its tokens. By a masked language model this is the pseudo-log-likelihood:
    /// each token is masked in turn, and predicted from all others (Salazar et al. 2020, "Masked language model scoring").
    pub log_likelihood: f64,
    /// The number of its tokens, without special ones.
    pub tokens: usize,
    /// Whether its end was cut off.
    pub truncated: bool,
}

impl TextScore {
    /// The exponential of the mean negative log-likelihood of a token; NaN of a text without tokens.
    pub fn perplexity(&self) -> f64 {
        (-self.log_likelihood / self.tokens as f64).exp()
    }
}

impl Sum for TextScore {
    /// The score of all texts together.
    fn sum<I: Iterator<Item = Self>>(scores: I) -> Self {
        scores.fold(Self::default(), |a, b| Self {
            log_likelihood: a.log_likelihood + b.log_likelihood,
            tokens: a.tokens + b.tokens,
            truncated: a.truncated || b.truncated,
        })
    }
}

/// Scores texts, or pairs of texts, with a language model of the type `M`. The answer to an example has a [`TextScore`] for
/// each of its texts.
///
/// A masked language model reads a text once for each token, which is masked there; one that reads from left to right reads it
/// once.
#[derive(Debug)]
pub struct TextScoring<M> {
    /// None where texts are read from left to right.
    mask: Option<u32>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for TextScoring<M> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<M: LanguageModel> TextScoring<M> {
    /// For models with this tokenizer.
    ///
    /// # Errors
    /// If the model masks tokens, and the tokenizer has no mask token.
    pub fn new(tokenizer: &BertTokenizer) -> Result<Self, TaskError> {
        let mask = match M::CAUSAL {
            true => None,
            false => Some(mask_of(tokenizer).map_err(TaskError::Model)?),
        };
        Ok(Self {
            mask,
            model: PhantomData,
        })
    }

    /// The rows of one text.
    fn rows(&self, encoding: Encoding, second: bool, example: usize) -> Vec<ScoredRow> {
        let tokens = encoding.ids.len() - 2;
        let row = |ids: Vec<u32>, predicted: Vec<(u32, u32)>| ScoredRow {
            ids,
            predicted,
            second,
            truncated: encoding.truncated,
            example,
        };
        match self.mask {
            Some(mask) if tokens > 0 => {
                let masked = |position: usize| {
                    let mut ids = encoding.ids.clone();
                    let id = std::mem::replace(&mut ids[position], mask);
                    row(ids, vec![(position as u32, id)])
                };
                (1..=tokens).map(masked).collect()
            }
            Some(_) => vec![row(encoding.ids.clone(), vec![])],
            None => {
                // The last token is only predicted.
                let read = encoding.ids[..tokens.max(1)].to_vec();
                let next = encoding.ids[1..=tokens].iter();
                vec![row(read, (0..).zip(next.copied()).collect())]
            }
        }
    }
}

/// A text as a model reads it, and the tokens that it predicts there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredRow {
    /// The ids that are read.
    ids: Vec<u32>,
    /// The positions whose hidden states predict tokens, and the tokens.
    predicted: Vec<(u32, u32)>,
    /// Whether it is the second text of its example.
    second: bool,
    truncated: bool,
    example: usize,
}

impl EncodedRow for ScoredRow {
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.ids.len()
    }

    fn is_truncated(&self) -> bool {
        self.truncated
    }

    fn has_target(&self) -> bool {
        false
    }
}

impl<M: LanguageModel> Encode for TextScoring<M> {
    type Example = TextExample;
    type Row = ScoredRow;
    type Input = LanguageModelInput;
    type Target = M::Target;

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<ScoredRow>, TaskError> {
        let texts = |(number, example): (usize, &TextExample)| {
            let second = example.second.clone().map(|second| (number, true, second));
            std::iter::once((number, false, example.text.clone())).chain(second)
        };
        let texts: Vec<(usize, bool, String)> = examples.iter().enumerate().flat_map(texts).collect();
        let inputs: Vec<(&str, Option<&str>)> =
            texts.iter().map(|(_, _, text)| (text.as_str(), None)).collect();
        let encodings = tokenizer.encode_batch(&inputs, max_length)?;
        let rows = texts.iter().zip(encodings);
        Ok(rows
            .flat_map(|(&(example, second, _), encoding)| self.rows(encoding, second, example))
            .collect())
    }

    fn collate(&self, rows: &[ScoredRow], context: &Collation<'_>) -> (LanguageModelInput, Vec<M::Target>) {
        let encoding = |row: &ScoredRow| Encoding {
            ids: row.ids.clone(),
            type_ids: vec![0; row.ids.len()],
            truncated: row.truncated,
        };
        let encodings: Vec<Encoding> = rows.iter().map(encoding).collect();
        let encoder = context.encoder_input(&encodings.iter().collect::<Vec<_>>());
        let token = |&(position, id): &(u32, u32)| PredictedToken {
            position: position as usize,
            id: Some(id),
        };
        let predicted = rows.iter().map(|row| row.predicted.iter().map(token).collect());
        let input = LanguageModelInput::new(encoder, predicted.collect(), context.device);
        (input, vec![])
    }
}

impl<M: LanguageModel> Decode for TextScoring<M> {
    type Model = M;
    /// The sum of the log-likelihoods of the tokens that are predicted in the row.
    type RowOutput = f64;
    type Answer = Vec<TextScore>;
    type Score = TextScore;

    const METRICS: &'static [&'static str] = &["perplexity"];

    fn row_outputs(&self, output: LanguageModelOutput, _: &[ScoredRow]) -> Vec<f64> {
        let sum = |row: Vec<(PredictedToken, TokenPrediction)>| {
            let likelihoods = row.into_iter().map(|(_, found)| found.log_likelihood);
            likelihoods.map(|known| known.unwrap_or(f64::NAN)).sum()
        };
        output.into_rows().into_iter().map(sum).collect()
    }

    fn decode(&self, example: &TextExample, rows: &[ScoredRow], outputs: Vec<f64>) -> Vec<TextScore> {
        let texts = [Some(false), example.second.as_ref().map(|_| true)];
        let score = |second: bool| -> TextScore {
            let of_text = rows.iter().zip(&outputs).filter(|(row, _)| row.second == second);
            let score = of_text.map(|(row, &log_likelihood)| TextScore {
                log_likelihood,
                tokens: row.predicted.len(),
                truncated: row.truncated,
            });
            score.sum()
        };
        texts.into_iter().flatten().map(score).collect()
    }

    fn score(&self, _: &TextExample, answer: &Vec<TextScore>) -> Option<TextScore> {
        Some(answer.iter().copied().sum())
    }

    fn metrics(&self, scores: &[TextScore]) -> Metrics {
        let all: TextScore = scores.iter().copied().sum();
        Metrics::from_iter([("perplexity", all.perplexity())])
    }

    fn main_metric(&self) -> &str {
        "perplexity"
    }

    fn prediction(&self, example: &TextExample, answer: &Vec<TextScore>) -> Prediction {
        let mut line = Prediction::new();
        match (&example.second, answer.as_slice()) {
            (Some(second), [a, b]) => {
                let (a, b) = (a.log_likelihood, b.log_likelihood);
                let likelier = match (a > b, b > a) {
                    (true, _) => Some("first"),
                    (_, true) => Some("second"),
                    _ => None,
                };
                line.insert("first".into(), example.text.as_str().into());
                line.insert("second".into(), second.as_str().into());
                line.insert("log_likelihoods".into(), json!([a, b]));
                line.insert("likelier".into(), json!(likelier));
            }
            (_, scores) => {
                let score: TextScore = scores.iter().copied().sum();
                line.insert("text".into(), example.text.as_str().into());
                line.insert("log_likelihood".into(), json!(score.log_likelihood));
                line.insert("tokens".into(), score.tokens.into());
                line.insert("perplexity".into(), json!(score.perplexity()));
                if score.truncated {
                    line.insert("truncated".into(), true.into());
                }
            }
        }
        line
    }
}
