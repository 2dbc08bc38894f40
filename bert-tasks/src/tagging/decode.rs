//! Logits to a label for each word, and their metrics.

use burn::tensor::Tensor;
use datasets::TaggedExample;
use datasets::scheme::{Scheme, to_bio};
use serde_json::{Map, Value, json};

use super::TokenTagger;
use super::TokenTagging;
use super::encode::TagRow;
use crate::heads::{argmax, row_values, softmax};
use crate::metrics::{EntityCounts, Metrics, SentenceCounts, entities};
use crate::task::{Decode, Prediction};

/// The model's answer to one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct TagAnswer {
    /// The number of each word's label.
    pub labels: Vec<usize>,
    /// Its probability.
    pub probabilities: Vec<f64>,
}

/// A word's number in its sentence, the number of its most probable label, and the probability.
pub type WordLabel = (u32, u32, f64);

impl Decode for TokenTagging {
    /// `[batch, length, labels]`.
    type Model = TokenTagger;
    type RowOutput = Vec<WordLabel>;
    type Answer = TagAnswer;
    type Score = SentenceCounts;

    const METRICS: &'static [&'static str] = &["accuracy", "f1", "precision", "recall"];

    fn row_outputs(&self, output: Tensor<3>, rows: &[TagRow]) -> Vec<Vec<WordLabel>> {
        let width = self.labels.len();
        let row = |(logits, row): (Vec<f32>, &TagRow)| {
            let words = row.position.iter().map(|&(word, token)| {
                let logits = &logits[token as usize * width..][..width];
                let label = argmax(logits);
                (word, label as u32, softmax(logits)[label])
            });
            words.collect()
        };
        row_values(output).into_iter().zip(rows).map(row).collect()
    }

    fn decode(&self, example: &TaggedExample, _: &[TagRow], outputs: Vec<Vec<WordLabel>>) -> TagAnswer {
        let words = example.words.len();
        let mut answer = TagAnswer {
            labels: vec![0; words],
            probabilities: vec![0.0; words],
        };
        for (word, label, probability) in outputs.into_iter().flatten() {
            answer.labels[word as usize] = label as usize;
            answer.probabilities[word as usize] = probability;
        }
        answer
    }

    fn score(&self, example: &TaggedExample, answer: &TagAnswer) -> Option<SentenceCounts> {
        let gold: Vec<&str> = example.tags.as_ref()?.iter().map(String::as_str).collect();
        let found = self.names(answer);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let mut counts = EntityCounts::default();
        counts.add(&gold, &found);
        Some(SentenceCounts {
            words: gold.len(),
            right: gold.iter().zip(&found).filter(|(a, b)| a == b).count(),
            entities: self.has_entities().then(|| counts.total()),
        })
    }

    fn metrics(&self, scores: &[SentenceCounts]) -> Metrics {
        let zero = SentenceCounts::zero(self.has_entities());
        metrics(scores.iter().fold(zero, |sum, &counts| sum + counts))
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

    fn prediction(&self, example: &TaggedExample, answer: &TagAnswer) -> Prediction {
        let names = self.names(answer);
        let offsets = |word: usize| example.offsets.as_ref().map(|offsets| offsets[word]);
        let words: Vec<Value> = (0..example.words.len())
            .map(|word| {
                let mut entry = Map::new();
                entry.insert("word".into(), example.words[word].as_str().into());
                if let Some((start, end)) = offsets(word) {
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
            // As transformers' pipeline has them: an `I-` that continues nothing begins an entity. (The metrics are strict.)
            let begun = to_bio(&names, Scheme::Iob1);
            let tags: Vec<&str> = begun.iter().map(String::as_str).collect();
            let found = entities(&tags).into_iter().map(|entity| {
                let (first, last) = (entity.start, entity.end - 1);
                let mut entry = Map::new();
                entry.insert("type".into(), entity.kind.as_str().into());
                entry.insert("text".into(), text_of(example, first, last).into());
                entry.insert("first_word".into(), first.into());
                entry.insert("last_word".into(), last.into());
                if let (Some((start, _)), Some((_, end))) = (offsets(first), offsets(last)) {
                    entry.insert("start".into(), start.into());
                    entry.insert("end".into(), end.into());
                }
                Value::from(entry)
            });
            line.insert("entities".into(), found.collect::<Vec<_>>().into());
        }
        line
    }
}

/// The metrics of tagging, from counts over all sentences.
pub(crate) fn metrics(counts: SentenceCounts) -> Metrics {
    let mut metrics = Metrics::default();
    metrics.set("accuracy", counts.right as f64 / counts.words.max(1) as f64);
    if let Some(entities) = counts.entities {
        metrics.set("f1", entities.f1());
        metrics.set("precision", entities.precision());
        metrics.set("recall", entities.recall());
    }
    metrics
}

/// The words from `first` to `last` as they are in the text; with spaces between them where the text is unknown.
fn text_of(example: &TaggedExample, first: usize, last: usize) -> String {
    match (&example.text, &example.offsets) {
        (Some(text), Some(offsets)) => {
            let (start, end) = (offsets[first].0, offsets[last].1);
            text.chars().skip(start).take(end - start).collect()
        }
        _ => example.words[first..=last].join(" "),
    }
}
