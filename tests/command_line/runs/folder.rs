//! All commands, from a file of texts to predictions.

use serde_json::Value;

use crate::program::{Outcome, World, json, json_lines};

#[test]
fn a_run_folder_has_all_files() {
    let world = World::new();
    // What killed programs leave: one that was writing run.toml, and one that was removing an old run.
    std::fs::create_dir_all(world.path("run/.replaced-1/folder")).unwrap();
    std::fs::write(world.path("run/.replaced-1/folder/old"), "").unwrap();
    std::fs::write(world.path("run/.writing-1"), "").unwrap();
    world.short_run();
    for name in [".writing-1", ".replaced-1", "model/old"] {
        assert!(!world.exists(&format!("run/{name}")), "{name}");
    }
    for name in [
        "run.toml",
        "metrics.json",
        "predictions.jsonl",
        "log.jsonl",
        "model/config.json",
        "model/model.safetensors",
        "model/model.bpk",
        "model/tokenizer.json",
        "model/vocab.txt",
    ] {
        assert!(world.exists(&format!("run/{name}")), "{name}");
    }
    let metrics = json(&world.path("run/metrics.json"));
    assert_eq!(metrics["state"], "finished");
    assert_eq!(metrics["dev_examples"], 10);
    assert!(metrics["final"]["accuracy"].as_f64().unwrap() > 0.85, "{metrics}");

    let log = json_lines(&world.read("run/log.jsonl"));
    let of = |kind: &str| log.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(of("evaluation"), 8);
    assert_eq!(of("train"), 16);
    let first = log[0]["loss"].as_f64().unwrap();
    let last = log[log.len() - 2]["loss"].as_f64().unwrap();
    assert!(last < first / 2.0, "loss {first} to {last}");

    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["architectures"][0], "BertForSequenceClassification");
    assert_eq!(config["id2label"]["1"], "positive");
    assert_eq!(config["label2id"]["negative"], 0);

    let predictions = json_lines(&world.read("run/predictions.jsonl"));
    assert_eq!(predictions.len(), 10);
    let right = predictions
        .iter()
        .filter(|line| line["gold"] == line["label"])
        .count();
    assert_eq!(
        right as f64 / 10.0,
        metrics["final"]["accuracy"].as_f64().unwrap()
    );
}

#[test]
fn predict_and_eval_agree_with_the_run() {
    let world = World::new();
    world.short_run();
    let texts = ["the cast was superb", "the joke was dull"];
    let from_arguments = world.bert_with("predict run", &texts, b"");
    let from_input = world.bert_with("predict run", &[], texts.join("\n").as_bytes());
    world.write("texts.txt", texts.join("\n"));
    let from_file = world.bert("predict run --file texts.txt");
    world.write("texts.csv", format!("id,text\n1,{}\n2,{}\n", texts[0], texts[1]));
    let from_table = world.bert("predict run --file texts.csv --text-column text --batch-size 1");
    assert_eq!(from_arguments.code, 0, "{}", from_arguments.err);
    assert_eq!(from_arguments.out, from_input.out);
    assert_eq!(from_arguments.out, from_file.out);
    let lines = json_lines(&from_arguments.out);
    for (line, (text, label)) in lines.iter().zip(texts.iter().zip(["positive", "negative"])) {
        assert_eq!(line["text"], *text);
        assert_eq!(line["label"], label, "{line}");
        let sum: f64 = line["probabilities"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_f64)
            .sum();
        assert!((sum - 1.0).abs() < 1e-9);
    }
    let alone = json_lines(&from_table.out);
    for (one, other) in lines.iter().zip(&alone) {
        let probability = |line: &Value| line["probability"].as_f64().unwrap();
        assert!((probability(one) - probability(other)).abs() < 1e-6);
    }

    let eval = world.bert("eval run --data reviews.csv --json --predictions all.jsonl");
    assert_eq!(eval.code, 0, "{}", eval.err);
    let metrics: Value = serde_json::from_str(&eval.out).unwrap();
    assert_eq!(metrics["examples"], 96.0);
    let all = json_lines(&world.read("all.jsonl"));
    assert_eq!(all.len(), 96);
    let kept = json_lines(&world.read("run/predictions.jsonl"));
    for line in kept {
        let again = all.iter().find(|other| other["text"] == line["text"]).unwrap();
        let difference = line["probability"].as_f64().unwrap() - again["probability"].as_f64().unwrap();
        assert!(difference.abs() < 1e-6, "{line} {again}");
    }
    let info = world.bert("info run --json");
    let info: Value = serde_json::from_str(&info.out).unwrap();
    assert_eq!(info["labels"][1], "positive", "{info}");
}

#[test]
fn a_run_of_another_program_predicts_like_a_run_of_bert() {
    let world = World::new();
    world.short_run();
    let expected = world.bert("predict run good");
    // Programs choose the names of their corpora.
    let config = world.read("run/run.toml").replace("\"classify\"", "\"reviews\"");
    assert!(config.contains("\"reviews\""));
    world.write("run/run.toml", config);
    for run in ["run", "run/model"] {
        let outcome = world.bert(&format!("predict {run} good"));
        assert_eq!(
            (outcome.code, &outcome.out),
            (0, &expected.out),
            "{}",
            outcome.err
        );
    }
    let eval = world.bert("eval run --data reviews.csv");
    assert_eq!(eval.code, 0, "{}", eval.err);
    world.refuses("resume run", &["reviews"]);
}

#[test]
fn one_seed_gives_one_model_bit_for_bit() {
    let world = World::new();
    let train = |run: &str, seed: u64, threads: &str| {
        let words = format!(
            "train classify --model model --data reviews.csv --output {run} --seed {seed} --epochs 2 --device flex"
        );
        let output = world.command(&words).env("RAYON_NUM_THREADS", threads).output();
        let outcome = Outcome::of(output.unwrap());
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        std::fs::read(world.path(run).join("model/model.safetensors")).unwrap()
    };
    let one = train("one", 1, "2");
    assert!(one == train("again", 1, "2"), "two runs with one seed differ");
    for threads in ["1", "5"] {
        let again = train(&format!("with-{threads}"), 1, threads);
        assert!(one == again, "with {threads} threads it is another run");
    }
    assert!(one != train("other", 2, "2"), "the seed changes nothing");
}

#[test]
fn inputs_of_predict_are_checked() {
    let world = World::new();
    world.short_run();
    let refused = |input: &[u8], parts: &[&str]| {
        world
            .bert_with("predict run", &[], input)
            .refused("predict", parts)
    };
    refused(b"", &["standard input"]);
    refused(b" \n\n", &["standard input"]);
    // A blank line gets no answer, and the others do.
    let outcome = world.bert_with("predict run", &[], b"the film was good\n\nthe end was grim\n");
    assert_eq!(
        (outcome.code, json_lines(&outcome.out).len()),
        (0, 2),
        "{}",
        outcome.err
    );
    assert!(
        outcome
            .err
            .contains("standard input: line 2 is blank and gets no answer"),
        "{}",
        outcome.err
    );
    refused(
        b"the film was good\nthe end \xff\n",
        &["standard input", "line 2", "UTF-8"],
    );
    world.refuses("predict run --file nowhere.txt", &["nowhere.txt"]);
    world.refuses("predict run --max-length 4000 text", &["--max-length", "4000"]);
    world.write("stars.csv", "text,label\nthe film was good,five\n");
    world.refuses("eval run --data stars.csv", &["stars.csv", "line 2", "five"]);
    // A text that is too long is truncated, with a warning.
    let long = "the film was good ".repeat(500);
    let outcome = world.bert_with("predict run", &[&long], b"");
    assert_eq!(outcome.code, 0);
    assert!(
        outcome
            .err
            .contains("texts longer than --max-length were truncated: 1 of 1"),
        "{}",
        outcome.err
    );
    assert_eq!(json_lines(&outcome.out).len(), 1);
}

#[test]
fn diverging_training_ends_with_a_reason_and_no_model() {
    let world = World::new();
    let words = "train classify --model model --data reviews.csv --output run --device flex \
                 --lr 1 --warmup 0 --max-grad-norm 1e30 --epochs 200 --weight-decay 0.9";
    let outcome = world.bert(words);
    // A small model with LayerNorm may survive this, but it must never save non-finite weights.
    outcome.assert_calm(words);
    if outcome.code != 0 {
        assert!(outcome.err.contains("not finite"), "{}", outcome.err);
    }
    let bytes = std::fs::read(world.path("run/model/model.safetensors"));
    if let Ok(bytes) = bytes {
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        for (name, tensor) in file.iter() {
            let values = tensor
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b));
            assert!(values.into_iter().all(f32::is_finite), "{name}");
        }
    }
}
