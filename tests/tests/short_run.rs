//! A short run on every backend: it learns, and what it leaves on disk is what it learned.

use std::path::Path;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use bert_tasks::{Files, SequenceClassification, SequenceClassifier, Splits};
use bert_tests::{bits, devices};
use bert_train::interrupt::Stop;
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::{
    BatchLoader, FineTuned, Order, Recipe, Run, Session, Start, TrainError, Watch, evaluate, train,
};
use burn::module::{Module, Param};
use burn::store::ModuleRecord;
use burn::tensor::Device;
use datasets::{Labels, Source, TextDataset, TextExample};
use serde_json::Value;

fn recipe() -> Recipe {
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

/// 80 labelled texts, every fifth of them to be judged by.
fn texts() -> (TextDataset, TextDataset) {
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
        .hold_out(5)
        .unwrap()
}

fn session(recipe: Recipe, device: &Device) -> Session<SequenceClassification> {
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
    let splits = Splits {
        train,
        dev,
        note: None,
    };
    Session::new(task, "reviews", start, splits, recipe, device).unwrap()
}

fn run_in(
    dir: &Path,
    session: Session<SequenceClassification>,
    stop: &Stop,
) -> Result<RunMetrics, TrainError> {
    let config = RunConfig {
        version: "test".into(),
        task: "classify".into(),
        model: None,
        device: "auto".into(),
        files: Files::default(),
        recipe: session.recipe.clone(),
        options: Default::default(),
    };
    let run = Run::create(dir, &config, false).unwrap();
    train(session, &run, Watch::Quiet, stop)
}

#[test]
fn a_run_learns_and_its_folder_holds_what_it_learned() {
    for (name, device) in devices() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("run");
        let metrics = run_in(&dir, session(recipe(), &device), &Stop::default()).unwrap();
        assert_eq!(
            (metrics.state.as_str(), metrics.steps),
            ("finished", 64),
            "{name}"
        );

        let log = std::fs::read_to_string(dir.join("log.jsonl")).unwrap();
        let log: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let losses: Vec<f64> = log
            .iter()
            .filter(|line| line["type"] == "train")
            .map(|line| line["loss"].as_f64().unwrap())
            .collect();
        assert_eq!(losses.len(), 16, "{name}");
        println!("{name}: loss {:.3} to {:.3}", losses[0], losses[15]);
        assert!(losses[15] < 0.5 * losses[0], "{name}: {losses:?}");

        assert_eq!(
            metrics.last.as_ref().unwrap().get("accuracy"),
            Some(1.0),
            "{name}"
        );

        // The folder alone gives the answers that the run gave.
        let tuned = FineTuned::<SequenceClassification>::load(&dir, &device).unwrap();
        let session = session(recipe(), &device);
        let loader = BatchLoader::new(
            session.dev.into(),
            Order::ByLength,
            64,
            tuned.tokenizer.pad_id(),
            &device,
        );
        let again = evaluate(&tuned.task, &tuned.model, &loader, &session.dev_examples, |_| {
            true
        })
        .unwrap();
        assert_eq!(Some(again.metrics), metrics.last, "{name}");

        // Burn's own file holds the same weights, to the last bit.
        let blank = SequenceClassifier::new(&tuned.config, 2, 9, &device);
        let record = ModuleRecord::load(dir.join("model/model.bpk")).unwrap();
        let loaded = blank.load_record(record);
        assert!(
            bits(&loaded) == bits(&tuned.model),
            "{name}: model.bpk and model.safetensors differ"
        );
    }
}

#[test]
fn saving_and_loading_is_the_identity() {
    for (name, device) in devices() {
        let config = BertConfig::compact(50, 24, 2, 3);
        let model = SequenceClassifier::new(&config, 3, 4, &device);
        let dir = tempfile::tempdir().unwrap();
        bert_core::store::save_weights(&model, dir.path()).unwrap();
        let blank = SequenceClassifier::new(&config, 3, 5, &device);
        assert!(bits(&blank) != bits(&model));
        let (loaded, report) = Checkpoint::open(dir.path()).unwrap().load_into(blank).unwrap();
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report}"
        );
        assert!(bits(&loaded) == bits(&model), "{name}");

        let again = tempfile::tempdir().unwrap();
        bert_core::store::save_weights(&loaded, again.path()).unwrap();
        let file = |dir: &tempfile::TempDir| std::fs::read(dir.path().join("model.safetensors")).unwrap();
        assert!(
            file(&dir) == file(&again),
            "{name}: the file changes when it is saved again"
        );
    }
}

#[test]
fn a_run_asked_to_stop_saves_what_it_has() {
    let (_, device) = devices().remove(0);
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("run");
    let stop = Stop::default();
    stop.ask();
    let metrics = run_in(&dir, session(recipe(), &device), &stop).unwrap();
    assert_eq!((metrics.state.as_str(), metrics.steps), ("stopped", 1));
    assert!(FineTuned::<SequenceClassification>::load(&dir, &device).is_ok());
}

#[test]
fn a_loss_that_is_not_finite_ends_the_run() {
    let (_, device) = devices().remove(0);
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("run");
    let mut session = session(recipe(), &device);
    let weight = session.model.classifier.weight.val() * 1e38;
    session.model.classifier.weight = Param::from_tensor((weight * 1e38).detach());
    let error = run_in(&dir, session, &Stop::default()).unwrap_err();
    assert!(matches!(error, TrainError::NotFinite { .. }), "{error}");
    assert!(!dir.join("model").exists());
}
