//! Questions with passages.

use serde_json::json;

use super::{SHORT, answer, train_and_evaluate};
use crate::program::{NEGATIVE, POSITIVE, World, json, json_lines};

/// One question per adjective, about a passage that is longer than a window.
fn questions() -> String {
    let mut text = String::new();
    for (at, (good, bad)) in POSITIVE.iter().zip(NEGATIVE).enumerate() {
        let passage = format!(
            "the plot was {bad} a song was very {bad} the film was {good} the end was {bad} the story was very {bad}"
        );
        let start = passage.find(good).unwrap();
        let line = json!({
            "id": format!("q{at}"),
            "question": "the film was ?",
            "context": passage,
            "answers": {"text": [good], "answer_start": [start]},
        });
        text += &format!("{line}\n");
    }
    text
}

#[test]
fn questions_are_answered() {
    let world = World::new();
    world.write("questions.jsonl", questions());
    let options = "--stride 6 --n-best 3 --max-answer-length 4";
    let metrics = train_and_evaluate(&world, "qa", "questions.jsonl", 30, options);
    assert!(metrics["final"]["f1"].as_f64().unwrap() > 80.0, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["architectures"], json!(["BertForQuestionAnswering"]));
    let predictions = json(&world.path("run/predictions.json"));
    let nbest = json(&world.path("run/nbest.json"));
    assert_eq!(predictions.as_object().unwrap().len(), 6);
    assert_eq!(nbest["q0"][0]["answer"], predictions["q0"]);
    assert_eq!(nbest["q0"].as_array().unwrap().len(), 3);
    world.refuses(
        "eval run --data questions.jsonl --predictions judged/all.jsonl",
        &["judged/all.jsonl"],
    );
    std::fs::create_dir(world.path("judged")).unwrap();
    world.refuses(
        "eval run --data questions.jsonl --predictions judged/predictions.json",
        &["judged/predictions.json", "another name"],
    );
    let outcome = world.bert("eval run --data questions.jsonl --predictions judged/all.jsonl");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert_eq!(json(&world.path("judged/predictions.json")), predictions);
    assert_eq!(json_lines(&world.read("judged/all.jsonl")).len(), 6);

    let passage = "the plot was grim — the film was lovely the end was dull";
    let asked = ["--question", "the film was ?", "--passage", passage];
    let found = answer(&world, "", &asked, b"");
    let (start, end) = (
        found[0]["start"].as_u64().unwrap(),
        found[0]["end"].as_u64().unwrap(),
    );
    let text: String = passage
        .chars()
        .skip(start as usize)
        .take((end - start) as usize)
        .collect();
    assert_eq!(found[0]["answer"], text);
    assert_eq!(found[0]["runners_up"].as_array().unwrap().len(), 2);
    let line = json!({"question": asked[1], "context": passage}).to_string();
    assert_eq!(answer(&world, "", &[], line.as_bytes()), found);
    let tabs = format!("{}\t{passage}\n", asked[1]);
    assert_eq!(answer(&world, "", &[], tabs.as_bytes()), found);

    // As in SQuAD 2.0, `[CLS]` may win.
    let none = answer(&world, "--no-answer --null-threshold=-1000", &asked, b"");
    assert_eq!(
        (&none[0]["answer"], none[0]["null_difference"].is_number()),
        (&json!(""), true)
    );
}

#[test]
fn errors_in_questions_are_reported() {
    let world = World::new();
    let assert_refused = |name: &str, content: &str, parts: &[&str]| {
        world.write(name, content);
        world.refuses(
            &format!("train qa --data {name} --dev {name} {SHORT} --output new"),
            parts,
        );
    };
    assert_refused(
        "cut.json",
        "{\"data\": [\n{\"title\": \"T\"",
        &["cut.json, line 2", "element 1 is not JSON"],
    );
    let beyond = r#"{"id": "a", "question": "who?", "context": "the film", "answers": {"text": ["end"], "answer_start": [90]}}"#;
    assert_refused(
        "beyond.jsonl",
        beyond,
        &["beyond.jsonl, line 1", "begins at character 90"],
    );
    assert_refused(
        "none.jsonl",
        r#"{"question": "who?", "context": "the film"}"#,
        &["none.jsonl, line 1", "answers"],
    );
    world.write("long.jsonl", questions());
    let short = SHORT.replace("24", "7");
    world.refuses(
        &format!("train qa --data long.jsonl --dev long.jsonl {short} --output new"),
        &["--max-length is 7", "at least 8"],
    );
    // An answer at a wrong position is reported, and the question still counts.
    let moved = json_lines(&questions()).into_iter().map(|mut line| {
        let start = line["answers"]["answer_start"][0].as_u64().unwrap();
        line["answers"]["answer_start"] = json!([start - u64::from(line["id"] == "q0")]);
        format!("{line}\n")
    });
    world.write("moved.jsonl", moved.collect::<String>());
    let words =
        format!("train qa --data moved.jsonl --dev moved.jsonl --epochs 1 {SHORT} --stride 6 --output moved");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome
            .err
            .contains("dev: questions with an answer that is not at its offset")
            && outcome.err.contains("1 (q0)"),
        "{}",
        outcome.err
    );
    // A question whose answer is not in its passage is not used in training.
    let lost = questions().replacen("\"text\":[\"good\"]", "\"text\":[\"dogs\"]", 1);
    assert_ne!(lost, questions());
    world.write("lost.jsonl", lost);
    let words = format!("train qa --data lost.jsonl --dev lost.jsonl --epochs 1 {SHORT} --output lost");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome.err.contains("5 training examples") && outcome.err.contains("6 evaluation examples"),
        "{}",
        outcome.err
    );
}
