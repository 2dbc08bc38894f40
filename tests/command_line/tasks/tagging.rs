//! Words with tags.

use serde_json::json;

use super::{SHORT, answer, train_and_evaluate};
use crate::program::{NEGATIVE, POSITIVE, World, json};

#[test]
fn words_are_tagged() {
    let world = World::new();
    let mut text = String::new();
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        for noun in ["film", "plot", "song"] {
            text += &format!(
                "the O\n{noun} B-WORK\nwas O\n{good} B-VIEW\n \nvery B-VIEW\n{bad} I-VIEW\n{noun} B-WORK\n\n"
            );
        }
    }
    world.write("tags.conll", text);
    let metrics = train_and_evaluate(&world, "tag", "tags.conll", 12, "");
    assert!(metrics["final"]["f1"].as_f64().unwrap() > 0.8, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["id2label"]["0"], "O");
    assert_eq!(config["architectures"], json!(["BertForTokenClassification"]));
    let found = answer(&world, "", &["the song was great"], b"");
    let words: Vec<_> = found[0]["words"].as_array().unwrap().iter().collect();
    assert_eq!(
        (words.len(), &words[1]["word"], &words[1]["start"]),
        (4, &json!("song"), &json!(4))
    );
    assert_eq!(
        (&words[1]["label"], &words[1]["end"]),
        (&json!("B-WORK"), &json!(8))
    );
    let work = &found[0]["entities"][0];
    assert_eq!(
        (&work["type"], &work["text"], &work["start"]),
        (&json!("WORK"), &json!("song"), &json!(4))
    );
    let given = br#"{"words": ["the", "song", "was", "great"]}"#;
    let again = answer(&world, "", &[], given);
    assert_eq!(again[0]["words"][3]["label"], words[3]["label"]);
    assert!(again[0]["words"][3].get("start").is_none());
    // A sentence of 60 words is split into windows, and every word gets a tag.
    let long = "the film was good ".repeat(15);
    assert_eq!(
        answer(&world, "", &[&long], b"")[0]["words"]
            .as_array()
            .unwrap()
            .len(),
        60
    );

    // Words without tags, in a file of columns.
    world.write("words.conll", "the\nsong\nwas\ngreat\n");
    let again = answer(&world, "--file words.conll", &[], b"");
    assert_eq!(again[0]["words"][1]["label"], "B-WORK");
    assert!(again[0]["words"][1].get("gold").is_none());

    world.write("narrow.conll", "the O\nfilm\n");
    let words = format!("train tag --data narrow.conll {SHORT} --output new");
    world.refuses(&words, &["narrow.conll, line 2", "1 column where at least 2"]);
    world.write("narrow.conllu", "1\tthe\tthe\tDET\n");
    let words = format!("train tag --data narrow.conllu {SHORT} --output new");
    world.refuses(
        &words,
        &["narrow.conllu, line 1", "4 fields where CoNLL-U has 10"],
    );
    let words = format!("train tag --data tags.conll --tags genus {SHORT} --output new");
    world.refuses(&words, &["--tags", "upos", "xpos"]);
}

#[test]
fn unknown_tags_are_reported_and_count_as_errors() {
    let world = World::new();
    world.write("train.conll", "the D\nfilm N\n\na D\nplot N\n");
    world.write("dev.conll", "the D\nfilm N\nwas V\n\nthe D\n");
    let words = format!("train tag --data train.conll --dev dev.conll --epochs 40 {SHORT} --output run");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.err.contains("V (1)"), "{}", outcome.err);
    assert!(outcome.err.contains("2 labels: D, N\n"), "{}", outcome.err);
    let metrics = json(&world.path("run/metrics.json"));
    assert_eq!(metrics["final"]["accuracy"], 0.75);
}
