//! Damaged model folders: errors name the file and the tensor.

use std::fs;

use crate::program::{World, json};

const TRAIN: &str = "train classify --data reviews.csv --output run --device flex --model";

#[test]
fn folders_that_are_not_models_are_refused() {
    let world = World::new();
    world.refuses(&format!("{TRAIN} nowhere"), &["nowhere", "config.json"]);
    world.refuses(
        &format!("{TRAIN} ./nowhere"),
        &["./nowhere", "there is no such folder"],
    );
    let no_weights = world.model("no-weights");
    fs::remove_file(no_weights.join("model.safetensors")).unwrap();
    world.refuses(
        &format!("{TRAIN} no-weights"),
        &["no-weights", "model.safetensors", "pytorch_model.bin"],
    );
    let no_words = world.model("no-words");
    fs::remove_file(no_words.join("tokenizer.json")).unwrap();
    fs::remove_file(no_words.join("vocab.txt")).unwrap();
    world.refuses(
        &format!("{TRAIN} no-words"),
        &["no-words", "tokenizer.json", "vocab.txt"],
    );
    world.write("not-json/config.json", "{\"hidden_size\": 32,");
    world.refuses(&format!("{TRAIN} not-json"), &["config.json", "line 1"]);
    world.write("other/config.json", "{\"model_type\": \"gpt2\"}");
    world.refuses(&format!("{TRAIN} other"), &["config.json", "gpt2"]);
    world.write(
        "odd/config.json",
        "{\"hidden_size\": 32, \"num_attention_heads\": 5}",
    );
    world.refuses(&format!("{TRAIN} odd"), &["config.json", "num_attention_heads"]);
    assert!(!world.exists("run"));
}

#[test]
fn damaged_weights_are_reported_by_file_and_tensor() {
    let world = World::new();
    let damaged = |name: &str, damage: &dyn Fn(&mut Vec<u8>)| {
        let path = world.model(name).join("model.safetensors");
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(path, bytes).unwrap();
    };
    damaged("cut", &|bytes| bytes.truncate(bytes.len() / 2));
    world.refuses(
        &format!("{TRAIN} cut"),
        &["cut/model.safetensors", "incomplete or damaged checkpoint"],
    );
    damaged("stub", &|bytes| bytes.truncate(3));
    world.refuses(
        &format!("{TRAIN} stub"),
        &["stub/model.safetensors", "incomplete or damaged checkpoint"],
    );
    damaged("noise", &|bytes| bytes.iter_mut().for_each(|byte| *byte = 0x5a));
    world.refuses(
        &format!("{TRAIN} noise"),
        &["noise/model.safetensors", "incomplete or damaged checkpoint"],
    );
    damaged("nan", &|bytes| {
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    world.refuses(
        &format!("{TRAIN} nan"),
        &["nan/model.safetensors", "tensor `", "not finite"],
    );
    let pickled = world.model("pickled");
    fs::remove_file(pickled.join("model.safetensors")).unwrap();
    fs::write(pickled.join("pytorch_model.bin"), b"no pickle at all").unwrap();
    world.refuses(
        &format!("{TRAIN} pickled"),
        &["pytorch_model.bin", "incomplete or damaged checkpoint"],
    );
    assert!(!world.exists("run"));
}

#[test]
fn weights_of_another_shape_are_refused() {
    let world = World::new();
    let change = |name: &str, field: &str, value: usize| {
        let path = world.model(name).join("config.json");
        let mut config = json(&path);
        config[field] = value.into();
        fs::write(path, config.to_string()).unwrap();
    };
    change("wide", "intermediate_size", 64);
    let parts = [
        "model.safetensors",
        "encoder.layer.0.intermediate.dense.weight",
        "[128, 32]",
        "[64, 32]",
    ];
    world.refuses(&format!("{TRAIN} wide"), &parts);
    change("deep", "num_hidden_layers", 2);
    world.refuses(
        &format!("{TRAIN} deep"),
        &["model.safetensors", "missing", "encoder.layer.1"],
    );
    change("small", "vocab_size", 20);
    world.refuses(&format!("{TRAIN} small"), &["vocab_size", "20"]);
    assert!(!world.exists("run"));
}

#[test]
fn only_a_fine_tuned_classifier_predicts() {
    let world = World::new();
    world.refuses(
        "predict model text",
        &["model", "no classification head", "fine-tune it first", "--model"],
    );
    world.refuses("predict nowhere text", &["nowhere"]);
    world.write("begun/run.toml", "task = 7\n");
    world.refuses("predict begun text", &["run.toml"]);
    world.refuses("info nowhere", &["nowhere"]);

    world.short_run();
    fs::remove_dir_all(world.path("run/model")).unwrap();
    world.refuses("predict run text", &["run", "model/"]);
}

#[test]
fn a_tokenizer_of_another_model_is_refused_by_every_command() {
    let world = World::new();
    world.short_run();
    for folder in ["model", "run/model"] {
        let path = world.path(folder).join("tokenizer.json");
        let mut tokenizer = json(&path);
        tokenizer["model"]["vocab"]["zebra"] = 99.into();
        fs::write(path, tokenizer.to_string()).unwrap();
    }
    let parts = ["ids up to 99", "`vocab_size`"];
    world.refuses(
        &format!("{} model", TRAIN.replace("output run", "output other")),
        &parts,
    );
    world.refuses("predict run zebra", &parts);
    world.refuses("eval run --data reviews.csv", &parts);
}

#[test]
fn models_that_transformers_loads_are_read() {
    let world = World::new();
    world.short_run();
    let answer = world.bert("predict run good");
    assert_eq!(answer.code, 0, "{}", answer.err);
    // As transformers writes it, or people who edit it: another form of the same.
    let path = world.path("run/model/config.json");
    let mut config = json(&path);
    config["pad_token_id"] = serde_json::Value::Null;
    config["label2id"] = serde_json::json!(["any", "thing"]);
    fs::write(&path, format!("\u{feff}{config}")).unwrap();
    let vocabulary = world.read("run/model/vocab.txt");
    fs::remove_file(world.path("run/model/tokenizer.json")).unwrap();
    world.write("run/model/vocab.txt", format!("\u{feff}{vocabulary}"));
    let again = world.bert("predict run good");
    assert_eq!((again.code, &again.out), (0, &answer.out), "{}", again.err);

    // Numbers as labels are names like any other.
    config["id2label"] = serde_json::json!({"0": 0, "1": 1});
    fs::write(&path, config.to_string()).unwrap();
    let numbers = world.bert("predict run/model good");
    assert_eq!(numbers.code, 0, "{}", numbers.err);
    assert!(
        numbers.out.contains("\"0\"") && numbers.out.contains("\"1\""),
        "{}",
        numbers.out
    );
}
