//! Small versions of two tasks that are unlike those of `bert-tasks`. They show that the traits support such tasks: one reads
//! two texts in two passes of one encoder, and one generates a sequence of words.

mod bi_encoder;
mod translation;

use std::path::Path;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer};
use bert_tasks::{Metrics, Splits, Task};
use bert_train::Stop;
use bert_train::{Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::{Source, TextDataset, TextExample};
use serde_json::Value;

const WORDS: [&str; 15] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "dog", "sees", "hears", "bird", "##s", "a",
    "old", "song",
];

fn tokenizer() -> BertTokenizer {
    BertTokenizer::from_vocabulary(WORDS.map(String::from).to_vec(), Normalization::default()).unwrap()
}

fn config() -> BertConfig {
    BertConfig::compact(WORDS.len(), 16, 1, 2)
}

/// Pairs of sentences: the second has the words of the first in reverse order.
fn pairs() -> Vec<TextExample> {
    let source = Source::file(Path::new("sketch"));
    let mut examples = vec![];
    for who in ["cat", "dogs", "old bird"] {
        for does in ["sees", "hears"] {
            for what in ["bird", "a song", "the cats"] {
                let text = format!("the {who} {does} {what}");
                let backwards: Vec<&str> = text.split(' ').rev().collect();
                examples.push(TextExample {
                    second: Some(backwards.join(" ")),
                    source: source.line(examples.len() + 1),
                    label: None,
                    text,
                });
            }
        }
    }
    examples
}

/// Trains `task` for three steps of two batches each; returns the metrics and the predictions of the evaluation.
fn trained<K: Task<Example = TextExample>>(task: K) -> (Metrics, Vec<Value>) {
    let data = TextDataset::new(Path::new("sketch"), pairs()).unwrap();
    let splits = Splits::new(data.clone(), data);
    let start = Start {
        config: config(),
        tokenizer: tokenizer(),
        weights: None,
    };
    let recipe = Recipe {
        max_steps: Some(3),
        batch_size: 4,
        gradient_accumulation_steps: 2,
        eval_batch_size: 5,
        max_length: 24,
        ..Recipe::default()
    };
    let session = Session::new(task, "sketch", start, splits, recipe, &Device::default()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let settings = session.run_config(&K::Options::default());
    let run = Run::create(&dir.path().join("run"), &settings, false).unwrap();
    let metrics = train(session, &run, View::Quiet, &Stop::default()).unwrap();
    let lines = std::fs::read_to_string(run.path("predictions.jsonl")).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    (metrics.last.unwrap(), lines.collect())
}
