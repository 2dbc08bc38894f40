//! The head of a fine-tuned model as the start of another training: it stays only for the same task and labels.

use std::path::Path;

use bert_core::{BertConfig, BertTokenizer, Checkpoint, parse_device, store};
use bert_tasks::{Entry, SequenceClassification, SequenceRegression, Splits, Task, TokenTagging};
use bert_tests::bits;
use bert_train::fine_tuned::{ModelFolder, WithTask};
use bert_train::{Recipe, Session, Start};
use burn::tensor::Device;
use datasets::{Labels, ScoredDataset, ScoredExample, Source, TextDataset, TextExample};

fn device() -> Device {
    parse_device("flex").unwrap()
}

fn labels(names: &[&str]) -> Labels {
    Labels::from_names(names.iter().map(|name| name.to_string()).collect()).unwrap()
}

fn tokenizer() -> BertTokenizer {
    let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "fine",
    ];
    BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Default::default()).unwrap()
}

fn config() -> BertConfig {
    BertConfig::compact(8, 8, 1, 2)
}

/// A fine-tuned model for `task`, as a start; `change` changes its configuration.
fn fine_tuned<K: Task>(task: &K, change: impl FnOnce(&mut BertConfig)) -> (K::Model, Start) {
    let mut config = config();
    task.configure(&mut config);
    let model = task.model(&config, 7, &device());
    let bytes = store::to_safetensors(&model, config.weight_names()).unwrap();
    change(&mut config);
    let start = Start {
        config,
        tokenizer: tokenizer(),
        weights: Some(Checkpoint::from_bytes(bytes).unwrap()),
    };
    (model, start)
}

fn texts(names: &[&str]) -> Splits<TextExample> {
    let source = Source::file(Path::new("texts"));
    let examples = names.iter().enumerate().map(|(line, name)| TextExample {
        text: "good".into(),
        second: None,
        label: Some(name.to_string()),
        source: source.line(line + 1),
    });
    let all = TextDataset::new(&source.file, examples.collect()).unwrap();
    Splits {
        train: all.clone(),
        dev: all,
    }
}

fn recipe() -> Recipe {
    Recipe {
        max_length: 8,
        ..Recipe::default()
    }
}

/// The head's weights and biases by output, in a new training with `names` from `start`, and the note about them.
fn classify(names: &[&str], start: Start) -> (Vec<Vec<f32>>, Option<String>) {
    let task = SequenceClassification::new(labels(names), "accuracy");
    let session = Session::new(task, "test", start, texts(names), recipe(), &device()).unwrap();
    let mut notes = session.notes.iter().map(ToString::to_string);
    let note = notes.find(|note| note.contains("head"));
    (outputs(&session.model.classifier), note)
}

/// The weights of each output of a dense layer, and its bias.
fn outputs(layer: &burn::nn::Linear) -> Vec<Vec<f32>> {
    let weight = layer.weight.val();
    let count = weight.dims()[1];
    let weight: Vec<f32> = weight.swap_dims(0, 1).into_data().iter().collect();
    let bias: Vec<f32> = layer.bias.as_ref().unwrap().val().into_data().iter().collect();
    let rows = weight.chunks(weight.len() / count);
    rows.zip(bias)
        .map(|(row, bias)| [row, &[bias]].concat())
        .collect()
}

#[test]
fn a_head_stays_for_the_same_labels_in_any_order() {
    let task = SequenceClassification::new(labels(&["neg", "mid", "pos"]), "accuracy");
    let (model, start) = fine_tuned(&task, |_| ());
    let head = outputs(&model.classifier);
    let (same, note) = classify(&["neg", "mid", "pos"], start);
    assert_eq!((same, note), (head.clone(), None));
    let (_, start) = fine_tuned(&task, |_| ());
    let (reordered, note) = classify(&["pos", "neg", "mid"], start);
    assert_eq!(reordered, [head[2].clone(), head[0].clone(), head[1].clone()]);
    assert!(note.unwrap().contains("another order"));
}

#[test]
fn a_head_for_something_else_is_replaced() {
    let task = SequenceClassification::new(labels(&["neg", "pos"]), "accuracy");
    let (model, _) = fine_tuned(&task, |_| ());
    let old = outputs(&model.classifier);
    let replaced = |names: &[&str], start: Start, part: &str| {
        let (head, note) = classify(names, start);
        let note = note.unwrap();
        assert!(
            note.contains("training a new head: ") && note.contains(part),
            "{note}"
        );
        assert_eq!(head.len(), names.len());
        assert!(head.iter().all(|row| !old.contains(row)), "{note}");
    };
    let other_names = fine_tuned(&task, |_| ()).1;
    replaced(
        &["bad", "good"],
        other_names,
        "the labels of the model's head are neg, pos, not bad, good",
    );
    let other_count = fine_tuned(&task, |_| ()).1;
    replaced(
        &["mid", "neg", "pos"],
        other_count,
        "head are neg, pos, not mid, neg, pos",
    );
    let no_names = fine_tuned(&task, |config| config.id2label = None).1;
    replaced(&["neg", "pos"], no_names, "head are not named");
    let many = fine_tuned(&task, |config| {
        config.problem_type = Some("multi_label_classification".into())
    })
    .1;
    replaced(&["neg", "pos"], many, "`problem_type`");
    let regression = fine_tuned(&SequenceRegression::new("pearson", None), |_| ()).1;
    replaced(&["neg", "pos"], regression, "one output");
    let tagger = fine_tuned(&TokenTagging::new(labels(&["neg", "pos"]), 0), |_| ()).1;
    replaced(&["neg", "pos"], tagger, "BertForTokenClassification");
    let unnamed = fine_tuned(&TokenTagging::new(labels(&["neg", "pos"]), 0), |config| {
        config.architectures = None
    });
    replaced(&["neg", "pos"], unnamed.1, "no pooler");
}

#[test]
fn a_regression_keeps_the_head_of_a_regression_alone() {
    let source = Source::file(Path::new("scores"));
    let examples = (1..4).map(|line| ScoredExample {
        text: "good".into(),
        second: None,
        score: Some(line as f64),
        source: source.line(line),
    });
    let all = ScoredDataset::new(&source.file, examples.collect()).unwrap();
    let session = |start: Start| {
        let splits = Splits {
            train: all.clone(),
            dev: all.clone(),
        };
        let task = SequenceRegression::new("pearson", None);
        Session::new(task, "test", start, splits, recipe(), &device()).unwrap()
    };
    let task = SequenceRegression::new("pearson", None);
    let (model, start) = fine_tuned(&task, |_| ());
    assert!(bits(&session(start).model.classifier) == bits(&model.classifier));
    let classifier = SequenceClassification::new(labels(&["neg", "pos"]), "accuracy");
    let notes = session(fine_tuned(&classifier, |_| ()).1).notes;
    assert!(
        notes
            .iter()
            .any(|note| note.to_string().contains("2 outputs; a regression has one")),
        "{notes:?}"
    );
}

#[test]
fn unknown_words_and_lost_capitals_are_noted() {
    let notes = |words: [&str; 3]| {
        let all = [["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].as_slice(), &words].concat();
        let vocabulary = all.into_iter().map(String::from).collect();
        let start = Start {
            config: config(),
            tokenizer: BertTokenizer::from_vocabulary(vocabulary, Default::default()).unwrap(),
            weights: None,
        };
        let task = SequenceClassification::new(labels(&["neg", "pos"]), "accuracy");
        let session = Session::new(task, "test", start, texts(&["neg", "pos"]), recipe(), &device());
        let notes = session.unwrap().notes;
        notes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let known = notes(["good", "bad", "fine"]);
    assert!(
        !known.contains("are unknown") && !known.contains("capital"),
        "{known}"
    );
    let unknown = notes(["bad", "fine", "so"]);
    assert!(
        unknown.contains("train: ") && unknown.contains("33.3 % of the tokens are unknown"),
        "{unknown}"
    );
    let lost = notes(["good", "Good", "Bad"]);
    assert!(
        lost.contains("capital letters") && lost.contains("do_lower_case"),
        "{lost}"
    );
}

/// The name of the task of a model folder, or why it has none; `change` changes the configuration.
fn task_of<K: Task>(task: &K, change: impl FnOnce(&mut BertConfig)) -> Result<&'static str, String> {
    struct Name;
    impl WithTask for Name {
        type Output = &'static str;
        fn with<K: Task>(self, _: &'static Entry<K>, _: ModelFolder) -> &'static str {
            K::NAME
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let (model, Start { config, .. }) = fine_tuned(task, change);
    store::save_weights(&model, config.weight_names(), dir.path()).unwrap();
    std::fs::write(dir.path().join("config.json"), config.to_json()).unwrap();
    let folder = ModelFolder::open(dir.path()).unwrap();
    folder.with_task(Name).map_err(|error| error.to_string())
}

#[test]
fn the_task_of_a_model_without_a_class_is_that_of_its_layers() {
    let no_class = |config: &mut BertConfig| config.architectures = None;
    let classifier = SequenceClassification::new(labels(&["neg", "pos"]), "accuracy");
    assert_eq!(task_of(&classifier, no_class).unwrap(), "classification");
    let tagger = TokenTagging::new(labels(&["O", "B-PER", "I-PER"]), 0);
    assert_eq!(task_of(&tagger, no_class).unwrap(), "tagging");
    assert_eq!(task_of(&tagger, |_| ()).unwrap(), "tagging");
    let regression = SequenceRegression::new("pearson", None);
    assert_eq!(task_of(&regression, no_class).unwrap(), "regression");
}

#[test]
fn a_fault_of_the_labels_is_named_as_such() {
    let classifier = SequenceClassification::new(labels(&["neg", "pos"]), "accuracy");
    for no_class in [false, true] {
        let error = task_of(&classifier, |config| {
            config
                .id2label
                .as_mut()
                .unwrap()
                .insert("no".into(), "number".into());
            if no_class {
                config.architectures = None;
            }
        });
        let error = error.unwrap_err();
        assert!(error.contains("`id2label` has the key \"no\""), "{error}");
        assert!(!error.contains("fine-tune it first"), "{error}");
    }
    let named = task_of(&classifier, |config| {
        config
            .id2label
            .as_mut()
            .unwrap()
            .insert("2".into(), "other".into());
    });
    let named = named.unwrap_err();
    assert!(
        named.contains("names 3 labels, the head has 2 outputs"),
        "{named}"
    );
}
