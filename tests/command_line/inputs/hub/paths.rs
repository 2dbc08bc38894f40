//! Paths that name no model.

use crate::program::World;

#[test]
fn a_mistyped_path_is_not_only_a_network_error() {
    let world = World::new();
    world.model("models/bert-small");
    let train = "train classify --data reviews.csv --output new --device flex --model";
    let refused = |model: &str, parts: &[&str]| world.refuses(&format!("{train} {model}"), parts);
    refused(
        "models/bert-smal",
        &[
            "--model: models/bert-smal: there is no such folder (did you mean models/bert-small?)",
            "HF_HUB_OFFLINE",
        ],
    );
    refused(
        "./modle",
        &["--model: ./modle: there is no such folder", "./model?"],
    );
    refused("reviews.csv", &["--model: reviews.csv: this is a file"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("gone/bert", world.path("link")).unwrap();
        refused(
            "link",
            &["--model: link: this is a link to gone/bert, but there is no such folder"],
        );
    }
    // A run folder means its model.
    world.short_run();
    let words = "train classify --model run --data reviews.csv --output again --max-steps 1 --device flex";
    let outcome = world.bert(words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome
            .err
            .contains("run: this is a run; training starts from its model, run/model"),
        "{}",
        outcome.err
    );
    std::fs::remove_dir_all(world.path("run/model")).unwrap();
    let words = "train classify --data reviews.csv --output third --device flex --model run";
    world.refuses(words, &["--model: run: this is a run without a model/"]);
}
