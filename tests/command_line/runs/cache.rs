//! The cache of encoded texts: runs with and without it are equal, and each run reads only its own rows.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use super::resume::assert_same;
use crate::program::{Outcome, World};

const RUN: &str =
    "--model model --device flex --watch quiet --epochs 2 --batch-size 8 --max-length 16 --lr 1e-3";
const NEW: &str = "encoded, and stored in the cache";
const OLD: &str = "read from the cache";

/// The files of the cache `name`.
fn kept(world: &World, name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.path(name)).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn trained(world: &World, words: &str) -> Outcome {
    let outcome = world.bert(&format!("train {words}"));
    assert_eq!(outcome.code, 0, "{words}: {}", outcome.err);
    outcome
}

/// Trains without a cache, with an empty one and with a filled one: the three runs must be the same.
fn same_with_and_without(world: &World, words: &str) {
    trained(world, &format!("{words} --output without"));
    let first = trained(world, &format!("{words} --output first --cache kept"));
    assert_eq!(first.err.matches(NEW).count(), 2, "{}", first.err);
    assert_eq!(kept(world, "kept").len(), 2);
    let second = trained(world, &format!("{words} --output second --cache kept"));
    assert_eq!(second.err.matches(OLD).count(), 2, "{}", second.err);
    assert!(!second.err.contains(NEW), "{}", second.err);
    for run in ["first", "second"] {
        assert_same(&world.path(run), &world.path("without"));
    }
}

#[test]
fn a_run_with_the_cache_is_the_same_bit_for_bit() {
    let world = World::new();
    same_with_and_without(&world, &format!("classify --data reviews.csv {RUN}"));
    // The cache is a setting like others, stored with its full path.
    let settings = world.read("first/run.toml");
    let path = world.path("kept");
    assert!(
        settings.contains(&format!("cache = \"{}\"", path.display())),
        "{settings}"
    );
    let again = trained(&world, "classify --config first/run.toml --output again");
    assert_eq!(again.err.matches(OLD).count(), 2, "{}", again.err);
}

#[test]
fn every_task_can_cache_its_rows() {
    let world = World::new();
    let mut tags = String::new();
    let mut scores = String::from("text,score\n");
    let mut questions = vec![];
    for (number, noun) in ["film", "plot", "song", "scene"].into_iter().enumerate() {
        tags += &format!("the O\n{noun} B-WORK\nwas O\nvery B-VIEW\ngood I-VIEW\n\n");
        scores += &format!("the {noun} was good,{number}.5\n");
        let passage = format!("the {noun} was good . the {noun} was very good . the cast was bad .");
        let start = passage.find("bad").unwrap();
        questions.push(format!(
            "{{\"id\": \"{number}\", \"question\": \"what was the {noun}\", \"context\": \"{passage}\", \
             \"answers\": {{\"text\": [\"bad\"], \"answer_start\": [{start}]}}}}"
        ));
    }
    world.write("tags.conll", tags);
    world.write("scores.csv", scores);
    world.write("questions.jsonl", questions.join("\n"));
    world.write(
        "corpus.txt",
        "the film was good\nthe plot was bad\n\nthe cast was very bad\nthe end was fine\n",
    );
    for words in [
        "tag --data tags.conll --dev tags.conll",
        "regress --data scores.csv --dev scores.csv",
        "qa --data questions.jsonl --dev questions.jsonl --stride 4",
        "pretrain --data corpus.txt --dev corpus.txt --nsp",
    ] {
        for old in ["without", "first", "second", "kept"] {
            let _ = fs::remove_dir_all(world.path(old));
        }
        // Equal splits share one file.
        let words = format!("{words} {RUN}");
        trained(&world, &format!("{words} --output without"));
        let first = trained(&world, &format!("{words} --output first --cache kept"));
        assert_eq!(
            (first.err.matches(NEW).count(), first.err.matches(OLD).count()),
            (1, 1),
            "{}",
            first.err
        );
        let second = trained(&world, &format!("{words} --output second --cache kept"));
        assert_eq!(second.err.matches(OLD).count(), 2, "{}", second.err);
        for run in ["first", "second"] {
            assert_same(&world.path(run), &world.path("without"));
        }
    }
}

#[test]
fn rows_are_encoded_again_if_anything_they_depend_on_changes() {
    let world = World::new();
    // A hold-out would change both parts with a label.
    world.write(
        "dev.csv",
        "text,label\nthe plot was good,positive\nthe plot was bad,negative\n",
    );
    let words = |more: &str| {
        format!(
            "classify --data reviews.csv --dev dev.csv --output run --overwrite --cache kept {RUN} {more}"
        )
    };
    let train = |more: &str| trained(&world, &words(more)).err;
    train("");
    let mut files = 2;
    let mut expect = |what: &str, said: String, count: usize| {
        files += count;
        assert_eq!(said.matches(NEW).count(), count, "{what}: {said}");
        assert_eq!(kept(&world, "kept").len(), files, "{what}");
    };
    expect(
        "nothing",
        train("--seed 2 --schedule cosine --logging-steps 4"),
        0,
    );
    let shorter = words("").replace("--max-length 16", "--max-length 5");
    expect("length", trained(&world, &shorter).err, 2);
    expect("option", train("--label-smoothing .1"), 0);

    let text = world.read("reviews.csv");
    world.write("reviews.csv", text.replacen("film was good", "film was fine", 1));
    expect("text", train(""), 1);
    world.write("reviews.csv", text.replacen("good,positive", "good,negative", 1));
    expect("label", train(""), 1);
    world.write("moved/other.csv", &text);
    let moved = words("").replace("reviews.csv", "moved/other.csv");
    expect("place", trained(&world, &moved).err, 0);

    world.write("reviews.csv", &text);
    let settings = world.read("model/tokenizer.json");
    let other = settings.replace("\"film\"", "\"##film\"");
    assert_ne!(other, settings);
    world.write("model/tokenizer.json", other);
    fs::remove_file(world.path("model/vocab.txt")).unwrap();
    expect("tokenizer", train(""), 2);
    assert!(
        kept(&world, "kept")
            .iter()
            .all(|path| path.extension().unwrap() == "rows")
    );
}

#[test]
fn a_damaged_file_is_reported_and_written_again() {
    let world = World::new();
    let words = format!("classify --data reviews.csv --output run --overwrite --cache kept {RUN}");
    trained(&world, &words);
    let model = |world: &World| fs::read(world.path("run/model/model.safetensors")).unwrap();
    let (expected, files) = (model(&world), kept(&world, "kept"));
    let whole: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    let damage = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole[0].clone();
        change(&mut bytes);
        fs::write(&files[0], bytes).unwrap();
    };
    type Change = dyn Fn(&mut Vec<u8>);
    let changes: [(&str, &Change); 6] = [
        ("checksum", &|bytes| bytes[60] ^= 4),
        ("checksum", &|bytes| *bytes.last_mut().unwrap() ^= 1),
        ("checksum", &|bytes| bytes.truncate(bytes.len() / 2)),
        ("bytes", &|bytes| bytes.truncate(9)),
        ("does not contain encoded examples", &|bytes| {
            bytes[..8].fill(b'?')
        }),
        ("other examples", &|bytes| bytes[8..40].copy_from_slice(&[0; 32])),
    ];
    for (reason, change) in changes {
        damage(change);
        let said = trained(&world, &words).err;
        assert!(
            said.contains("cannot be used") && said.contains(reason),
            "{reason}: {said}"
        );
        assert_eq!(
            (said.matches(NEW).count(), said.matches(OLD).count()),
            (1, 1),
            "{said}"
        );
        assert!(model(&world) == expected, "{reason}: another model");
        assert!(fs::read(&files[0]).unwrap() == whole[0], "{reason}: another file");
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_reported_and_ignored() {
    let world = World::new();
    let words = format!("classify --data reviews.csv {RUN}");
    trained(&world, &format!("{words} --output without"));
    let outcome = trained(&world, &format!("{words} --output run --cache reviews.csv/kept"));
    assert_eq!(
        outcome.err.matches("--cache cannot be used").count(),
        2,
        "{}",
        outcome.err
    );
    outcome.assert_calm("train");
    assert_same(&world.path("run"), &world.path("without"));
}

#[test]
fn processes_that_write_the_same_file_do_not_disturb_each_other() {
    let world = World::new();
    let words =
        |run: usize| format!("train classify --data reviews.csv --output run{run} --cache kept {RUN}");
    let children: Vec<_> = (0..4)
        .map(|run| world.command(&words(run)).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(kept(&world, "kept").len(), 2);
    for run in 1..4 {
        assert_same(&world.path(&format!("run{run}")), &world.path("run0"));
    }
    let last = trained(&world, &words(9)["train ".len()..]);
    assert_eq!(last.err.matches(OLD).count(), 2, "{}", last.err);
}

#[test]
fn a_resumed_run_finds_its_rows() {
    let world = World::new();
    let words = format!("classify --data reviews.csv --output run --cache kept --max-steps 12 {RUN}");
    trained(&world, &words);
    let metrics = world.read("run/metrics.json");
    world.write("run/metrics.json", metrics.replace("\"finished\"", "\"running\""));
    let resumed = world.bert("resume run");
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert_eq!(resumed.err.matches(OLD).count(), 2, "{}", resumed.err);
    world.write("run/metrics.json", metrics.replace("\"finished\"", "\"running\""));
    let elsewhere = trained(
        &world,
        &format!("{} --resume", words.replace("kept", "elsewhere")),
    );
    assert_eq!(elsewhere.err.matches(NEW).count(), 2, "{}", elsewhere.err);
}

#[test]
fn old_files_of_killed_processes_are_removed() {
    let world = World::new();
    fs::create_dir(world.path("kept")).unwrap();
    for (name, hours) in [("old", 30), ("young", 1)] {
        let file = fs::File::create(world.path(&format!("kept/.writing-{name}"))).unwrap();
        let at = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
        file.set_modified(at).unwrap();
    }
    trained(
        &world,
        &format!("classify --data reviews.csv {RUN} --output run --cache kept"),
    );
    assert!(!world.exists("kept/.writing-old"));
    assert!(world.exists("kept/.writing-young"));
}
