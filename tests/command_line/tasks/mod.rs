//! Training, evaluation and prediction for every task, and errors in its files.

mod classification;
mod generation;
mod language_modelling;
mod question_answering;
mod regression;
mod retrieval;
mod tagging;

use serde_json::Value;

use crate::program::{World, json, json_lines};

const SHORT: &str = "--model model --max-length 24 --batch-size 8 --lr 3e-3 --device flex";

/// Trains on `data`, then evaluates the run's model on the same file, once as a run and once as a folder with only Hugging
/// Face's files: all three must agree.
fn train_and_evaluate(world: &World, corpus: &str, data: &str, epochs: usize, options: &str) -> Value {
    let words =
        format!("train {corpus} --data {data} --dev {data} --output run --epochs {epochs} {SHORT} {options}");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let metrics = json(&world.path("run/metrics.json"));
    assert_eq!(metrics["task"], corpus);
    std::fs::create_dir_all(world.path("elsewhere")).unwrap();
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(
            world.path("run/model").join(file),
            world.path("elsewhere").join(file),
        )
        .unwrap();
    }
    for (folder, options) in [("run", ""), ("elsewhere", options)] {
        let outcome = world.bert(&format!(
            "eval {folder} --data {data} --json {options} --max-length 24"
        ));
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let judged: Value = serde_json::from_str(&outcome.out).unwrap();
        for (name, value) in metrics["final"].as_object().unwrap() {
            let (a, b) = (judged[name].as_f64().unwrap(), value.as_f64().unwrap());
            assert!((a - b).abs() < 1e-6, "{folder}, {name}: {a} for {b}");
        }
    }
    metrics
}

fn answer(world: &World, words: &str, more: &[&str], input: &[u8]) -> Vec<Value> {
    let outcome = world.bert_with(&format!("predict run {words}"), more, input);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    json_lines(&outcome.out)
}

#[test]
fn help_shows_a_tasks_own_options() {
    let world = World::new();
    let help = |corpus: &str| world.bert(&format!("train {corpus} --help")).out;
    let squad = help("squad");
    assert!(
        squad.contains("--stride") && squad.contains("--max-answer-length"),
        "{squad}"
    );
    assert!(
        !squad.contains("--null-threshold") && !squad.contains("--text-column"),
        "{squad}"
    );
    let pos = help("pos");
    assert!(pos.contains("--tags") && !pos.contains("--stride"), "{pos}");
    let tasks = world.bert("tasks --json").out;
    let tasks: Value = serde_json::from_str(&tasks).unwrap();
    let names: Vec<_> = tasks
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["task"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "classification",
            "regression",
            "tagging",
            "question-answering",
            "masked-language-modelling",
            "causal-language-modelling",
            "retrieval"
        ]
    );
}
