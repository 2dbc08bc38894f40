//! A full disk is told, and costs nothing that was there before.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use super::program::{Outcome, World};

#[test]
fn a_full_disk_under_the_answers_is_told() {
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

#[test]
fn a_full_disk_under_the_run_is_told_and_the_old_model_stays() {
    let world = World::new();
    let small = world.path("small");
    std::fs::create_dir(&small).unwrap();
    // A disk of 400 KiB: enough for one model of this size with its predecessor, not for the ballast beside it.
    let script = format!(
        "mount -t tmpfs -o size=400k none {0} || exit 77
         {1} train classify --model model --data reviews.csv --output small/run --epochs 1 --device flex || exit 76
         head -c 200000 /dev/zero > small/ballast
         {1} train classify --model run-less --data reviews.csv --output small/run2 --device flex --epochs 1
         code=$?
         {1} predict small/run 'the film was good' > answer || exit 75
         exit $code",
        small.display(),
        env!("CARGO_BIN_EXE_bert"),
    )
    .replace("run-less", "model");
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", &script])
        .current_dir(world.dir.path())
        .output();
    match output {
        Ok(output)
            if output.status.code() == Some(77)
                || String::from_utf8_lossy(&output.stderr).contains("unshare") =>
        {
            println!("skipped: this system lets nobody mount a small disk");
        }
        Err(error) => println!("skipped: {error}"),
        Ok(output) => {
            let outcome = Outcome::of(output);
            assert_eq!(outcome.code, 1, "{outcome:?}");
            assert!(outcome.err.contains("No space left"), "{outcome:?}");
            assert!(outcome.err.contains("small/run2"), "{outcome:?}");
            outcome.assert_calm("train on a full disk");
            assert!(world.read("answer").contains("\"label\""));
        }
    }
}
