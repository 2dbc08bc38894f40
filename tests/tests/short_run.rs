//! A short run on every backend: it learns, and its files hold the trained model.

use bert_core::{BertConfig, Checkpoint};
use bert_tasks::{SequenceClassification, SequenceClassifier};
use bert_tests::reviews::{log, recipe, run_in, session};
use bert_tests::{bits, devices};
use bert_train::Stop;
use bert_train::{BatchLoader, FineTuned, Order, Recipe, Session, TrainError, evaluate};
use burn::module::{Module, Param};
use burn::store::ModuleRecord;
use burn::tensor::{Tensor, TensorData};
use serde_json::Value;

#[test]
fn a_run_learns_and_saves_its_model() {
    for (name, device) in devices() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("run");
        let metrics = run_in(&dir, session(recipe(), &device), &Stop::default()).unwrap();
        assert_eq!(
            (metrics.state.as_str(), metrics.steps),
            ("finished", 64),
            "{name}"
        );

        let losses: Vec<f64> = log(&dir, "train")
            .iter()
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

        // The model from the folder gives the same answers.
        let tuned = FineTuned::<SequenceClassification>::load(&dir, &device).unwrap();
        let session = session(recipe(), &device);
        let (task, order, tokenizer) = (&tuned.task, Order::ByLength, &tuned.tokenizer);
        let loader = BatchLoader::new(task, session.dev, order, 64, tokenizer, &device);
        let again = evaluate(&tuned.task, &tuned.model, &loader, &session.dev_examples, |_| {
            true
        })
        .unwrap();
        assert_eq!(Some(again.metrics), metrics.last, "{name}");

        // Burn's own file holds the same weights, bit for bit.
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
fn a_saved_model_loads_unchanged() {
    for (name, device) in devices() {
        let config = BertConfig::compact(50, 24, 2, 3);
        let model = SequenceClassifier::new(&config, 3, 4, &device);
        let dir = tempfile::tempdir().unwrap();
        bert_core::store::save_weights(&model, config.weight_names(), dir.path()).unwrap();
        let blank = SequenceClassifier::new(&config, 3, 5, &device);
        assert!(bits(&blank) != bits(&model));
        let checkpoint = Checkpoint::open(dir.path()).unwrap();
        let (loaded, report) = checkpoint.load_into(blank, config.weight_names()).unwrap();
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report}"
        );
        assert!(bits(&loaded) == bits(&model), "{name}");

        let again = tempfile::tempdir().unwrap();
        bert_core::store::save_weights(&loaded, config.weight_names(), again.path()).unwrap();
        let file = |dir: &tempfile::TempDir| std::fs::read(dir.path().join("model.safetensors")).unwrap();
        assert!(
            file(&dir) == file(&again),
            "{name}: the file changes when it is saved again"
        );
    }
}

#[test]
fn a_stopped_run_saves_its_model() {
    let (_, device) = devices().remove(0);
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("run");
    let stop = Stop::default();
    stop.request();
    let metrics = run_in(&dir, session(recipe(), &device), &stop).unwrap();
    assert_eq!((metrics.state.as_str(), metrics.steps), ("stopped", 1));
    assert!(FineTuned::<SequenceClassification>::load(&dir, &device).is_ok());
}

/// A session in which one word's vector overflows, so that texts with the word have a non-finite loss.
fn with_a_poisoned_word(
    mut session: Session<SequenceClassification>,
    word: usize,
) -> Session<SequenceClassification> {
    let table = &mut session.model.bert.embeddings.word_embeddings.weight;
    let mut values = table.val().into_data().iter::<f32>().collect::<Vec<_>>();
    values[word * 32..][..32].fill(3e38);
    let data = TensorData::new(values, table.val().dims());
    let poisoned = Tensor::from_data(data, &table.val().device()).detach();
    *table = Param::from_tensor(poisoned);
    session
}

/// The ids of "the", which is in every text, and of "stage".
const THE: usize = 5;
const STAGE: usize = 23;

#[test]
fn repeated_non_finite_losses_end_the_run_and_name_their_examples() {
    for (name, device) in devices() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("run");
        let session = with_a_poisoned_word(session(recipe(), &device), THE);
        let error = run_in(&dir, session, &Stop::default()).unwrap_err();
        let TrainError::NotFinite { step, examples, .. } = &error else {
            panic!("{name}: {error}");
        };
        assert_eq!((*step, examples.len()), (3, 16), "{name}");
        assert!(error.to_string().contains("reviews, lines "), "{name}: {error}");
        assert!(!dir.join("model").exists(), "{name}");
    }
}

#[test]
fn non_finite_steps_are_skipped_and_counted() {
    for (name, device) in devices() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("run");
        let with_seed = |seed| {
            let recipe = Recipe {
                seed,
                batch_size: 1,
                epochs: 2,
                logging_steps: 1,
                ..recipe()
            };
            with_a_poisoned_word(session(recipe, &device), STAGE)
        };
        // The steps whose batch has the word.
        let hits = |session: &Session<SequenceClassification>| -> Vec<bool> {
            let order = Order::Shuffled {
                seed: session.recipe.seed,
                by_length: false,
            };
            let (task, rows) = (&session.task, session.train.clone());
            let loader = BatchLoader::new(task, rows, order, 1, &session.tokenizer, &device);
            let rows = (0..2).flat_map(|epoch| loader.sampled(epoch).concat().concat());
            rows.map(|row| session.train.get(row).encoding.ids.contains(&(STAGE as u32)))
                .collect()
        };
        let scattered = |hits: &[bool]| hits.windows(3).all(|three| three.contains(&false));
        let session = (1..99)
            .map(with_seed)
            .find(|session| scattered(&hits(session)))
            .expect("a seed without three hits in a row");
        let hits = hits(&session);
        let expected: Vec<u64> = hits
            .iter()
            .scan(0, |sum, hit| {
                *sum += u64::from(*hit);
                Some(*sum)
            })
            .collect();
        assert!(expected[127] > 5, "{name}: {expected:?}");

        let metrics = run_in(&dir, session, &Stop::default()).unwrap();
        assert_eq!(metrics.state, "finished", "{name}");
        let steps = log(&dir, "train");
        let skipped: Vec<u64> = steps
            .iter()
            .map(|line| line["skipped"].as_u64().unwrap())
            .collect();
        assert_eq!(skipped, expected, "{name}");
        assert_eq!(metrics.skipped_steps as u64, expected[127], "{name}");
        let is_number = |line: &Value| line["loss"].is_f64() && line["grad_norm"].is_f64();
        assert!(steps.iter().all(is_number), "{name}");
        // The other steps trained the model. Its weights are finite, as it could be saved.
        let loss = |line: &Value| line["loss"].as_f64().unwrap();
        let first: f64 = steps[..20].iter().map(loss).sum();
        assert!(
            first > 0.0 && dir.join("model/model.safetensors").exists(),
            "{name}"
        );
    }
}
