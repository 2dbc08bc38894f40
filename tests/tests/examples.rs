//! The programs of `examples/` run on a few examples, and the task of `docs/tasks/adding-a-task.md` trains.

#[allow(dead_code)]
#[path = "../../examples/acceptability.rs"]
mod acceptability;
#[allow(dead_code)]
#[path = "../../examples/stars/main.rs"]
mod adding_a_task;
#[allow(dead_code)]
#[path = "../../examples/embedded.rs"]
mod embedded;
#[allow(dead_code)]
#[path = "../../examples/inference.rs"]
mod inference;
#[allow(dead_code)]
#[path = "../../examples/language_model.rs"]
mod language_model;
#[allow(dead_code)]
#[path = "../../examples/news_search.rs"]
mod news_search;
#[allow(dead_code)]
#[path = "../../examples/pretraining.rs"]
mod pretraining;
#[allow(dead_code)]
#[path = "../../examples/question_answering.rs"]
mod question_answering;
#[allow(dead_code)]
#[path = "../examples/replay.rs"]
mod replay;
#[allow(dead_code)]
#[path = "../../examples/sentiment.rs"]
mod sentiment;
#[allow(dead_code)]
#[path = "../../examples/similarity.rs"]
mod similarity;
#[allow(dead_code)]
#[path = "../../examples/tagging.rs"]
mod tagging;

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Decode, Files, Metrics, SequenceClassification, TextOptions};
use bert_tests::reviews::{log, recipe, run_in, session};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Start};
use burn::tensor::Device;
use datasets::{Source, TextExample, demo};
use serde_json::Value;

/// The type of an example's `run`.
type Run<T> = fn(&[PathBuf], &Path, usize) -> Result<T, Box<dyn Error>>;

/// Number of generated examples: few, as only the code is tested, not what the model learns.
const SIZE: usize = 96;

fn run<T>(run: Run<T>) -> T {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("run");
    let outcome = run(&[], &output, SIZE).unwrap();
    assert!(output.join("model/model.safetensors").is_file());
    // Invalid arguments are reported as errors.
    let wrong = vec![PathBuf::from("nowhere"); 3];
    assert!(run(&wrong, &output, SIZE).is_err());
    assert!(run(&wrong[..2], &output, SIZE).is_err());
    outcome
}

#[test]
fn every_example_runs_offline() {
    let metrics: [(&str, Run<Metrics>); 7] = [
        ("accuracy", sentiment::run),
        ("matthews", acceptability::run),
        ("accuracy", inference::run),
        ("pearson", similarity::run),
        ("accuracy", tagging::run),
        ("accuracy", language_model::run),
        ("masked_accuracy", pretraining::run),
    ];
    for (name, example) in metrics {
        let value = run(example).get(name).unwrap();
        assert!((-1.0..=1.0).contains(&value), "{name}: {value}");
    }
    run(question_answering::run as Run<()>);
}

#[test]
fn news_are_searched_offline() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = news_search::run(&[], &dir.path().join("run"), SIZE).unwrap();
    assert!(metrics.get("mrr@10").unwrap() > 0.0, "{metrics:?}");
    let wrong = vec![PathBuf::from("two"); 2];
    assert!(news_search::run(&wrong, dir.path(), SIZE).is_err());
}

#[test]
fn a_run_of_a_program_stores_its_options() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("run");
    inference::run(&[], &output, SIZE).unwrap();
    let tuned = FineTuned::<SequenceClassification>::load(&output, &Device::default()).unwrap();
    assert!(tuned.options.pairs);
}

#[test]
fn a_model_loaded_from_bytes_predicts_like_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("run");
    let short = Recipe {
        max_steps: Some(1),
        ..recipe()
    };
    run_in(&output, session(short, &Device::default()), &Stop::default()).unwrap();
    let read = |name: &str| std::fs::read(output.join("model").join(name)).unwrap();
    let embedded = embedded::Classifier::from_bytes(
        &read("config.json"),
        &read("tokenizer.json"),
        read("model.safetensors"),
    )
    .unwrap();

    let example = TextExample {
        text: "the film was good".into(),
        second: None,
        label: None,
        source: Source::file(Path::new("text")),
    };
    let tuned = FineTuned::<SequenceClassification>::load(&output, &Device::default()).unwrap();
    let answer = tuned.answer(std::slice::from_ref(&example)).unwrap().remove(0);
    let expected = tuned.task.prediction(&example, &answer);
    assert_eq!(embedded.predict(&example.text).unwrap(), expected);

    let truncated = read("model.safetensors")[..1000].to_vec();
    let error = embedded::Classifier::from_bytes(&read("config.json"), &read("tokenizer.json"), truncated);
    let error = error.err().unwrap().to_string();
    assert!(
        error.contains("(weights in memory): incomplete or damaged checkpoint"),
        "{error}"
    );
}

#[test]
fn replay_records_the_batches_of_each_step() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).into_os_string().into_string().unwrap();
    let short = Recipe {
        max_steps: Some(1),
        ..recipe()
    };
    let session = session(short, &Device::default());
    run_in(&dir.path().join("pre"), session, &Stop::default()).unwrap();
    let line = |i: usize| format!("the film was {}\n", ["good,yes", "bad,no", "grim grim,no"][i % 3]);
    let texts: String = (0..90).map(line).collect();
    std::fs::write(path("texts.csv"), format!("text,label\n{texts}")).unwrap();

    let words = |output: &str, seed: &str| {
        let output = path(output);
        [
            "classify",
            &path("pre/model"),
            &path("texts.csv"),
            &output,
            seed,
            "3",
            "4",
        ]
        .map(String::from)
    };
    let steps = |words: [String; 7]| -> Vec<Vec<Value>> {
        let output = words[3].clone();
        replay::replay(words.into()).unwrap();
        let text = std::fs::read_to_string(output + "/steps.jsonl").unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let one = steps(words("one", "1"));
    assert_eq!(log(&dir.path().join("one/run"), "train").len(), 4);
    // A tenth of the 90 texts is held out, 3 of label yes and 6 of label no. The fourth step begins the second epoch.
    assert_eq!(one.len(), 4);
    let epoch = one[..3].concat();
    for (target, count) in [("yes", 27), ("no", 54)] {
        let target = usize::from(target == "yes");
        let alike = epoch.iter().filter(|row| row["target"] == target);
        assert_eq!(alike.count(), count, "{target}");
    }
    assert_ne!(one, steps(words("two", "2")), "the seed changes nothing");
    assert!(replay::replay(vec!["nothing".into()]).is_err());
    assert!(replay::replay(words("one", "x").into()).is_err());

    // Of a language model, what is masked in each epoch.
    let mut words = words("masked", "1");
    words[0] = "pretrain".into();
    words[2] = path("texts.txt");
    std::fs::write(&words[2], "the film was good and the end was grim\n".repeat(400)).unwrap();
    words[6] = "2".into();
    for row in steps(words).concat() {
        let (ids, masked) = (row["ids"].as_array().unwrap(), row["target"].as_array().unwrap());
        assert_eq!(ids.len(), row["segments"].as_array().unwrap().len());
        // Unknown words are not masked.
        assert!((1..=ids.len() * 15 / 100).contains(&masked.len()), "{row}");
        for token in masked {
            let place = token[0].as_u64().unwrap() as usize;
            assert!(place > 0 && place + 1 < ids.len() && token[1].is_u64(), "{row}");
        }
    }
}

#[test]
fn the_task_of_the_docs_trains() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("reviews.csv");
    let words = ["dreadful", "dull", "old", "pleasant", "superb"];
    let line = |i: usize| {
        format!(
            "the {} was {},{}\n",
            demo::lexicon::events::OBJECTS[i % 14],
            words[i % 5],
            i % 5 + 1
        )
    };
    std::fs::write(
        &file,
        format!("text,stars\n{}", (0..200).map(line).collect::<String>()),
    )
    .unwrap();
    let files = Files {
        data: Some(file.clone()),
        ..Files::default()
    };
    let corpus = adding_a_task::entry::STARS.choose(None, None, true).unwrap();
    let splits = (corpus.splits)(&files, &TextOptions::default()).unwrap();
    let sizes = [&splits.train, &splits.dev].map(|examples| examples.len());
    assert_eq!(sizes.iter().sum::<usize>(), 200, "{sizes:?}");

    let recipe = Recipe::demo(8, 16);
    let start = || Start::compact(demo::vocabulary()).unwrap();
    let metrics = adding_a_task::run(start(), &file, recipe.clone(), &dir.path().join("run")).unwrap();
    assert!(metrics.get("closeness").unwrap() > 0.9, "{metrics:?}");

    std::fs::write(&file, "text,stars\nfine,5\nfine,6\n").unwrap();
    let error = adding_a_task::run(start(), &file, recipe, &dir.path().join("other"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 3, column `stars`: `6`; it must be 1 to 5"),
        "{error}"
    );
}

#[test]
fn the_docs_show_the_code_of_the_task() {
    let doc = include_str!("../../docs/tasks/adding-a-task.md");
    let task = include_str!("../../examples/stars/stars.rs");
    assert!(
        doc.contains(&format!("```rust\n{task}```\n")),
        "docs/tasks/adding-a-task.md shows another stars.rs"
    );
    let entry = include_str!("../../examples/stars/entry.rs");
    let entry = &entry[entry.find("pub static").unwrap()..];
    assert!(
        doc.contains(&format!("```rust,ignore\n{entry}```\n")),
        "docs/tasks/adding-a-task.md shows another entry.rs"
    );
    let code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let lines = task.lines().filter(code).count();
    assert!(lines < 100, "{lines} lines");
}
