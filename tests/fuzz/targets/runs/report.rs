//! A run's folder, as `report` reads it.
#![no_main]

use bert_fuzz::runs::of_run;
use bert_fuzz::{Parts, joined, target};
use bert_train::report::model_card::card;
use bert_train::report::{RunView, page};

const FILES: [&str; 5] = [
    "run.toml",
    "metrics.json",
    "log.jsonl",
    "predictions.jsonl",
    "model/config.json",
];

/// An input with the predictions of another task.
fn other(task: &str, metric: &str, predictions: &str) -> Vec<u8> {
    let log = format!(
        "{{\"type\":\"train\",\"step\":1,\"epoch\":0.5,\"loss\":0.7,\"learning_rate\":1e-5}}\n\
         {{\"type\":\"evaluation\",\"step\":2,\"epoch\":1.0,\"loss\":0.6,\"{metric}\":0.5}}\n"
    );
    joined(&[
        ("run.toml", format!("task = \"{task}\"\n").as_str()),
        (
            "metrics.json",
            &format!("{{\"main_metric\": \"{metric}\", \"best_step\": 2}}"),
        ),
        ("log.jsonl", &log),
        ("predictions.jsonl", predictions),
    ])
}

target!(
    |input| {
        let dir = Parts::of(input).write("reported", &FILES);
        if let Ok(view) = RunView::open(&dir) {
            card(&view);
            page(&[view]);
        }
    },
    || vec![
        joined(&FILES.map(|name| (name, of_run(name)))),
        other(
            "score",
            "pearson",
            "{\"text\":\"a\",\"gold\":1.5,\"score\":2}\n{\"text\":\"b\",\"gold\":0,\"score\":null}\n"
        ),
        other(
            "tag",
            "f1",
            "{\"words\":[{\"word\":\"Ann\",\"gold\":\"B-P\",\"label\":\"O\",\"probability\":0.5},{\"word\":\"sat\",\"gold\":\"O\",\"label\":\"O\",\"probability\":1}],\"entities\":[]}\n",
        ),
        other(
            "answer",
            "f1",
            "{\"id\":\"1\",\"question\":\"Who?\",\"gold\":[\"Ann\",\"the Ann\"],\"answer\":\"Ann\",\"probability\":0.5,\"null_difference\":1}\n\
             {\"id\":\"2\",\"question\":\"When?\",\"gold\":[],\"answer\":\"b\",\"probability\":0.5}\n",
        ),
    ]
);
