//! Data sets by name.

use std::path::Path;

use super::server::{COMMIT, Fault, Server, run, with_hub};
use crate::program::World;

/// A hub with the data set `name`, which has these files, all with the same rows.
fn with_dataset(world: &World, name: &str, files: &[&str]) -> Server {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/labels.parquet");
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
        "cola/test/0000.parquet",
        "cola/train/0000.parquet",
        "cola/train/0001.parquet",
        "cola/validation/0000.parquet",
        "sst2/train/0000.parquet",
    ];
    let server = with_dataset(&world, "glue", &files);
    let train = |data: &str, output: &str| {
        format!("train classify --model model --data {data} --output {output} --max-steps 1 --device flex")
    };
    let first = run(&mut with_hub(&world, &train("glue/cola", "run"), &server));
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(
        first.err.contains("24 training examples, 12 evaluation examples"),
        "{}",
        first.err
    );
    assert!(first.err.contains("World"), "{}", first.err);
    // Nothing of other parts and splits was downloaded.
    assert_eq!((server.count("sst2/train"), server.count("cola/test")), (0, 0));
    let settings = world.read("run/run.toml");
    assert!(
        settings.contains(&format!("data = \"glue/cola@{COMMIT}\"")),
        "{settings}"
    );

    // The cache works without the network: by name, by the commit in run.toml, for an evaluation and a resume.
    let asked = server.requests.lock().unwrap().len();
    for words in [
        train("glue/cola", "second"),
        "train classify --config run/run.toml --output third".into(),
        "eval run".into(),
        "eval run --data glue/cola".into(),
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
        "glue",
        &["--data: glue", "several parts", "cola, sst2", "--data glue/cola"],
    );
    refused("glue/rte", &["it has no part `rte`", "cola, sst2"]);
    refused("other/set", &["other/set", "no such data set"]);
    // A path in a folder that exists is one of this machine.
    refused("hub/nowhere", &["--data: ", "hub/nowhere"]);
    refused("nowhere.csv", &["--data: ", "nowhere.csv: No such file"]);
}

#[test]
fn a_data_set_with_one_part_needs_no_name_of_it() {
    let world = World::new();
    let server = with_dataset(&world, "owner/news", &["default/train/0000.parquet", "README.md"]);
    let words = "train classify --model model --data owner/news --output run --max-steps 1 --device flex";
    let outcome = run(&mut with_hub(&world, words, &server));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    // Without a split to evaluate on, some examples of the training split are held out.
    assert!(outcome.err.contains("held out"), "{}", outcome.err);
    let eval = run(&mut with_hub(&world, "eval run", &server));
    eval.refused("eval run", &["--data"]);
}
