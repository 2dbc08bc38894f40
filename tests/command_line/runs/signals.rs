//! Ctrl-C and SIGTERM end a run with its model saved.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use super::resume::{Dice, RUN, assert_same, half_written, wait_for_save};
use crate::program::{World, json, signal, start};

/// A running `bert` on one core, where a long step stays long, with its output.
fn started(world: &World, words: &str) -> (Child, BufReader<ChildStderr>) {
    let mut command = world.command(words);
    command.env("RAYON_NUM_THREADS", "1");
    start(command)
}

/// Reads its output until `part` appears, or until the end.
fn read_until(lines: &mut BufReader<ChildStderr>, part: &str) -> String {
    let mut said = String::new();
    while !said.contains(part) && lines.read_line(&mut said).unwrap() > 0 {}
    said
}

fn stopped_by(signal: &str) {
    let world = World::new();
    let (mut child, mut lines) = started(
        &world,
        "train classify --model model --data reviews.csv --output run --epochs 100000 --device flex --watch lines",
    );
    let said = read_until(&mut lines, "step");
    assert!(said.contains("step"), "the run ended by itself: {said}");
    crate::program::signal(&child, signal);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(rest.contains("stopped after"), "{rest}");

    assert_eq!(json(&world.path("run/metrics.json"))["state"], "stopped");
    let answer = world.bert_with("predict run", &["the film was good"], b"");
    assert_eq!(answer.code, 0, "{}", answer.err);
    // No half-written file is left.
    let names = std::fs::read_dir(world.path("run"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(
        names
            .into_iter()
            .all(|name| !name.to_string_lossy().starts_with('.'))
    );
}

#[test]
fn ctrl_c_saves_the_model() {
    stopped_by("INT");
}

#[test]
fn sigterm_saves_the_model() {
    stopped_by("TERM");
}

#[test]
fn a_second_ctrl_c_ends_a_long_step_at_once() {
    let world = World::new();
    // One step over all of these takes long, and the signal is not checked within it.
    let mut text = String::from("text,label\n");
    for row in 0..8000 {
        let label = ["positive", "negative"][row % 2];
        text += &format!("{},{label}\n", "the film was very good ".repeat(12).trim_end());
    }
    world.write("long.csv", text);
    let (mut child, mut lines) = started(
        &world,
        "train classify --model model --data long.csv --dev reviews.csv --output run --epochs 9 --batch-size 8000 \
         --device flex --watch lines",
    );
    let said = read_until(&mut lines, "training examples");
    std::thread::sleep(Duration::from_millis(100));
    let asked = Instant::now();
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(50));
    assert!(
        child.try_wait().unwrap().is_none(),
        "it was not in the middle of a step: {said}"
    );
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("stopped after"), "{rest}");
    assert!(!world.exists("run/model") && !world.exists("run/checkpoints"));
}

#[test]
fn a_second_ctrl_c_during_a_save_loses_nothing() {
    let world = World::new();
    let whole = world.bert(&format!("train classify {RUN} --output whole"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    let words = format!("train classify {RUN} --output run --resume");
    let mut dice = Dice(1789);
    let mut in_a_save = 0;
    for time in 0..12 {
        let (mut child, mut lines) = started(&world, &words);
        let said = read_until(&mut lines, "  loss ");
        assert!(said.contains("  loss "), "{time}: {said}");
        signal(&child, "INT");
        // The first signal starts the save.
        match time % 2 {
            0 => std::thread::sleep(Duration::from_micros(dice.below(6000))),
            _ => wait_for_save(&mut child, &world.path("run")),
        }
        signal(&child, ["INT", "TERM"][time / 2 % 2]);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{time}");
        in_a_save += usize::from(!half_written(&world.path("run")).is_empty());
    }
    println!("{in_a_save} of 12 came while something was being written");
    assert!(in_a_save > 0);
    let last = world.bert(&words);
    assert_eq!(last.code, 0, "{}", last.err);
    assert!(!last.err.contains("skipped"), "{}", last.err);
    assert_same(&world.path("run"), &world.path("whole"));
}

#[test]
fn a_killed_run_never_leaves_half_a_model() {
    let world = World::new();
    for milliseconds in [150, 230, 310, 420, 560, 700] {
        let words = "train classify --model model --data reviews.csv --output run --epochs 100000 --device flex \
                     --watch quiet --overwrite";
        let mut child = world
            .command(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        if world.exists("run/model") {
            let answer = world.bert_with("predict run", &["the film was good"], b"");
            assert_eq!(answer.code, 0, "after {milliseconds} ms: {}", answer.err);
        } else if world.exists("run") {
            world.refuses("predict run text", &["run"]);
        }
    }
}
