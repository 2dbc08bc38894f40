//! Invalid options are refused before anything is read or written.

use std::process::Stdio;

use bert_core::BACKENDS;

use crate::program::{Outcome, World, json_lines};

const TRAIN: &str = "train classify --model model --data reviews.csv --output run";

#[test]
fn numbers_are_checked() {
    let world = World::new();
    let cases: &[(&str, &[&str])] = &[
        ("--batch-size 0", &["--batch-size", "at least 1"]),
        ("--eval-batch-size 0", &["--eval-batch-size", "at least 1"]),
        ("--epochs 0", &["--epochs", "at least 1"]),
        ("--epochs many", &["--epochs", "many"]),
        ("--lr 0", &["--lr", "above 0"]),
        ("--lr=-1", &["--lr", "above 0"]),
        ("--lr NaN", &["--lr", "finite"]),
        ("--warmup 10", &["--warmup", "from 0 to 1"]),
        ("--weight-decay=-0.1", &["--weight-decay"]),
        ("--max-grad-norm 0", &["--max-grad-norm", "above 0"]),
        ("--max-length 2", &["--max-length is 2", "at least 3", "room"]),
        ("--max-length 513", &["--max-length", "513", "128"]),
        ("--frobnicate", &["--frobnicate"]),
        (
            "--gradient-accumulation-steps 0",
            &["--gradient-accumulation-steps", "at least 1"],
        ),
        ("--label-smoothing 1", &["--label-smoothing", "below 1"]),
        (
            "--class-weights good=2",
            &["--class-weights", "good", "negative, positive"],
        ),
        ("--class-weights positive=-1", &["--class-weights", "above 0"]),
        ("--max-steps 0", &["--max-steps", "at least 1"]),
        (
            "--schedule sideways",
            &["--schedule", "sideways", "linear", "cosine"],
        ),
        ("--schedule-power 0", &["--schedule-power", "above 0"]),
        ("--layer-decay 2", &["--layer-decay", "at most 1"]),
        ("--freeze-layers 2", &["--freeze-layers", "2", "1 layer"]),
        ("--reinit-layers 2", &["--reinit-layers", "2", "1 layer"]),
        ("--best-by bleu", &["--best-by", "bleu", "accuracy", "loss"]),
        ("--precision f16", &["--precision", "f16", "f32", "bf16"]),
        ("--patience 0", &["--patience", "at least 1"]),
        ("--min-delta=-1", &["--min-delta", "at least 0"]),
        ("--lora-rank 33", &["--lora-rank is 33", "32 wide"]),
    ];
    for (option, parts) in cases {
        world.refuses(&format!("{TRAIN} {option}"), parts);
    }
    world.refuses("train stsb --class-weights balanced", &["--class-weights"]);
    world.refuses("train coal", &["coal", "cola"]);
    world.refuses("train classify --data reviews.csv", &["--model"]);
    assert!(!world.exists("run"));
}

#[test]
fn whole_numbers_have_limits_on_the_command_line_and_in_files() {
    let world = World::new();
    let train = "train classify --model model --data reviews.csv --output run";
    let largest = "1000000000";
    let options = [
        "epochs",
        "max-steps",
        "batch-size",
        "tokens-per-batch",
        "pad-to-multiple",
        "gradient-accumulation-steps",
        "eval-batch-size",
        "max-length",
        "warmup-steps",
        "freeze-layers",
        "reinit-layers",
        "lora-rank",
        "logging-steps",
        "eval-every",
        "patience",
        "save-every",
        "keep",
    ];
    for option in options {
        for number in ["1000000001", "4611686018427387904", "99999999999999999999999999"] {
            let words = format!("{train} --{option} {number}");
            world.refuses(&words, &[&format!("--{option}"), "at most", largest]);
            world.write("my.toml", format!("[recipe]\n{option} = {number}\n"));
            let name = format!("my.toml, line 2: `recipe.{}`", option.replace('-', "_"));
            // TOML itself has a limit for its numbers.
            let parts: &[&str] = match number.len() {
                26 => &["my.toml, line 2"],
                _ => &[&name, "at most", largest],
            };
            world.refuses(&format!("{train} --config my.toml"), parts);
        }
        for wrong in ["-1", "1.5", "many", ""] {
            let outcome = world.bert_with(train, &[&format!("--{option}={wrong}")], b"");
            outcome.refused(option, &[&format!("--{option}")]);
            world.write("my.toml", format!("[recipe]\n{option} = '{wrong}'\n"));
            let name = format!("my.toml, line 2: `recipe.{}` must be", option.replace('-', "_"));
            world.refuses(&format!("{train} --config my.toml"), &[&name]);
        }
    }
    for words in [
        "train qa --stride 99999999999",
        "train qa --n-best 99999999999",
        "train qa --max-answer-length 99999999999",
        "train qa --max-question-length 99999999999",
        "train tag --overlap 99999999999",
        "train tag --word-column 99999999999",
        "eval run --batch-size 99999999999",
        "predict run --batch-size 99999999999",
        "predict run --max-length 99999999999",
    ] {
        world.refuses(words, &["at most 1000000000"]);
    }
    assert!(!world.exists("run"));
}

#[test]
fn options_are_checked_before_model_and_data() {
    let world = World::new();
    let train = "train classify --model nowhere/model --data nowhere.csv --output run";
    for (option, parts) in [
        ("--lr 0", ["--lr is 0", "above 0"]),
        ("--best-by bleu", ["--best-by is bleu", "accuracy"]),
        ("--label-smoothing 1", ["--label-smoothing is 1", "below 1"]),
        ("--device abacus", ["abacus", "flex"]),
    ] {
        world.refuses(&format!("{train} {option}"), &parts);
    }
    world.write("my.toml", "device = \"abacus\"\n[recipe]\nbest_by = \"bleu\"\n");
    let from_file = format!("{train} --config my.toml");
    world.refuses(&from_file, &["my.toml, line 3: `recipe.best_by` is bleu"]);
    world.refuses(
        &format!("{from_file} --best-by f1"),
        &["my.toml, line 1", "abacus"],
    );
    world.refuses("train cola --model nowhere/model", &["--data is missing"]);
    world.short_run();
    world.refuses(
        "eval run --data nowhere.csv --max-length 4000",
        &["--max-length is 4000"],
    );
}

#[test]
fn a_demo_generates_its_own_examples() {
    let world = World::new();
    let words = "train demo --data reviews.csv --output new --device flex";
    world.refuses(words, &["demo does not use --data"]);
    assert!(!world.bert("train demo --help").out.contains("--data"));
    let words = "train demo-sentiment --epochs 1 --max-steps 2 --output demo --device flex";
    assert_eq!(world.bert(words).code, 0);
    world.refuses(
        "eval demo --corpus demo --data reviews.csv",
        &["demo does not use --data and --dev"],
    );
    // A demo's model can be evaluated on given files.
    world.write("own.csv", "text,label\nthe man praises the king,positive\n");
    let outcome = world.bert("eval demo --data own.csv --json");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let metrics: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(metrics["examples"], 1.0);
}

#[test]
fn a_closed_output_is_not_an_error() {
    let world = World::new();
    let mut child = world
        .command("tasks")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let outcome = child.wait_with_output().unwrap();
    assert_eq!((outcome.status.code(), outcome.stderr.len()), (Some(0), 0));
}

#[test]
fn an_unavailable_device_is_refused() {
    let world = World::new();
    world.refuses(&format!("{TRAIN} --device abacus"), &["abacus", "flex", "cuda"]);
    for (name, built) in BACKENDS {
        if !built {
            let feature = format!("--features {name}");
            world.refuses(&format!("{TRAIN} --device {name}"), &[name, &feature]);
        }
    }
    assert!(!world.exists("run"));
}

#[test]
fn a_folder_in_use_is_not_overwritten() {
    let world = World::new();
    world.write("thesis/chapter.txt", "years of work");
    for option in ["", " --overwrite"] {
        let words = format!("train classify --model model --data reviews.csv --output thesis{option}");
        world.refuses(&words, &["thesis"]);
    }
    assert_eq!(world.read("thesis/chapter.txt"), "years of work");
    world.short_run();
    world.refuses(TRAIN, &["run", "--overwrite"]);
    // Before a model is looked for and data is read.
    world.refuses(
        "train classify --model nowhere/model --data nowhere.csv --output run",
        &["run: this folder is not empty"],
    );
    world.write("file", "");
    world.refuses(
        "train classify --model model --data reviews.csv --output file/run",
        &["file"],
    );
}

#[test]
fn an_unsupported_precision_is_reported_and_a_supported_one_is_used() {
    let world = World::new();
    let losses = |run: &str, precision: &str, vectors: Option<&str>| {
        let mut command = world.command("train classify --model model --data reviews.csv");
        command.args([
            "--device",
            "flex",
            "--overwrite",
            "--max-steps",
            "2",
            "--logging-steps",
            "1",
        ]);
        command.args(["--max-length", "16", "--precision", precision, "--output", run]);
        if let Some(vectors) = vectors {
            command.env("BERT_VECTORS", vectors);
        }
        let outcome = Outcome::of(command.output().unwrap());
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let log = json_lines(&world.read(&format!("{run}/log.jsonl")));
        let losses: Vec<f64> = log.iter().filter_map(|line| line["loss"].as_f64()).collect();
        (losses, outcome.err.contains("bfloat16"))
    };
    let (exact, told) = losses("exact", "f32", None);
    assert!(!told);
    let (rounded, told) = losses("rounded", "bf16", None);
    assert_eq!(rounded == exact, told, "{rounded:?} and {exact:?}");
    for (rounded, exact) in rounded.iter().zip(&exact) {
        assert!((rounded - exact).abs() < 0.01 * exact, "{rounded} for {exact}");
    }
    let (_, told) = losses("plain", "bf16", Some("plain"));
    assert!(told, "vectors of one float");
}
