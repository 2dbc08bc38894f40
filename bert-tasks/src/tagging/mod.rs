//! Text tagging: every token's last hidden state into the same dense layer, cross-entropy on each word's first piece
//! (Devlin et al. 2019, section 5.3; `BertForTokenClassification` in Hugging Face transformers).

mod token_tagger;

use std::borrow::Cow;

use bert_core::{BertConfig, BertTokenizer, Checkpoint, Encoding};
use burn::tensor::Device;
use clap::Args;
use datasets::scheme::{Scheme, are_entities, from_bio, to_bio};
use datasets::{DataError, Labels, TaggedDataset, TaggedExample};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::card::Card;
use crate::classification::head_labels;
use crate::corpora::tags;
use crate::corpus::{Corpus, CorpusError};
use crate::inputs::Inputs;
use crate::metrics::{EntityCounts, Metrics, entities};
use crate::objective::Objective;
use crate::options::Options;
use crate::probability::{argmax, softmax};
use crate::review::{Line, Review, ReviewError, SentenceCounts, review_tags};
use crate::row::Row;
use crate::task::{Task, TaskError};
use crate::windows::{assign, windows};

pub use self::token_tagger::TokenTagger;

/// A label for every word: parts of speech, or entities written as `B-`, `I-` and `O`.
#[derive(Clone, Debug)]
pub struct TokenTagging {
    labels: Labels,
    /// How the labels write entities; data and answers are BIO all the same.
    scheme: Scheme,
    overlap: usize,
    objective: Objective,
}

/// What can be chosen for tagging.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Which tags of a CoNLL-U file: upos or xpos.
    #[arg(long, value_name = "COLUMN", default_value = "upos", value_parser = ["upos", "xpos"])]
    pub tags: String,
    /// Column with the words, counted from 1, in files of columns.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = crate::options::at_least_one)]
    pub word_column: usize,
    /// Column with the tags, counted from 1, in files of columns [default: the last].
    #[arg(long, value_name = "N", value_parser = crate::options::at_least_one)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<usize>,
    /// How entities are written: bio, iob1, iobes; auto finds out.
    #[arg(long, value_name = "SCHEME", default_value = "auto", value_parser = ["auto", "bio", "iob1", "iobes"])]
    pub scheme: String,
    /// Tokens that the windows share which a sentence is cut into where it is longer than --max-length.
    #[arg(long, value_name = "TOKENS", default_value_t = 32)]
    pub overlap: usize,
    /// Share of a label that is spread over all of them (label smoothing).
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = crate::options::finite)]
    pub label_smoothing: f64,
    /// What classes weigh in the loss: `balanced`, or label=weight with commas between [default: all alike].
    #[arg(long, value_name = "WEIGHTS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}

impl Options for TagOptions {}

impl Default for TagOptions {
    fn default() -> Self {
        Self::defaults()
    }
}

/// What the model says of one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct TagAnswer {
    /// The number of each word's label.
    pub labels: Vec<usize>,
    /// Its probability.
    pub probabilities: Vec<f64>,
}

/// A row's words by their place in the sentence, each with the place of its first token in the row. A word that stands
/// in several rows is in the one where it has most context.
pub type Words = Vec<(u32, u32)>;

/// A row's first tokens by their place, each with the number of its label. Labels that are not learned are left out.
pub type TokenLabels = Vec<(u32, u32)>;

impl TokenTagging {
    /// Tagging with `labels`, which write entities as BIO if they are of entities; long sentences are cut into windows
    /// that share `overlap` tokens.
    pub fn new(labels: Labels, overlap: usize) -> Self {
        Self {
            labels,
            scheme: Scheme::Bio,
            overlap,
            objective: Objective::default(),
        }
    }

    /// The labels in the order of their numbers.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Whether the labels are those of entities.
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

    /// The tags of a sentence as the labels have them.
    fn wanted<'a>(&self, tags: &'a [String]) -> Cow<'a, [String]> {
        match self.scheme {
            Scheme::Bio => Cow::Borrowed(tags),
            scheme => Cow::Owned(from_bio(tags, scheme, self.labels.iter())),
        }
    }

    fn rows(
        &self,
        number: usize,
        example: &TaggedExample,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError> {
        let room = tokenizer.room(max_length)?;
        let mut pieces: Vec<Vec<u32>> = Vec::with_capacity(example.words.len());
        for word in &example.words {
            let mut ids = tokenizer.tokenize(word)?.ids;
            if ids.is_empty() {
                // Of control characters alone, nothing is left; the word still gets a label.
                ids.push(tokenizer.unk_id());
            }
            pieces.push(ids);
        }
        let tags = example.tags.as_ref().map(|tags| self.wanted(tags));
        let lengths: Vec<usize> = pieces.iter().map(Vec::len).collect();
        let windows = windows(&lengths, room, self.overlap.min(room / 2));
        let windows_of_words = assign(&lengths, &windows);
        let rows = windows.iter().enumerate().map(|(window_number, window)| {
            let mut encoding = Encoding {
                ids: vec![tokenizer.cls_id()],
                ..Encoding::default()
            };
            let (mut place, mut target) = (vec![], vec![]);
            for word in window.clone() {
                let token = encoding.ids.len() as u32;
                let fits = pieces[word].len().min(room);
                encoding.truncated |= fits < pieces[word].len();
                encoding.ids.extend(&pieces[word][..fits]);
                if windows_of_words[word] != window_number {
                    continue;
                }
                place.push((word as u32, token));
                let tag = tags.as_ref().map(|tags| tags[word].as_str());
                if let Some(label) = tag.and_then(|tag| self.labels.index(tag)) {
                    target.push((token, label as u32));
                }
            }
            encoding.ids.push(tokenizer.sep_id());
            encoding.type_ids = vec![0; encoding.ids.len()];
            let target = example.tags.is_some().then_some(target);
            Row {
                encoding,
                example: number,
                place,
                target,
            }
        });
        Ok(rows.collect())
    }
}

impl Task for TokenTagging {
    type Example = TaggedExample;
    type Place = Words;
    type Target = TokenLabels;
    type Answer = TagAnswer;
    type Options = TagOptions;
    type Model = TokenTagger;

    const NAME: &'static str = "tagging";
    const ABOUT: &'static str = "A label for every word: parts of speech, entities";
    const ARCHITECTURE: &'static str = "BertForTokenClassification";
    const METRICS: &'static [&'static str] = &["accuracy", "f1", "precision", "recall"];
    const TRAINING_OPTIONS: &'static [&'static str] = &["label_smoothing", "class_weights"];
    const CUT: &'static str =
        "sentences with a word of more tokens than --max-length holds, which lost its end";

    const CARD: Card = Card {
        pipeline: "token-classification",
        example: "\"a sentence\"",
        pair: "",
        longer: "longer sentences are read in windows that overlap",
    };

    fn corpora() -> &'static [Corpus<Self>] {
        tags::CORPORA
    }

    fn from_data(
        corpus: &Corpus<Self>,
        train: &TaggedDataset,
        options: &TagOptions,
    ) -> Result<Self, TaskError> {
        let labels = match corpus.labels {
            Some(labels) => labels(),
            None => train.labels()?,
        };
        let learned = train.examples().iter().flat_map(|e| e.tags.iter().flatten());
        let learned = learned.map(String::as_str);
        let weights = options.class_weights.as_deref();
        let objective = Objective::new(options.label_smoothing, weights, &labels, learned)?;
        Ok(Self {
            objective,
            ..Self::new(labels, options.overlap)
        })
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        options: &TagOptions,
    ) -> Result<Self, String> {
        let labels = head_labels(config, checkpoint)?;
        let labels = Labels::from_names(labels).map_err(|e| format!("config.json, `id2label`: {e}"))?;
        // A run on data that was said to be BIO has learned its tags as they are.
        let scheme = match are_entities(labels.iter()) && options.scheme != "bio" {
            true => Scheme::of_labels(labels.iter()),
            false => Scheme::Bio,
        };
        Ok(Self {
            scheme,
            ..Self::new(labels, options.overlap)
        })
    }

    fn check(&self, examples: &TaggedDataset) -> Result<(), DataError> {
        match examples.examples().iter().find(|example| example.tags.is_none()) {
            Some(example) => Err(example.source.fault(None, "no tags")),
            None => Ok(()),
        }
    }

    fn remarks(&self, examples: &TaggedDataset) -> Vec<String> {
        let mut unknown = std::collections::BTreeMap::<String, usize>::new();
        for tags in examples
            .examples()
            .iter()
            .filter_map(|example| example.tags.as_ref())
        {
            for tag in self
                .wanted(tags)
                .iter()
                .filter(|tag| self.labels.index(tag).is_none())
            {
                *unknown.entry(tag.clone()).or_default() += 1;
            }
        }
        let counts: Vec<String> = unknown
            .iter()
            .map(|(tag, count)| format!("{tag} ({count})"))
            .collect();
        match counts.is_empty() {
            true => vec![],
            false => vec![format!(
                "tags that are not learned, each with how many words count as errors for it: {}",
                counts.join(", ")
            )],
        }
    }

    fn encode(
        &self,
        examples: &[TaggedExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError> {
        let rows: Vec<Vec<Row<Self>>> = examples
            .par_iter()
            .enumerate()
            .map(|(number, example)| self.rows(number, example, tokenizer, max_length))
            .collect::<Result<_, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> TokenTagger {
        TokenTagger {
            objective: self.objective.clone(),
            ..TokenTagger::new(config, self.labels.len(), seed, device)
        }
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::ARCHITECTURE.into()]);
        config.problem_type = None;
        let names: Vec<String> = self.labels.iter().map(str::to_owned).collect();
        config.set_labels(&names);
    }

    fn decode(&self, example: &TaggedExample, rows: &[Row<Self>], logits: &[Vec<f32>]) -> TagAnswer {
        let words = example.words.len();
        let mut answer = TagAnswer {
            labels: vec![0; words],
            probabilities: vec![0.0; words],
        };
        let width = self.labels.len();
        for (row, logits) in rows.iter().zip(logits) {
            for &(word, token) in &row.place {
                let logits = &logits[token as usize * width..][..width];
                let label = argmax(logits);
                answer.labels[word as usize] = label;
                answer.probabilities[word as usize] = softmax(logits)[label];
            }
        }
        answer
    }

    fn score(&self, examples: &[TaggedExample], answers: &[TagAnswer]) -> Metrics {
        let (mut right, mut words) = (0usize, 0usize);
        let mut counts = EntityCounts::default();
        for (example, answer) in examples.iter().zip(answers) {
            let Some(gold) = &example.tags else { continue };
            let gold: Vec<&str> = gold.iter().map(String::as_str).collect();
            let found = self.names(answer);
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            words += gold.len();
            right += gold.iter().zip(&found).filter(|(a, b)| a == b).count();
            counts.add(&gold, &found);
        }
        metrics(SentenceCounts {
            words,
            right,
            entities: self.has_entities().then(|| counts.total()),
        })
    }

    fn metric_names(&self) -> Vec<&'static str> {
        if self.has_entities() {
            Self::METRICS.to_vec()
        } else {
            vec!["accuracy"]
        }
    }

    fn main_metric(&self) -> &str {
        if self.has_entities() { "f1" } else { "accuracy" }
    }

    fn line(&self, example: &TaggedExample, answer: &TagAnswer) -> Map<String, Value> {
        let names = self.names(answer);
        let place = |word: usize| example.offsets.as_ref().map(|offsets| offsets[word]);
        let words: Vec<Value> = (0..example.words.len())
            .map(|word| {
                let mut entry = Map::new();
                entry.insert("word".into(), example.words[word].as_str().into());
                if let Some((start, end)) = place(word) {
                    entry.insert("start".into(), start.into());
                    entry.insert("end".into(), end.into());
                }
                if let Some(tags) = &example.tags {
                    entry.insert("gold".into(), tags[word].as_str().into());
                }
                entry.insert("label".into(), names[word].as_str().into());
                entry.insert("probability".into(), json!(answer.probabilities[word]));
                entry.into()
            })
            .collect();
        let mut line = Map::new();
        if let Some(text) = &example.text {
            line.insert("text".into(), text.as_str().into());
        }
        line.insert("words".into(), words.into());
        if self.has_entities() {
            let tags: Vec<&str> = names.iter().map(String::as_str).collect();
            let found = entities(&tags).into_iter().map(|entity| {
                let (first, last) = (entity.start, entity.end - 1);
                let mut entry = Map::new();
                entry.insert("type".into(), entity.kind.as_str().into());
                entry.insert("text".into(), text_of(example, first, last).into());
                entry.insert("first_word".into(), first.into());
                entry.insert("last_word".into(), last.into());
                if let (Some((start, _)), Some((_, end))) = (place(first), place(last)) {
                    entry.insert("start".into(), start.into());
                    entry.insert("end".into(), end.into());
                }
                Value::from(entry)
            });
            line.insert("entities".into(), found.collect::<Vec<_>>().into());
        }
        line
    }

    fn review(lines: &[Line]) -> Result<Review, ReviewError> {
        review_tags(lines, metrics)
    }

    fn read(inputs: &Inputs, options: &TagOptions) -> Result<TaggedDataset, CorpusError> {
        tags::read_inputs(inputs, options)
    }
}

fn metrics(counts: SentenceCounts) -> Metrics {
    let mut metrics = Metrics::default();
    metrics.set("accuracy", counts.right as f64 / counts.words.max(1) as f64);
    if let Some(entities) = counts.entities {
        metrics.set("f1", entities.f1());
        metrics.set("precision", entities.precision());
        metrics.set("recall", entities.recall());
    }
    metrics
}

/// The words from `first` to `last` as they stand in the text; with spaces between them where the text is not known.
fn text_of(example: &TaggedExample, first: usize, last: usize) -> String {
    match (&example.text, &example.offsets) {
        (Some(text), Some(offsets)) => {
            let (start, end) = (offsets[first].0, offsets[last].1);
            text.chars().skip(start).take(end - start).collect()
        }
        _ => example.words[first..=last].join(" "),
    }
}

#[cfg(test)]
mod tests;
