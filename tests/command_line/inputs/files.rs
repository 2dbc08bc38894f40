//! Data in the files that users have: Parquet, JSON lines with tags, CSV with semicolons; and a part that is held out.

use std::path::Path;

use serde_json::json;

use crate::program::{World, json, json_lines};

const RUN: &str = "--model model --device flex --watch quiet --epochs 1 --max-length 24 --output run";

/// Copies one of `tests/fixtures/parquet` into the world.
fn parquet(world: &World, fixture: &str, name: &str) {
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/fixtures/parquet/{fixture}.parquet"));
    world.write(name, std::fs::read(from).unwrap());
}

fn trained(world: &World, words: &str) -> String {
    let outcome = world.bert(&format!("train {words} {RUN}"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    outcome.err
}

#[test]
fn parquet_trains_a_tagger_and_a_reader() {
    let world = World::new();
    parquet(&world, "tags", "names/train-00000-of-00001.parquet");
    parquet(&world, "tags", "names/validation/0000.parquet");
    let notes = trained(&world, "tag --data names");
    assert!(
        notes.contains("tags are read from `ner_tags`; for pos_tags, set --tag-column"),
        "{notes}"
    );
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["id2label"], json!({"0": "O", "1": "B-PER", "2": "I-PER"}));
    let outcome = world.bert("eval run --data names --json");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let outcome = world.bert("predict run --file names/validation/0000.parquet");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert_eq!(json_lines(&outcome.out).len(), 2);
    let notes = trained(&world, "tag --data names --tag-column pos_tags --overwrite");
    assert!(notes.contains("`pos_tags` are numbers"), "{notes}");

    parquet(&world, "questions", "questions.parquet");
    trained(
        &world,
        "qa --data questions.parquet --dev questions.parquet --no-answer --overwrite",
    );
    let answers = json_lines(&world.read("run/predictions.jsonl"));
    assert_eq!(
        (&answers[0]["id"], &answers[0]["gold"]),
        (&json!("a"), &json!(["Ann"]))
    );

    // Part of these files was held out, and no file has that part alone.
    for shard in 0..9 {
        parquet(&world, "tags", &format!("shards/000{shard}.parquet"));
    }
    trained(&world, "tag --data shards --overwrite");
    let outcome = world.bert("eval run");
    assert_ne!(outcome.code, 0, "{}", outcome.out);
    assert!(outcome.err.contains("--data"), "{}", outcome.err);

    parquet(&world, "labels", "news.parquet");
    let words = format!("train classify --data news.parquet {RUN} --overwrite");
    world.refuses(&words, &["news.parquet, row 12, column `label`", "missing"]);
    parquet(&world, "brotli", "news.parquet");
    world.refuses(&words, &["news.parquet", "Brotli"]);
}

#[test]
fn a_part_of_one_file_is_held_out() {
    let world = World::new();
    world.write("semicolons.csv", world.read("reviews.csv").replace(',', ";"));
    let notes = trained(&world, "classify --data semicolons.csv --hold-out .25 --seed 2");
    for note in [
        "semicolons.csv: columns are separated by semicolons",
        "dev: 24 of 96 examples are held out at random for evaluation, in proportion to the labels",
    ] {
        assert!(notes.contains(note), "{notes}");
    }
    assert!(world.read("run/run.toml").contains("hold_out = 0.25"));
    let held = |world: &World| -> Vec<String> {
        let lines = json_lines(&world.read("run/predictions.jsonl"));
        lines.iter().map(|line| line["text"].to_string()).collect()
    };
    let first = held(&world);
    assert_eq!(first.len(), 24);
    trained(&world, "classify --config run/run.toml --seed 3 --overwrite");
    assert_eq!(held(&world), first, "the seed changes what is held out");

    let resume = format!("train classify {RUN} --resume --data semicolons.csv");
    world.refuses(&format!("{resume} --hold-out .5"), &["--hold-out", "run.toml"]);
    world.refuses(
        "eval run --data semicolons.csv --hold-out .5",
        &["--hold-out", "only training"],
    );
    world.refuses(
        &format!("train cola --data x --hold-out .2 {RUN}"),
        &["--hold-out", "cola"],
    );
    for share in ["0", "1", "x"] {
        let words = format!("train classify --data semicolons.csv --hold-out {share} {RUN}");
        world.refuses(&words, &["--hold-out", "above 0 and below 1"]);
    }
}
