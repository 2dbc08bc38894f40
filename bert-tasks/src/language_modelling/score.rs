//! How likely a language model finds texts.

use std::iter::Sum;

use bert_core::{BertTokenizer, EncoderInput, Encoding, Mode};
use burn::tensor::{Int, Tensor, TensorData};

use super::LanguageModel;
use super::guess::guesses;
use crate::task::TaskError;

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

/// Says how likely texts are.
///
/// ```
/// use bert_core::tokenizer::Normalization;
/// use bert_core::{BertConfig, BertTokenizer};
/// use bert_tasks::language_modelling::{CausalLanguageModel, TextScorer};
/// let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat"].map(String::from).to_vec();
/// let tokenizer = BertTokenizer::from_vocabulary(words, Normalization::default())?;
/// let config = BertConfig { is_decoder: true, ..BertConfig::compact(7, 16, 2, 2) };
/// let model = CausalLanguageModel::new(&config, 1, &burn::tensor::Device::default());
/// let scorer = TextScorer { model: &model, tokenizer: &tokenizer, max_length: 128, batch_size: 64 };
/// let scores = scorer.scores(&["the cat sat", "the cat"], |_| ())?;
/// assert_eq!([scores[0].tokens, scores[1].tokens], [3, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TextScorer<'a, M> {
    /// The model.
    pub model: &'a M,
    /// Its tokenizer.
    pub tokenizer: &'a BertTokenizer,
    /// The most tokens of a text, special tokens included; the rest is cut off.
    pub max_length: usize,
    /// Rows that are computed together: texts, or texts with one masked token each.
    pub batch_size: usize,
}

/// A text that the model reads once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pass {
    /// The tokens that are read, by which passes are sorted.
    length: usize,
    /// The number of the text.
    text: usize,
    /// The position of the masked token; none where the model predicts each token from those before it.
    masked: Option<usize>,
}

impl<M: LanguageModel> TextScorer<'_, M> {
    /// The scores of texts, in their order. Rows of similar length are computed together, from any of the texts. Calls
    /// `progress` with the number of texts that are done, about, after each batch.
    ///
    /// # Errors
    /// If the tokenizer refuses a text, or has no mask token.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn scores(
        &self,
        texts: &[&str],
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<TextScore>, TaskError> {
        let inputs: Vec<_> = texts.iter().map(|text| (*text, None)).collect();
        let encodings = self.tokenizer.encode_batch(&inputs, self.max_length)?;
        let mask = match (M::CAUSAL, self.tokenizer.mask_id()) {
            (true, _) => None,
            (false, Some(mask)) => Some(mask),
            (false, None) => {
                let reason = "the vocabulary has no [MASK] to mask words with";
                return Err(TaskError::Model(reason.into()));
            }
        };
        let passes = passes(&encodings, mask.is_some());
        let score = |encoding: &Encoding| TextScore {
            log_likelihood: 0.0,
            tokens: encoding.ids.len() - 2,
            truncated: encoding.truncated,
        };
        let mut scores: Vec<TextScore> = encodings.iter().map(score).collect();
        for (number, batch) in passes.chunks(self.batch_size).enumerate() {
            for (pass, found) in batch.iter().zip(self.log_likelihoods(batch, &encodings, mask)) {
                scores[pass.text].log_likelihood += found;
            }
            let done = number * self.batch_size + batch.len();
            progress(done * texts.len() / passes.len());
        }
        Ok(scores)
    }

    /// The log-likelihood of the tokens that each of some passes predicts.
    fn log_likelihoods(&self, batch: &[Pass], encodings: &[Encoding], mask: Option<u32>) -> Vec<f64> {
        let encoder = self.model.encoder();
        let words = &encoder.embeddings.word_embeddings;
        let device = words.weight.device();
        let length = batch.iter().map(|pass| pass.length).max().unwrap_or(0);
        let (mut rows, mut positions, mut ids) = (vec![], vec![], vec![]);
        for (row, pass) in batch.iter().enumerate() {
            let all = &encodings[pass.text].ids;
            let mut read = all[..pass.length].to_vec();
            let mut predict = |position: usize, id: u32| {
                positions.push((row * length + position) as i32);
                ids.push(Some(id));
            };
            match pass.masked.zip(mask) {
                Some((position, mask)) => predict(position, std::mem::replace(&mut read[position], mask)),
                None => (0..pass.length).for_each(|position| predict(position, all[position + 1])),
            }
            rows.push(Encoding {
                type_ids: vec![0; read.len()],
                ids: read,
                truncated: false,
            });
        }
        let rows: Vec<&Encoding> = rows.iter().collect();
        let input = EncoderInput::from_encodings(&rows, self.tokenizer.pad_id(), &device);
        let hidden = encoder.forward(&input, Mode::Inference).last_hidden;
        let [rows, length, width] = hidden.dims();
        let positions: Tensor<1, Int> = Tensor::from_data(TensorData::new(positions, [ids.len()]), &device);
        let states = hidden.reshape([rows * length, width]).select(0, positions);
        let found = guesses(&states, &ids, 0, |states| self.model.head().logits(states, words));
        let mut found = found
            .into_iter()
            .map(|guess| guess.log_likelihood.unwrap_or(f64::NAN));
        let count = |pass: &Pass| if pass.masked.is_some() { 1 } else { pass.length };
        batch
            .iter()
            .map(|pass| found.by_ref().take(count(pass)).sum())
            .collect()
    }
}

/// What the model has to read, the shortest first.
fn passes(encodings: &[Encoding], masked: bool) -> Vec<Pass> {
    let mut passes = vec![];
    for (text, encoding) in encodings.iter().enumerate() {
        // Without `[CLS]` and `[SEP]`.
        let tokens = encoding.ids.len() - 2;
        let pass = |length, masked| Pass { length, text, masked };
        match masked {
            true => passes.extend((1..=tokens).map(|position| pass(tokens + 2, Some(position)))),
            // The last token is only predicted.
            false if tokens > 0 => passes.push(pass(tokens, None)),
            false => {}
        }
    }
    passes.sort_unstable();
    passes
}
