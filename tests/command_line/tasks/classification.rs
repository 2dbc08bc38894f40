//! Texts and pairs of texts with labels.

use super::{SHORT, answer, train_and_evaluate};
use crate::program::{NEGATIVE, POSITIVE, World, json_lines};

/// Pairs of sentences. The label says whether their adjectives are of the same kind.
fn pairs() -> String {
    let mut text = String::from("premise,hypothesis,label\n");
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        for (other, worse) in POSITIVE.iter().zip(NEGATIVE) {
            text += &format!("the film was {good},the film was {other},same\n");
            text += &format!("the film was {bad},the film was {other},other\n");
            text += &format!("the film was {bad},the film was {worse},same\n");
            text += &format!("the film was {good},the film was {worse},other\n");
        }
    }
    text
}

#[test]
fn pairs_of_texts_are_classified() {
    let world = World::new();
    world.write("pairs.csv", pairs());
    let metrics = train_and_evaluate(&world, "classify", "pairs.csv", 2, "--pairs");
    assert!(metrics["final"]["accuracy"].is_number());
    let expected = answer(&world, "", &["the film was good", "the film was bad"], b"");
    assert_eq!(expected[0]["second"], "the film was bad");
    assert!(expected[0]["probabilities"]["same"].is_number());
    let both = ["--first", "the film was good", "--second", "the film was bad"];
    assert_eq!(answer(&world, "", &both, b""), expected);
    let tabs = b"the film was good\tthe film was bad\n";
    assert_eq!(answer(&world, "", &[], tabs), expected);
    let lines = br#"{"premise": "the film was good", "hypothesis": "the film was bad"}"#;
    assert_eq!(answer(&world, "", &[], lines), expected);
    world.write("new.jsonl", lines);
    assert_eq!(answer(&world, "--file new.jsonl", &[], b""), expected);
    let outcome = world.bert_with("predict run", &["one text alone"], b"");
    outcome.refused("predict run", &["odd number of texts", "pairs of texts"]);
    // The model folder of a run counts as the run, whose settings say that it reads pairs.
    let outcome = world.bert_with(
        "predict run/model",
        &["the film was good", "the film was bad"],
        b"",
    );
    assert_eq!(json_lines(&outcome.out), expected, "{}", outcome.err);
    let more = ["--second", "the film was bad", "the film was good"];
    world
        .bert_with("predict run", &more, b"")
        .refused("--second", &["--second"]);
    let words = format!("train classify --data pairs.csv {SHORT} --output new");
    world.refuses(&words, &["pairs.csv", "`premise` and `hypothesis`", "--pairs"]);
    world.write("half.csv", "premise,hypothesis,label\na,,same\n");
    let words = format!("train classify --pairs --data half.csv {SHORT} --output new");
    world.refuses(&words, &["half.csv, line 2, column `hypothesis`", "empty text"]);
    let words = format!("train rte --data pairs.csv --text-column premise {SHORT} --output new");
    world.refuses(&words, &["rte does not use --text-column"]);
}
