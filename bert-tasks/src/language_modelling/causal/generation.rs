//! Texts that a model writes, token by token.

use std::ops::Range;

use bert_core::random::mix;
use bert_core::{KeyValueCache, ops};
use burn::tensor::{Int, Tensor, TensorData};

use super::model::CausalLanguageModel;
use super::sampling::Sampling;
use crate::task::{TaskError, check_counts};

/// How many texts are written at once: each has its own keys and values.
const AT_ONCE: usize = 64;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generation {
    /// The most tokens that are written.
    pub max_new_tokens: usize,
    /// How many texts are written. Memory is that of 64 at most.
    pub sequences: usize,
    /// The token that ends a text: `[SEP]`.
    pub end: Option<u32>,
    /// How the next token is chosen.
    pub sampling: Sampling,
}

/// What was written after a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuation {
    /// The ids of the new tokens, without the one that ends the text.
    pub ids: Vec<u32>,
    /// The logarithm of their probability, by the model itself: whatever the temperature, and with the token that ends the text.
    pub log_probability: f64,
    /// Why it ends.
    pub end: End,
}

/// Why a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The model wrote the token that ends a text.
    Token,
    /// It is as long as it was to be.
    MaxNewTokens,
    /// The model reads no longer texts.
    Positions,
}

impl End {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            End::Token => "end",
            End::MaxNewTokens => "max_new_tokens",
            End::Positions => "positions",
        }
    }
}

impl Generation {
    /// Checks that it is possible.
    ///
    /// # Errors
    /// For the first number that is not.
    pub fn check(&self) -> Result<(), TaskError> {
        let counts = [
            ("max_new_tokens", self.max_new_tokens),
            ("num_sequences", self.sequences),
        ];
        check_counts(counts)?;
        if let Some((option, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(TaskError::option(option, " is 0; it must be at least 1"));
        }
        if self.sequences > 1 && self.sampling.is_greedy() {
            let what = " above 1 needs a positive ";
            return Err(TaskError::needs("num_sequences", what, "temperature"));
        }
        self.sampling.check()
    }
}

impl CausalLanguageModel {
    /// Continues `prompt`, the ids of `[CLS]` and of the tokens of a text. What the model computed of earlier tokens is kept, so
    /// that a new token costs one token.
    ///
    /// ```
    /// use bert_core::BertConfig;
    /// use bert_tasks::language_modelling::{CausalLanguageModel, End, Generation, Sampling};
    /// let config = BertConfig { is_decoder: true, ..BertConfig::compact(30, 16, 2, 2) };
    /// let model = CausalLanguageModel::new(&config, 1, &burn::tensor::Device::default());
    /// let generation = Generation { max_new_tokens: 4, sequences: 1, end: None, sampling: Sampling::GREEDY };
    /// let written = model.write_on(&[2, 7, 9], &generation)?;
    /// assert_eq!((written[0].ids.len(), written[0].end), (4, End::MaxNewTokens));
    /// # Ok::<(), bert_tasks::TaskError>(())
    /// ```
    ///
    /// # Errors
    /// If what is asked for is impossible, or the prompt leaves no room for a token.
    pub fn write_on(&self, prompt: &[u32], generation: &Generation) -> Result<Vec<Continuation>, TaskError> {
        generation.check()?;
        let mut written = vec![];
        while written.len() < generation.sequences {
            let numbers = written.len()..generation.sequences.min(written.len() + AT_ONCE);
            written.extend(self.write_some(prompt, generation, numbers)?);
        }
        Ok(written)
    }

    /// Writes the texts with these numbers.
    fn write_some(
        &self,
        prompt: &[u32],
        generation: &Generation,
        numbers: Range<usize>,
    ) -> Result<Vec<Continuation>, TaskError> {
        let mut cache = KeyValueCache::default();
        let device = self.bert.embeddings.word_embeddings.weight.device();
        some_continuations(prompt, self.positions, generation, numbers, |texts| {
            let before = cache.tokens();
            // At first all texts are the prompt.
            let read = if before == 0 { &texts[..1] } else { texts };
            let new = read.iter().flat_map(|text| &text[before..]);
            let new: Vec<i32> = new.map(|&id| id as i32).collect();
            let shape = [read.len(), new.len() / read.len()];
            let new: Tensor<2, Int> = Tensor::from_data(TensorData::new(new, shape), &device);
            let hidden = self.bert.forward_next(new, &mut cache);
            let [batch, length, width] = hidden.dims();
            let last = hidden.slice([0..batch, length - 1..length, 0..width]);
            let last = last.reshape([batch, width]);
            let scores = ops::in_thread_pool(&device, || self.scores(last));
            let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
            if before > 0 {
                return scores;
            }
            cache = std::mem::take(&mut cache).repeat(texts.len());
            scores.repeat(texts.len())
        })
    }
}

/// Continues `prompt` with a model that reads at most `positions` tokens: `scores` gives those of all words after each of some
/// texts of the same length, `[texts * words]`.
///
/// # Errors
/// If what is asked for is impossible, or the prompt leaves no room for a token.
pub fn continuations(
    prompt: &[u32],
    positions: usize,
    generation: &Generation,
    scores: impl FnMut(&[Vec<u32>]) -> Vec<f32>,
) -> Result<Vec<Continuation>, TaskError> {
    generation.check()?;
    some_continuations(prompt, positions, generation, 0..generation.sequences, scores)
}

/// The [`continuations`] with these numbers.
fn some_continuations(
    prompt: &[u32],
    positions: usize,
    generation: &Generation,
    numbers: Range<usize>,
    mut scores: impl FnMut(&[Vec<u32>]) -> Vec<f32>,
) -> Result<Vec<Continuation>, TaskError> {
    if prompt.is_empty() || prompt.len() >= positions {
        let reason = format!(
            "the prompt has {} tokens, special tokens included; this model reads at most {positions}, and needs room for one more",
            prompt.len()
        );
        return Err(TaskError::Model(reason.into()));
    }
    let Generation {
        max_new_tokens,
        end,
        sampling,
        ..
    } = *generation;
    let sequences = numbers.len();
    let seed = prompt.iter().fold(0, |hash, &id| mix(hash ^ u64::from(id)));
    let mut texts = vec![prompt.to_vec(); sequences];
    let mut written: Vec<Continuation> = vec![
        Continuation {
            ids: vec![],
            log_probability: 0.0,
            end: if max_new_tokens <= positions - prompt.len() {
                End::MaxNewTokens
            } else {
                End::Positions
            },
        };
        sequences
    ];
    for position in 0..max_new_tokens.min(positions - prompt.len()) {
        let all = scores(&texts);
        let of_each = numbers.clone().zip(all.chunks_exact(all.len() / sequences));
        for (((number, scores), text), written) in of_each.zip(&mut texts).zip(&mut written) {
            if written.end == End::Token {
                // It is computed along with the others.
                text.extend(end);
                continue;
            }
            let id = sampling.choose(scores, sampling.draw(seed, number, position));
            text.push(id);
            written.log_probability += log_probability(scores, id);
            match end == Some(id) {
                true => written.end = End::Token,
                false => written.ids.push(id),
            }
        }
        if written.iter().all(|written| written.end == End::Token) {
            break;
        }
    }
    Ok(written)
}

/// The logarithm of the softmax of `scores` at `id`.
fn log_probability(scores: &[f32], id: u32) -> f64 {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = scores
        .iter()
        .map(|score| f64::from((score - highest).exp()))
        .sum();
    f64::from(scores[id as usize]) - f64::from(highest) - sum.ln()
}
