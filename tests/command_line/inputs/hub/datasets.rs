//! Data sets by name.

use std::path::Path;

use super::server::{COMMIT, Fault, Server, run, with_hub};
use crate::program::World;

/// A hub with the data set `name`, which has these files, all with the same rows.
fn with_dataset(world: &World, name: &str, files: &[&str]) -> Server {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/tags.parquet");
    let rows = std::fs::read(rows).unwrap();
    for file in files {
        world.write(&format!("hub/datasets/{name}/{file}"), &rows);
    }
    world.write(&format!("hub/datasets/{name}/files"), files.join("\n"));
    Server::start(world.path("hub"), Fault::None)
}

#[test]
fn a_data_set_is_downloaded_once_and_then_found_in_the_cache() {
    let world = World::new();
    let files = [
        "news/test/0000.parquet",
        "news/train/0000.parquet",
        "news/train/0001.parquet",
        "news/validation/0000.parquet",
        "rare/train/0000.parquet",
    ];
    let server = with_dataset(&world, "names", &files);
    let train = |data: &str, output: &str| {
        format!(
            "train tag --model model --data {data} --tag-column ner_tags --output {output} --max-steps 1 --device flex"
        )
    };
    let first = run(&mut with_hub(&world, &train("names/news", "run"), &server));
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(
        first.err.contains("4 training examples, 2 evaluation examples"),
        "{}",
        first.err
    );
    assert!(first.err.contains("B-PER"), "{}", first.err);
    // Nothing of other parts and splits was downloaded.
    assert_eq!((server.count("rare/train"), server.count("news/test")), (0, 0));
    let settings = world.read("run/run.toml");
    assert!(
        settings.contains(&format!("data = \"names/news@{COMMIT}\"")),
        "{settings}"
    );

    // The cache works without the network: by name, by the commit in run.toml, for an evaluation and a resume.
    let asked = server.requests.lock().unwrap().len();
    for words in [
        train("names/news", "second"),
        "train tag --config run/run.toml --output third".into(),
        "eval run".into(),
        "eval run --data names/news".into(),
        "resume run".into(),
    ] {
        let outcome = run(with_hub(&world, &words, &server).env("HF_HUB_OFFLINE", "1"));
        assert_eq!(outcome.code, 0, "{words}: {}", outcome.err);
    }
    assert_eq!(server.requests.lock().unwrap().len(), asked);

    let refused = |data: &str, parts: &[&str]| {
        let words = train(data, "new");
        run(&mut with_hub(&world, &words, &server)).refused(&words, parts);
    };
    refused(
        "names",
        &["--data: names", "several parts", "news, rare", "as in names/news"],
    );
    refused("names/rte", &["it has no part `rte`", "news, rare"]);
    refused("other/set", &["other/set", "no such data set"]);
    // A path in a folder that exists is one of this machine.
    refused("hub/nowhere", &["--data: ", "hub/nowhere"]);
    refused(
        "nowhere.conllu",
        &["--data: ", "nowhere.conllu: there is no such file"],
    );
}

#[test]
fn a_data_set_with_one_part_needs_no_name_of_it() {
    let world = World::new();
    let names: Vec<String> = (0..6)
        .map(|file| format!("default/train/000{file}.parquet"))
        .collect();
    let mut files: Vec<&str> = names.iter().map(String::as_str).collect();
    files.push("README.md");
    let server = with_dataset(&world, "owner/names", &files);
    let words = "train tag --model model --data owner/names --tag-column ner_tags --output run --max-steps 1 --device flex";
    let outcome = run(&mut with_hub(&world, words, &server));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    // Without a split to evaluate on, some examples of the training split are held out.
    assert!(outcome.err.contains("held out"), "{}", outcome.err);
    let eval = run(&mut with_hub(&world, "eval run", &server));
    eval.refused("eval run", &["--data"]);
}
