//! Settings from a file, which flags override.

use super::program::World;

const AGAIN: &str = "train classify --config run/run.toml --output";

#[test]
fn the_settings_of_a_run_repeat_it_bit_for_bit() {
    let world = World::new();
    world.short_run();
    let again = world.bert(&format!("{AGAIN} again"));
    assert_eq!(again.code, 0, "{}", again.err);
    let weights = |run: &str| std::fs::read(world.path(run).join("model/model.safetensors")).unwrap();
    assert!(
        weights("run") == weights("again"),
        "the same settings gave other weights"
    );
    assert_eq!(world.read("run/run.toml"), world.read("again/run.toml"));
    assert_eq!(
        world.read("run/predictions.jsonl"),
        world.read("again/predictions.jsonl")
    );

    let other = world.bert(&format!("{AGAIN} other --seed 9 --epochs 1"));
    assert_eq!(other.code, 0, "{}", other.err);
    let settings = world.read("other/run.toml");
    assert!(
        settings.contains("seed = 9") && settings.contains("epochs = 1"),
        "{settings}"
    );
    assert!(settings.contains("batch_size = 8"), "{settings}");
}

#[test]
fn errors_in_the_file_are_reported_by_line() {
    let world = World::new();
    let refused = |text: &str, parts: &[&str]| {
        world.write("my.toml", text);
        world.refuses("train classify --config my.toml --output run", parts);
    };
    refused(
        "model = \"model\"\n[recipe]\nlearning_rte = 1e-5\n",
        &["my.toml", "line 3", "recipe.learning_rte", "nearest known name"],
    );
    refused("[recipe]\nbatch_sise = 8\n", &["line 2", "`recipe.batch_size`"]);
    refused(
        "\n\n[recipe]\nlr = \"fast\"\n",
        &["my.toml", "line 4", "recipe.lr", "finite number"],
    );
    refused(
        "[recipe]\nepochs = 0\n",
        &["my.toml", "line 2", "recipe.epochs", "at least 1"],
    );
    refused("task = \"cola\"\n", &["my.toml", "line 1", "cola", "classify"]);
    refused("[recipe\n", &["my.toml", "line 1"]);
    world.refuses("train classify --config nowhere.toml", &["nowhere.toml"]);
    assert!(!world.exists("run"));
}
