//! Texts with numbers.

use serde_json::json;

use super::{SHORT, answer, train_and_evaluate};
use crate::program::{NEGATIVE, POSITIVE, World, json};

#[test]
fn regression_predicts_a_number_for_each_text() {
    let world = World::new();
    let mut text = String::from("text\tscore\n");
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        text += &format!("the film was {good}\t5\nthe film was very {good}\t4.5\nthe film was {bad}\t0.5\n");
    }
    world.write("scores.tsv", text);
    let options = "--clip-below 0 --clip-above 5";
    let metrics = train_and_evaluate(&world, "regress", "scores.tsv", 60, options);
    assert!(metrics["final"]["pearson"].as_f64().unwrap() > 0.8, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["problem_type"], "regression");
    assert_eq!(config["architectures"], json!(["BertForSequenceClassification"]));
    let found = answer(&world, "", &["the film was good", "the film was grim"], b"");
    assert!(
        found[0]["score"].as_f64() > found[1]["score"].as_f64(),
        "{found:?}"
    );
    let clipped = answer(
        &world,
        "--clip-above=-3 --clip-below=-3",
        &["the film was good"],
        b"",
    );
    assert_eq!(clipped[0]["score"], -3.0);
    world.write("odd.tsv", "text\tscore\nthe film\thigh\n");
    let words = format!("train regress --data odd.tsv {SHORT} --output new");
    world.refuses(
        &words,
        &["odd.tsv, line 2, column `score`", "`high` is not a finite number"],
    );
    let words = format!("train regress --data scores.tsv {SHORT} --clip-below 3 --clip-above 2 --output new");
    world.refuses(&words, &["--clip-below 3 is above --clip-above 2"]);
    let words = format!("train stsb --data scores.tsv --dev scores.tsv {SHORT} --output new");
    world.refuses(&words, &["scores.tsv"]);
}
