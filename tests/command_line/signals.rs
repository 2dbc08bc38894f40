//! Ctrl-C and a scheduler's SIGTERM end a run with its model saved.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use super::program::{World, json};

fn stopped_by(signal: &str) {
    let world = World::new();
    let mut child = world
        .command(
            "train classify --model model --data reviews.csv --output run --epochs 100000 --device flex --watch lines",
        )
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("step") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the run ended by itself");
    }
    let kill = std::process::Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(rest.contains("stopped after"), "{rest}");

    assert_eq!(json(&world.path("run/metrics.json"))["state"], "stopped");
    let answer = world.bert_with("predict run", &["the film was good"], b"");
    assert_eq!(answer.code, 0, "{}", answer.err);
    // Nothing half-written is left behind.
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
