//! A full disk is reported, and no existing file is lost.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use super::resume::assert_same;
use crate::program::{Outcome, World};

#[test]
fn a_full_disk_for_the_predictions_is_reported() {
    let world = World::new();
    world.short_run();
    world.refuses(
        "eval run --data reviews.csv --predictions /dev/full",
        &["/dev/full", "No space left"],
    );
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = world
        .command("predict run good")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    Outcome::of(output).refused("predict", &["standard output", "No space left"]);
}

/// Runs a script that mounts a small disk; `None` if the system does not allow that (the script exits with 77).
fn with_a_small_disk(world: &World, script: &str) -> Option<Outcome> {
    let script = script
        .replace("SMALL", &world.path("small").display().to_string())
        .replace("BERT", env!("CARGO_BIN_EXE_bert"));
    std::fs::create_dir(world.path("small")).unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", &script])
        .current_dir(world.dir.path())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: {error}");
            return None;
        }
    };
    let refused = String::from_utf8_lossy(&output.stderr).contains("unshare");
    if refused || output.status.code() == Some(77) {
        println!("skipped: this system lets nobody mount a small disk");
        return None;
    }
    Some(Outcome::of(output))
}

#[test]
fn a_full_disk_for_the_run_is_reported_and_the_old_model_stays() {
    let world = World::new();
    // Enough for one run of this size, but not for the ballast and a second run.
    let script = "mount -t tmpfs -o size=1200k none SMALL || exit 77
         BERT train classify --model model --data reviews.csv --output small/run --epochs 1 --device flex || exit 76
         head -c 700000 /dev/zero > small/ballast
         BERT train classify --model model --data reviews.csv --output small/run2 --device flex --epochs 1
         code=$?
         BERT predict small/run 'the film was good' > answer || exit 75
         exit $code";
    if let Some(outcome) = with_a_small_disk(&world, script) {
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.err.contains("No space left"), "{outcome:?}");
        assert!(outcome.err.contains("small/run2"), "{outcome:?}");
        outcome.assert_calm("train on a full disk");
        assert!(world.read("answer").contains("\"label\""));
    }
}

#[test]
fn a_run_that_filled_the_disk_resumes_when_there_is_space() {
    let world = World::new();
    let train =
        "train classify --model model --data reviews.csv --epochs 6 --batch-size 8 --device flex --keep 3";
    let whole = world.bert(&format!("{train} --output whole"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    // A run has about 400 KB after the first epoch. Each of the next two epochs adds 230 KB.
    let script = format!(
        "mount -t tmpfs -o size=800k none SMALL || exit 77
         BERT {train} --output small/run && exit 74
         BERT predict small/run 'the film was good' > answer || exit 75
         BERT resume small/run && exit 74
         mount -o remount,size=8m SMALL || exit 77
         BERT resume small/run || exit 76
         cp -r small/run run"
    );
    if let Some(outcome) = with_a_small_disk(&world, &script) {
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert_eq!(outcome.err.matches("No space left").count(), 2, "{outcome:?}");
        assert!(
            outcome.err.contains("resuming from small/run/checkpoints/step-"),
            "{outcome:?}"
        );
        outcome.assert_calm("train on a full disk");
        assert_same(&world.path("run"), &world.path("whole"));
    }
}
