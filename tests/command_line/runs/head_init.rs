//! Where a regression head starts, and what of it is in files.

use std::fs;

use super::resume::assert_same;
use crate::program::{NEGATIVE, POSITIVE, World, json, json_lines};

const RUN: &str = "train regress --model model --data prices.csv --dev prices.csv --device flex --watch quiet \
                   --batch-size 8 --lr 1e-3 --max-length 16 --keep 4";

/// Texts whose scores have a mean of 2000 and a standard deviation of 30.
fn world() -> World {
    let world = World::new();
    let mut text = String::from("text,price\n");
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        for noun in ["film", "plot", "song"] {
            text += &format!("the {noun} was {good},2030\nthe {noun} was {bad},1970\n");
        }
    }
    world.write("prices.csv", text);
    world
}

#[test]
fn a_head_learns_scores_far_from_zero_and_its_files_hold_a_plain_model() {
    let world = world();
    let run = world.bert(&format!("{RUN} --epochs 20 --score-column price --output run"));
    assert_eq!(run.code, 0, "{}", run.err);
    let start =
        "new head starts at the mean of the training scores, 2000.0000, and is trained in units of 32";
    assert!(run.err.contains(start), "{}", run.err);
    let metrics = json(&world.path("run/metrics.json"));
    assert!(
        metrics["head_init"].as_str().unwrap().contains(&start[9..]),
        "{metrics}"
    );
    assert!(world.read("run/model/README.md").contains(start));
    let log = json_lines(&world.read("run/log.jsonl"));
    let loss = log[0]["loss"].as_f64().unwrap();
    // The loss is in squares of plain scores, and begins near their variance.
    assert!(loss > 300.0 && loss < 3000.0, "{loss}");
    let found = &metrics["final"];
    assert!(found["mean_squared_error"].as_f64().unwrap() < 300.0, "{found}");

    // The model in the folder knows nothing of the unit, and gives the same numbers.
    let words = "eval run --data prices.csv --device flex --json";
    let again = world.bert(words);
    assert_eq!(again.code, 0, "{}", again.err);
    let again: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    for name in ["pearson", "spearman", "mean_squared_error"] {
        assert_eq!(again[name], found[name], "{name}");
    }

    // Another run keeps its head.
    let more = RUN
        .replace("--model model", "--model run/model")
        .replace("1e-3", "1e-9");
    let more = world.bert(&format!("{more} --score-column price --output more --epochs 1"));
    assert_eq!(more.code, 0, "{}", more.err);
    assert!(!more.err.contains("starts at the mean"), "{}", more.err);
    let kept = json(&world.path("more/metrics.json"));
    assert_eq!(kept.get("head_init"), None);
    let squares = |metrics: &serde_json::Value| metrics["mean_squared_error"].as_f64().unwrap();
    assert!(
        (squares(&kept["final"]) - squares(found)).abs() < 0.01 * squares(found),
        "{kept}"
    );
}

#[test]
fn a_head_starts_at_zero_where_asked() {
    let world = world();
    let words = format!("{RUN} --score-column price --init-from-data false --epochs 1 --output run");
    let run = world.bert(&words);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!run.err.contains("starts at the mean"), "{}", run.err);
    let loss = json_lines(&world.read("run/log.jsonl"))[0]["loss"]
        .as_f64()
        .unwrap();
    assert!(loss > 3.9e6, "{loss}");
    assert!(world.read("run/run.toml").contains("init_from_data = false"));
}

/// Resumes a run with `option` after the last but one of its twenty epochs; `change` changes its `run.toml` before.
fn resumes(option: &str, change: impl Fn(String) -> String) {
    let world = world();
    let whole = world.bert(&format!(
        "{RUN} --epochs 20 --score-column price --output whole {option}"
    ));
    assert_eq!(whole.code, 0, "{}", whole.err);
    let (from, to) = (world.path("whole"), world.path("run"));
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([&from, &to])
        .status();
    assert!(copied.unwrap().success());
    // As after a kill before the last epoch.
    let metrics = world
        .read("run/metrics.json")
        .replace("\"finished\"", "\"running\"");
    world.write("run/metrics.json", metrics);
    world.write("run/run.toml", change(world.read("run/run.toml")));
    fs::remove_dir_all(to.join("checkpoints/step-100")).unwrap();
    let resumed = world.bert("resume run --watch quiet");
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert!(resumed.err.contains("step-95"), "{}", resumed.err);
    assert!(!resumed.err.contains("starts at the mean"), "{}", resumed.err);
    assert_same(&to, &from);
}

#[test]
fn a_run_in_another_unit_resumes_as_it_was() {
    resumes("", |settings| settings);
}

#[test]
fn a_run_from_before_the_option_resumes_without_it() {
    resumes("--init-from-data false", |settings| {
        let without = settings.replace("init_from_data = false\n", "");
        assert_ne!(without, settings);
        without
    });
}

#[test]
fn scores_whose_squares_overflow_are_refused() {
    let world = World::new();
    world.write("scores.csv", "text,score\nthe film,1\nthe plot,-2e18\n");
    world.refuses(
        "train regress --model model --data scores.csv --dev scores.csv --device flex --output run",
        &["scores.csv, line 3", "`-2e18` is too large", "from -1e18 to 1e18"],
    );
}
