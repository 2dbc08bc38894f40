//! A run that is killed at any moment resumes and gives the same result as an uninterrupted run.

use std::fs;
use std::io::{BufRead, Read};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Outcome, World, json, json_lines, start};

pub const RUN: &str = "--model model --data reviews.csv --device flex --watch steps --epochs 30 --batch-size 8 --lr 1e-3 \
                   --max-length 16 --logging-steps 2 --save-every 3";

/// The fields of the log and of metrics.json that depend on time.
const TIMES: [&str; 6] = [
    "seconds",
    "texts_per_second",
    "tokens_per_second",
    "train_seconds",
    "train_texts_per_second",
    "peak_memory_bytes",
];

fn without_times(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        TIMES.iter().for_each(|name| drop(fields.shift_remove(*name)));
    }
    value
}

/// The parts of a run that must be the same with and without interruptions.
fn results(run: &Path) -> (Vec<u8>, Vec<Value>, String, Value) {
    let text = |name: &str| fs::read_to_string(run.join(name)).unwrap();
    (
        fs::read(run.join("model/model.safetensors")).unwrap(),
        json_lines(&text("log.jsonl"))
            .into_iter()
            .map(without_times)
            .collect(),
        text("predictions.jsonl"),
        without_times(json(&run.join("metrics.json"))),
    )
}

/// Expects the two run folders to hold the same run.
pub fn assert_same(found: &Path, expected: &Path) {
    let (found, expected) = (results(found), results(expected));
    assert_eq!(found.1, expected.1, "the logs differ");
    assert_eq!(found.3, expected.3, "the metrics differ");
    assert_eq!(found.2, expected.2, "the predictions differ");
    assert!(found.0 == expected.0, "the weights differ");
}

/// The half-written files and folders in the run.
pub fn half_written(run: &Path) -> Vec<String> {
    let names = |dir: &Path| -> Vec<String> {
        let entries = fs::read_dir(dir).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with('.'))
            .collect()
    };
    [names(run), names(&run.join("checkpoints"))].concat()
}

/// Waits until the program begins to write something in the run, or ends.
pub fn wait_for_save(child: &mut Child, run: &Path) {
    let mut runs = || child.try_wait().unwrap().is_none();
    // What an interrupted program left is removed first.
    while runs() && !half_written(run).is_empty() {}
    while runs() && half_written(run).is_empty() {}
}

/// Reproducible pseudo-random numbers (Lehmer's generator).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0 * 48271 % 0x7fff_ffff;
        self.0 % most
    }
}

#[test]
fn a_run_killed_twenty_times_equals_an_uninterrupted_run() {
    let world = World::new();
    // A run that lasts longer than all that is done of it before 20 kills, also where this program waits for the processor.
    let run = RUN.replace("--epochs 30", "--epochs 120");
    let whole = world.bert(&format!("train classify {run} --output whole"));
    assert_eq!(whole.code, 0, "{}", whole.err);

    let words = format!("train classify {run} --output run --resume");
    let mut dice = Dice(20260);
    let mut in_a_save = 0;
    for kill in 0..20 {
        let (mut child, mut lines) = start(world.command(&words));
        let mut said = String::new();
        // The first lines are about model and data, so some kills come before the first step.
        for _ in 0..dice.below(11) {
            assert!(lines.read_line(&mut said).unwrap() > 0, "kill {kill}: {said}");
        }
        // The program must not wait for somebody who reads what it says.
        let rest = std::thread::spawn(move || {
            let mut rest = String::new();
            lines.read_to_string(&mut rest).map(|_| rest)
        });
        match kill % 2 {
            0 => std::thread::sleep(Duration::from_micros(dice.below(4000))),
            // Saves of so small a model are short: few would be hit by chance.
            _ => wait_for_save(&mut child, &world.path("run")),
        }
        child.kill().unwrap();
        child.wait().unwrap();
        said += &rest.join().unwrap().unwrap();
        assert!(!said.contains("bert:"), "kill {kill}: {said}");
        assert!(!said.contains("warning: skipped"), "kill {kill}: {said}");
        in_a_save += usize::from(!half_written(&world.path("run")).is_empty());
    }
    let last = world.bert(&words);
    assert_eq!(last.code, 0, "{}", last.err);
    println!("{in_a_save} of 20 kills came while something was being written");
    assert!(in_a_save > 0);
    assert_eq!(half_written(&world.path("run")), [""; 0]);
    assert_same(&world.path("run"), &world.path("whole"));
}

#[cfg(unix)]
#[test]
fn a_run_stopped_by_a_signal_resumes_at_the_same_step() {
    let world = World::new();
    let whole = world.bert(&format!("train classify {RUN} --output whole"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    let mut words = format!("train classify {RUN} --output run");
    for (stop, signal) in ["TERM", "INT"].into_iter().enumerate() {
        let (mut child, mut lines) = start(world.command(&words));
        let mut said = String::new();
        while !said.contains(&format!("step {:>3}/", 8 + 20 * stop)) {
            assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
        }
        crate::program::signal(&child, signal);
        lines.read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert!(said.contains("bert resume run"), "{said}");
        // No step is repeated: the last step has a checkpoint.
        let reached = json(&world.path("run/metrics.json"))["steps"].as_u64().unwrap();
        assert!(world.exists(&format!("run/checkpoints/step-{reached}/checkpoint.json")));
        words = "resume run --watch steps".into();
    }
    let last = world.bert(&words);
    assert_eq!(last.code, 0, "{}", last.err);
    assert_same(&world.path("run"), &world.path("whole"));
    let again = world.bert("resume run");
    assert_eq!(
        (again.code, again.err.contains("finished")),
        (0, true),
        "{}",
        again.err
    );
}

#[test]
fn damaged_checkpoints_are_skipped_with_a_warning() {
    let world = World::new();
    let whole = world.bert(&format!("train classify {RUN} --output whole --keep 4"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    let copy = |name: &str| {
        let (from, to) = (world.path("whole"), world.path(name));
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([&from, &to])
            .status();
        assert!(copied.unwrap().success());
        // As after a kill before the end.
        let metrics = to.join("metrics.json");
        let text = fs::read_to_string(&metrics)
            .unwrap()
            .replace("\"finished\"", "\"running\"");
        fs::write(metrics, text).unwrap();
        to
    };
    let mut steps: Vec<usize> = fs::read_dir(world.path("whole/checkpoints"))
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .to_str()?
                .strip_prefix("step-")?
                .parse()
                .ok()
        })
        .collect();
    steps.sort_unstable();
    let [.., third, second, newest] = steps[..] else {
        panic!("{steps:?}");
    };
    assert_eq!(newest, 330);

    let run = copy("run");
    let at = |step: usize, name: &str| run.join(format!("checkpoints/step-{step}/{name}"));
    let mut bytes = fs::read(at(newest, "weights.bpk")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(at(newest, "weights.bpk"), bytes).unwrap();
    fs::write(at(second, "optimizer.bpk"), b"cut").unwrap();
    let outcome = world.bert("resume run");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    for part in [
        &format!("warning: skipped run/checkpoints/step-{newest}: weights.bpk is damaged"),
        &format!("warning: skipped run/checkpoints/step-{second}: optimizer.bpk has 3 bytes"),
        &format!("resuming from run/checkpoints/step-{third}"),
    ] {
        assert!(
            outcome.err.contains(part.as_str()),
            "no {part:?} in {}",
            outcome.err
        );
    }
    assert_same(&run, &world.path("whole"));

    let run = copy("none");
    for step in steps {
        fs::remove_file(run.join(format!("checkpoints/step-{step}/checkpoint.json"))).unwrap();
    }
    let outcome = world.bert("resume none");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome.err.contains("starting from the beginning"),
        "{}",
        outcome.err
    );
    assert_same(&run, &world.path("whole"));
}

/// A run that was stopped in the middle.
fn stopped_run(world: &World) {
    let (mut child, mut lines) = start(
        world.command(&format!("train classify {RUN} --epochs 4000 --output run").replace("--epochs 30", "")),
    );
    let mut said = String::new();
    while !said.contains(" 14/") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    // No other process may train it at the same time.
    world.refuses("resume run", &["run", "another process"]);
    let overwrite = "train classify --model model --data reviews.csv --output run --overwrite --device flex";
    world.refuses(overwrite, &["run", "another process"]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_checkpoint_beyond_the_end_of_its_epoch_is_refused() {
    let world = World::new();
    let steps = format!("train classify {RUN} --max-steps 10 --save-every 5 --output run")
        .replace("--save-every 3", "");
    assert_eq!(world.bert(&steps).code, 0);
    // As if it had been killed after step 5.
    fs::remove_dir_all(world.path("run/checkpoints/step-10")).unwrap();
    fs::remove_file(world.path("run/metrics.json")).unwrap();
    let settings = world.read("run/run.toml");
    let larger = settings.replacen("\nbatch_size = 8\n", "\nbatch_size = 800\n", 1);
    assert_ne!(larger, settings);
    world.write("run/run.toml", larger);
    world.refuses(
        "resume run",
        &["step 5 of an epoch that has 1 step now", "run.toml"],
    );
    world.write("run/run.toml", settings);
    assert_eq!(world.bert("resume run").code, 0);
}

#[test]
fn a_run_resumes_only_with_its_own_options_and_data() {
    let world = World::new();
    world.refuses("resume model", &["model", "run.toml"]);
    stopped_run(&world);
    let resume = "train classify --output run --resume";
    world.refuses(&format!("{resume} --lr 3e-3"), &["--lr", "run.toml"]);
    world.refuses(&format!("{resume} --data other.csv"), &["--data"]);
    world.refuses(&format!("{resume} --text-column review"), &["--text-column"]);
    world.refuses("train cola --output run --resume", &["cola", "run.toml"]);
    world.refuses(
        "train classify --output run --model model --data reviews.csv",
        &["run", "--overwrite"],
    );

    let text = world.read("reviews.csv");
    for (what, changed) in [
        ("label", text.replacen("good,positive", "good,negative", 1)),
        ("text", text.replacen("film was good", "film was fine", 1)),
        ("row", format!("{text}the film was good,positive\n")),
        (
            "row",
            text.lines().take(90).map(|line| format!("{line}\n")).collect(),
        ),
    ] {
        world.write("reviews.csv", changed);
        let before = world.read("run/log.jsonl");
        let outcome: Outcome = world.bert("resume run");
        outcome.refused(what, &["reviews.csv", "started with"]);
        assert_eq!(world.read("run/log.jsonl"), before, "{what}");
    }
    // Settings are checked before data is read.
    let settings = world.read("run/run.toml");
    let wrong = settings.replacen("[recipe]\n", "[recipe]\nbest_by = \"bleu\"\n", 1);
    world.write("run/run.toml", wrong);
    world.write("reviews.csv", "text,label\nbroken,positive,row\n");
    world.refuses("resume run", &["run.toml, line", "`recipe.best_by` is bleu"]);
    world.write("run/run.toml", settings);
    // Moved data counts as the same data.
    world.write("moved/reviews.csv", text);
    fs::remove_file(world.path("reviews.csv")).unwrap();
    fs::remove_dir_all(world.path("model")).unwrap();
    world.refuses("resume run", &["reviews.csv"]);
    let (mut child, mut lines) = start(world.command("resume run --data moved/reviews.csv --watch steps"));
    let mut said = String::new();
    while !said.contains("  loss ") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains("resuming from run/checkpoints/step-"), "{said}");
}

#[test]
fn several_seeds_report_mean_and_spread_and_resume() {
    let world = World::new();
    let words = "train classify --model model --data reviews.csv --device flex --watch steps --epochs 6 --batch-size 8 \
                 --logging-steps 1 --lr 3e-3 --seeds 1,2 --output both";
    let (mut child, mut lines) = start(world.command(words));
    let mut said = String::new();
    while !said.contains("seed 2") || !said.split("seed 2").last().unwrap().contains(" 14/") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "{said}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!world.exists("both/seeds.json"));
    world.refuses("predict both text", &["both", "seed-1"]);
    let outcome = world.bert("resume both");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome.err.contains("seed-1: this run is finished"),
        "{}",
        outcome.err
    );
    assert!(
        outcome
            .err
            .contains("resuming from both/seed-2/checkpoints/step-"),
        "{}",
        outcome.err
    );

    for seed in [1, 2] {
        let alone = words.replace(
            "--seeds 1,2 --output both",
            &format!("--seed {seed} --output alone-{seed}"),
        );
        assert_eq!(world.bert(&alone).code, 0);
        let (one, other) = (
            world.path(&format!("both/seed-{seed}")),
            world.path(&format!("alone-{seed}")),
        );
        assert_same(&one, &other);
    }
    let summary = json(&world.path("both/seeds.json"));
    assert_eq!(summary["seeds"], serde_json::json!([1, 2]));
    let accuracy = |run: &str| {
        json(&world.path(run).join("metrics.json"))["final"]["accuracy"]
            .as_f64()
            .unwrap()
    };
    let (one, two) = (accuracy("alone-1"), accuracy("alone-2"));
    let spread = &summary["metrics"]["accuracy"];
    assert_eq!(spread["values"], serde_json::json!([one, two]));
    let close = |found: &Value, expected: f64| (found.as_f64().unwrap() - expected).abs() < 1e-12;
    assert!(close(&spread["mean"], (one + two) / 2.0), "{summary}");
    assert!(
        close(&spread["deviation"], (one - two).abs() / 2f64.sqrt()),
        "{summary}"
    );
}
