//! A small task that a small model learns in a second: is a review good?

use std::path::Path;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer};
use bert_tasks::{Files, SequenceClassification, Splits, Task};
use bert_train::Stop;
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::{Recipe, Run, Session, Start, TrainError, View, train};
use burn::tensor::Device;
use datasets::{Labels, Source, TextDataset, TextExample};
use serde_json::Value;

/// Sixteen epochs of four steps.
pub fn recipe() -> Recipe {
    Recipe {
        epochs: 16,
        lr: 3e-3,
        batch_size: 16,
        max_length: 16,
        group_by_length: false,
        logging_steps: 4,
        ..Recipe::default()
    }
}

const GOOD: [&str; 4] = ["good", "great", "lovely", "superb"];
const BAD: [&str; 4] = ["bad", "awful", "dull", "grim"];
const NOUNS: [&str; 10] = [
    "film", "plot", "song", "scene", "cast", "end", "joke", "story", "stage", "book",
];

/// 80 labelled texts; every fifth is held out for dev.
///
/// # Panics
/// Never.
pub fn texts() -> (TextDataset, TextDataset) {
    let source = Source::file(Path::new("reviews"));
    let adjectives = GOOD
        .into_iter()
        .zip(BAD)
        .flat_map(|(good, bad)| [(good, "good"), (bad, "bad")]);
    let all = NOUNS.iter().flat_map(|noun| {
        adjectives
            .clone()
            .map(move |(adjective, label)| (format!("the {noun} was {adjective}"), label))
    });
    let examples = all.enumerate().map(|(line, (text, label))| TextExample {
        text,
        second: None,
        label: Some(label.into()),
        source: source.line(line + 1),
    });
    TextDataset::new(&source.file, examples.collect())
        .unwrap()
        .hold_out_every(5)
        .unwrap()
}

/// A new session with `recipe`.
///
/// # Panics
/// If the recipe is invalid.
pub fn session(recipe: Recipe, device: &Device) -> Session<SequenceClassification> {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "was"];
    let words = words.iter().chain(&GOOD).chain(&BAD).chain(&NOUNS);
    let vocabulary: Vec<String> = words.map(|word| word.to_string()).collect();
    let config = BertConfig {
        hidden_dropout_prob: 0.05,
        ..BertConfig::compact(vocabulary.len(), 32, 1, 2)
    };
    let tokenizer = BertTokenizer::from_vocabulary(vocabulary, Normalization::default()).unwrap();
    let task = SequenceClassification::new(Labels::collect(["good", "bad"]).unwrap(), "matthews");
    let (train, dev) = texts();
    let start = Start {
        config,
        tokenizer,
        weights: None,
    };
    let splits = Splits { train, dev };
    Session::new(task, "reviews", start, splits, recipe, device).unwrap()
}

/// Runs `session` in the new folder `dir`.
///
/// # Errors
/// If the run fails.
///
/// # Panics
/// If the folder cannot be created.
pub fn run_in<K: Task>(dir: &Path, session: Session<K>, stop: &Stop) -> Result<RunMetrics, TrainError> {
    let config = RunConfig {
        version: "test".into(),
        task: "classify".into(),
        model: None,
        device: "auto".into(),
        files: Files::default(),
        recipe: session.recipe.clone(),
        options: K::Options::default(),
    };
    let run = Run::create(dir, &config, false).unwrap();
    train(session, &run, View::Quiet, stop)
}

/// The lines of a run's log that have this type: `train` or `evaluation`.
///
/// # Panics
/// If there is no log.
pub fn log(dir: &Path, kind: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join("log.jsonl")).expect("a run has a log");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"));
    lines.filter(|line: &Value| line["type"] == kind).collect()
}
