//! Settings from a file, which flags override.

use crate::program::World;

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
    refused(
        "[recipe]\nkeep = -1\n",
        &["line 2", "`recipe.keep` must be a whole number"],
    );
    world.write("my.toml", b"model = 'model'\n# caf\xe9\n");
    world.refuses(
        "train classify --config my.toml --output run",
        &["my.toml, line 2", "byte 6", "not UTF-8"],
    );
    world.refuses("train classify --config nowhere.toml", &["nowhere.toml"]);
    assert!(!world.exists("run"));
}

#[test]
fn errors_about_model_and_data_name_the_line_of_the_option() {
    let world = World::new();
    let refused = |model: &str, data: &str, rest: &str, parts: &[&str]| {
        let text = format!("model = '{model}'\n\n[files]\ndata = '{data}'\n{rest}");
        world.write("my.toml", text);
        world.refuses(
            "train classify --config my.toml --output run --device flex",
            parts,
        );
    };
    refused(
        "models/typo",
        "reviews.csv",
        "",
        &["my.toml, line 1: `model`", "models/typo"],
    );
    refused(
        "./nowhere",
        "reviews.csv",
        "",
        &["my.toml, line 1: `model`", "nowhere"],
    );
    refused(
        "model",
        "nowhere.csv",
        "",
        &["my.toml, line 4: `files.data`", "nowhere.csv"],
    );
    refused(
        "model",
        "reviews.csv",
        "dev = 'no.csv'\n",
        &["my.toml, line 5: `files.dev`", "no.csv"],
    );
    refused(
        "model",
        "reviews.csv",
        "[options]\nlabel_column = 'stars'\n",
        &["reviews.csv", "`options.label_column` (my.toml, line 6)", "stars"],
    );
    // What does not fit the model is refused before the data is read.
    world.write("damaged.csv", "text,label\n\"no end");
    refused(
        "model",
        "damaged.csv",
        "[recipe]\nfreeze_layers = 2\n",
        &["my.toml, line 6: `recipe.freeze_layers` is 2", "1 layer"],
    );
    for option in ["--freeze-layers 2", "--reinit-layers 2", "--max-length 4000"] {
        let name = option.split(' ').next().unwrap();
        let words = format!("train classify --model model --data damaged.csv --output run {option}");
        world.refuses(&words, &[name, "this model"]);
    }
    let train = "train classify --output run --device flex";
    world.refuses(
        &format!("{train} --model model --data no.csv"),
        &["--data: ", "no.csv"],
    );
    world.refuses(
        &format!("{train} --model ./no --data reviews.csv"),
        &["--model: ./no"],
    );
    assert!(!world.exists("run"));
}
