//! Tagging of words: every token's last hidden state into the same dense layer, cross-entropy on each word's first token
//! (Devlin et al. 2019, section 5.3; `BertForTokenClassification` in Hugging Face transformers).

mod decode;
mod encode;
mod model;
mod options;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;

use bert_core::{BertConfig, Checkpoint};
use burn::tensor::Device;
use datasets::scheme::{Scheme, are_entities, from_bio, to_bio};
use datasets::{DataError, Labels, Message, TaggedDataset};

use crate::heads::{CrossEntropyLoss, check_encoder, head_labels};
use crate::task::{CorpusFacts, Task, TaskError};

#[cfg(feature = "files")]
pub(crate) use self::decode::metrics;
pub use self::decode::{TagAnswer, WordLabel};
pub use self::encode::{TagRow, TokenLabels, Words};
pub use self::model::TokenTagger;
pub use self::options::{ColumnChoice, SchemeChoice, TagOptions};

/// A label for every word: parts of speech, or entities written as `B-`, `I-` and `O`.
#[derive(Clone, Debug)]
pub struct TokenTagging {
    labels: Labels,
    /// The scheme of the labels; data and answers are always BIO.
    scheme: Scheme,
    overlap: usize,
    cross_entropy: CrossEntropyLoss,
}

impl TokenTagging {
    /// Tagging with `labels`, which write entities as BIO if they are of entities; long sentences are cut into windows
    /// that share `overlap` tokens.
    pub fn new(labels: Labels, overlap: usize) -> Self {
        Self {
            labels,
            scheme: Scheme::Bio,
            overlap,
            cross_entropy: CrossEntropyLoss::default(),
        }
    }

    /// The labels in the order of their numbers.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Whether the labels are entity tags.
    pub fn has_entities(&self) -> bool {
        are_entities(self.labels.iter())
    }

    /// The tags of an answer, in BIO.
    fn names(&self, answer: &TagAnswer) -> Vec<String> {
        let labels = answer.labels.iter();
        let names: Vec<String> = labels.map(|&label| self.labels.name(label).to_owned()).collect();
        match self.scheme {
            Scheme::Bio => names,
            scheme => to_bio(&names, scheme),
        }
    }

    /// The tags of a sentence in the scheme of the labels.
    fn wanted<'a>(&self, tags: &'a [String]) -> Cow<'a, [String]> {
        match self.scheme {
            Scheme::Bio => Cow::Borrowed(tags),
            scheme => Cow::Owned(from_bio(tags, scheme, self.labels.iter())),
        }
    }
}

impl Task for TokenTagging {
    type Options = TagOptions;

    const NAME: &'static str = "tagging";
    const ABOUT: &'static str = "A label for every word: parts of speech, entities";
    const HEAD: &'static str = "ForTokenClassification";

    fn from_data(
        corpus: &CorpusFacts<'_>,
        train: &TaggedDataset,
        options: &TagOptions,
    ) -> Result<Self, TaskError> {
        let labels = match &corpus.labels {
            Some(labels) => labels.clone(),
            None => train.labels()?,
        };
        let counts = train.tag_counts()?;
        let learned = counts
            .iter()
            .flat_map(|(tag, &count)| iter::repeat_n(tag.as_str(), count));
        let weights = options.class_weights.as_ref();
        let cross_entropy = CrossEntropyLoss::new(options.label_smoothing, weights, &labels, learned)?;
        Ok(Self {
            cross_entropy,
            ..Self::new(labels, options.overlap)
        })
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        options: &TagOptions,
    ) -> Result<Self, Message> {
        let labels = head_labels(config, checkpoint, Self::HEAD)?;
        check_encoder(config)?;
        let labels = Labels::from_names(labels).map_err(|e| format!("config.json, `id2label`: {e}"))?;
        // A run with the option `bio` was trained on unchanged tags.
        let scheme = match are_entities(labels.iter()) && options.scheme != SchemeChoice::Bio {
            true => Scheme::of_labels(labels.iter()),
            false => Scheme::Bio,
        };
        Ok(Self {
            scheme,
            ..Self::new(labels, options.overlap)
        })
    }

    fn check(&self, examples: &TaggedDataset) -> Result<(), DataError> {
        examples.try_for_each(|example| match example.tags {
            None => Err(example.source.error(None, "no tags")),
            Some(_) => Ok(()),
        })
    }

    fn notes(&self, examples: &TaggedDataset) -> Vec<Message> {
        let mut unknown = BTreeMap::<String, usize>::new();
        let looked = examples.try_for_each(|example| {
            if let Some(tags) = &example.tags {
                let tags = self.wanted(tags);
                for tag in tags.iter().filter(|tag| self.labels.index(tag).is_none()) {
                    *unknown.entry(tag.clone()).or_default() += 1;
                }
            }
            Ok::<(), DataError>(())
        });
        // What cannot be read is reported where the examples are encoded.
        if looked.is_err() {
            return vec![];
        }
        let counts: Vec<String> = unknown
            .iter()
            .map(|(tag, count)| format!("{tag} ({count})"))
            .collect();
        match counts.is_empty() {
            true => vec![],
            false => vec![Message::new(format!(
                "unknown tags, counted as errors (words): {}",
                counts.join(", ")
            ))],
        }
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> TokenTagger {
        TokenTagger::new(config, self.labels.len(), seed, device)
            .with_cross_entropy(self.cross_entropy.clone())
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
        config.problem_type = None;
        let names: Vec<String> = self.labels.iter().map(str::to_owned).collect();
        config.set_labels(&names);
    }
}

#[cfg(test)]
mod tests;
