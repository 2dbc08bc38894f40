//! Texts without labels: pre-training, and filling gaps.

use serde_json::json;

use super::{SHORT, answer, train_and_evaluate};
use crate::program::{NEGATIVE, POSITIVE, World, json, json_lines, reviews};
use crate::runs::resume::{Dice, assert_same, half_written};

/// Documents of four sentences each, with a blank line between them.
fn documents() -> String {
    let reviews = reviews();
    let lines: Vec<&str> = reviews
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    let documents = lines.chunks(4).map(|document| document.join("\n") + "\n");
    documents.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_model_is_pre_trained_further_and_then_fine_tuned() {
    let world = World::new();
    world.write("corpus.txt", documents());
    let metrics = train_and_evaluate(
        &world,
        "pretrain",
        "corpus.txt",
        20,
        "--nsp --mask-probability 0.3",
    );
    let last = &metrics["final"];
    assert!(last["masked_accuracy"].as_f64().unwrap() > 0.2, "{metrics}");
    assert!(last["perplexity"].as_f64().unwrap() < 26.0, "{metrics}");
    // Above chance: 32 of the 45 second sentences are random ones, and even so short a training learns that they are more.
    let nsp_accuracy = last["nsp_accuracy"].as_f64().unwrap();
    assert!(nsp_accuracy > 0.6, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["architectures"], json!(["BertForPreTraining"]));
    let card = world.read("run/model/README.md");
    assert!(
        card.contains("transformers.BertForPreTraining") && card.contains("pipeline_tag: fill-mask"),
        "{card}"
    );
    let report = world.read("run/report.html");
    assert!(
        report.contains("Examples of filled gaps") && report.contains("<mark>[MASK]</mark>"),
        "no examples"
    );
    let predictions = json_lines(&world.read("run/predictions.jsonl"));
    assert!(predictions[0]["gaps"][0]["gold"].is_string());
    let sum = |field: &str| -> f64 { predictions.iter().map(|line| line[field].as_f64().unwrap()).sum() };
    assert!(
        (sum("pairs_right") / sum("pairs") - nsp_accuracy).abs() < 1e-9,
        "{metrics}"
    );

    let found = answer(
        &world,
        "--top-k 3",
        &["The film was [MASK].", "[MASK] é [MASK]"],
        b"",
    );
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["text"], "The film was [MASK].");
    assert_eq!(found[0]["gaps"][0]["words"].as_array().unwrap().len(), 3);
    let best = found[0]["gaps"][0]["words"][0]["word"].as_str().unwrap();
    assert_eq!(found[0]["filled"], format!("The film was {best}."));
    assert!(POSITIVE.contains(&best) || NEGATIVE.contains(&best), "{found:?}");
    // Where the gaps are, in characters.
    let gaps = found[1]["gaps"].as_array().unwrap().iter();
    let places: Vec<_> = gaps
        .map(|gap| [gap["start"].as_u64(), gap["end"].as_u64()])
        .collect();
    assert_eq!(places, [[Some(0), Some(6)], [Some(9), Some(15)]]);
    world.refuses("predict run", &["standard input"]);
    let outcome = world.bert_with("predict run", &["the film was [MASK]", "the film was good"], b"");
    outcome.refused("predict", &["arguments, line 2: the text has no [MASK]"]);
    let outcome = world.bert_with("predict run --top-k 0", &["the [MASK]"], b"");
    outcome.refused("predict", &["--top-k is 0"]);

    // Its encoder starts a classifier, whose tokenizer is the same.
    let words = format!("train classify --data reviews.csv --output tuned --epochs 1 {SHORT}");
    let outcome = world.bert(&words.replace("--model model", "--model run"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome.err.contains("not used: cls.predictions.bias"),
        "{}",
        outcome.err
    );
    assert!(
        !outcome.err.contains("newly initialised: bert."),
        "{}",
        outcome.err
    );
    // And the classifier's encoder is pre-trained further.
    let words =
        format!("train pretrain --data corpus.txt --dev corpus.txt --output again --epochs 1 {SHORT}");
    let outcome = world.bert(&words.replace("--model model", "--model tuned"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let config = json(&world.path("again/model/config.json"));
    assert_eq!(config["architectures"], json!(["BertForMaskedLM"]));
    assert_eq!(config["id2label"], serde_json::Value::Null);
    world.refuses(
        "eval again --data corpus.txt --nsp",
        &["--nsp", "cls.seq_relationship.weight"],
    );
    world.refuses(
        "eval again --data corpus.txt --size tiny",
        &["--size is for training only"],
    );
}

#[test]
fn a_new_model_is_described_by_its_vocabulary_and_size() {
    let world = World::new();
    world.write("corpus.txt", documents());
    let words = "train pretrain --data corpus.txt --dev corpus.txt --vocabulary model/vocab.txt --size tiny --layers 1 --positions 20 \
                 --output run --epochs 2 --batch-size 8 --device flex";
    let outcome = world.bert(words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let config = json(&world.path("run/model/config.json"));
    let number = |name: &str| config[name].as_u64().unwrap();
    assert_eq!(
        [
            "num_hidden_layers",
            "hidden_size",
            "num_attention_heads",
            "intermediate_size"
        ]
        .map(number),
        [1, 128, 2, 512]
    );
    assert_eq!(
        [number("max_position_embeddings"), number("vocab_size")],
        [20, 29]
    );
    let settings = world.read("run/run.toml");
    assert!(
        settings.contains("max_length = 20") && settings.contains("size = \"tiny\""),
        "{settings}"
    );
    assert!(!settings.contains("\nmodel ="), "{settings}");
    // The settings of a run make the same run again, wherever it is started.
    let again = world.bert("train pretrain --config run/run.toml --output again");
    assert_eq!(again.code, 0, "{}", again.err);
    assert_same(&world.path("again"), &world.path("run"));

    let train = "train pretrain --data corpus.txt --output new";
    world.refuses(train, &["--model is missing", "or --vocabulary for a new one"]);
    world.refuses(
        &format!("{train} --model model --vocabulary model"),
        &["--model is a model to start from, and --vocabulary describes a new one"],
    );
    world.refuses(
        &format!("{train} --size tiny"),
        &["--size describes a new model and needs --vocabulary"],
    );
    world.refuses(
        &format!("{train} --vocabulary model --hidden 30 --heads 4"),
        &["--heads: 4 attention heads cannot share a width of 30"],
    );
    world.refuses(
        &format!("{train} --vocabulary nowhere.txt"),
        &["--vocabulary: ", "nowhere.txt"],
    );
    world.write("few.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\n");
    world.refuses(
        &format!("{train} --dev corpus.txt --vocabulary few.txt"),
        &["no mask token"],
    );
    world.refuses(
        &format!("{train} --vocabulary model --mask-probability 1"),
        &["--mask-probability is 1"],
    );
    world.refuses(
        &format!("{train} --vocabulary model --nsp --line-by-line"),
        &["--nsp", "--line-by-line"],
    );
    world.write(
        "settings.toml",
        "[options]\nvocabulary = \"model\"\nmask_probability = 2.0\n",
    );
    world.refuses(
        &format!("{train} --config settings.toml"),
        &["settings.toml, line 3", "`options.mask_probability` is 2"],
    );
    world.refuses("train cola --vocabulary model", &["--vocabulary"]);
    assert!(!world.exists("new"));
}

#[test]
fn faults_of_a_corpus_name_file_and_line() {
    let world = World::new();
    let train = format!("train pretrain --output new {SHORT}");
    world.write("bytes.txt", b"the film\nthe \xff plot\n");
    world.refuses(
        &format!("{train} --data bytes.txt"),
        &["bytes.txt, line 2: byte 5 of the line is not UTF-8"],
    );
    world.write("empty.txt", "\n\n \n");
    world.refuses(&format!("{train} --data empty.txt"), &["empty.txt: no rows"]);
    world.write("one.txt", documents().replace("\n\n", "\n"));
    world.refuses(
        &format!("{train} --data one.txt --dev one.txt --nsp"),
        &["one.txt, line 1: there is only one document here; --nsp needs several"],
    );
    world.refuses(
        &format!("{train} --data reviews.csv --text-column body"),
        &["no column `body`", "--text-column"],
    );
    world.refuses(
        &format!("{train} --data nowhere.txt"),
        &["--data: ", "nowhere.txt"],
    );
    let short = format!("{train} --data one.txt --nsp").replace("--max-length 24", "--max-length 4");
    world.refuses(&short, &["--max-length is 4"]);
    // A table works.
    let outcome = world.bert(&format!(
        "{train} --data reviews.csv --epochs 1 --line-by-line --whole-words"
    ));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome
            .err
            .contains("reviews.csv: texts are in the column `text`"),
        "{}",
        outcome.err
    );
}

#[test]
fn pre_training_killed_at_any_moment_equals_an_uninterrupted_run() {
    use std::io::{BufRead, Read};
    let world = World::new();
    world.write("corpus.txt", documents());
    let run = "train pretrain --model model --data corpus.txt --nsp --whole-words --device flex --watch steps --epochs 12 \
               --batch-size 4 --gradient-accumulation-steps 2 --lr 1e-3 --max-length 24 --logging-steps 1 --save-every 2";
    let whole = world.bert(&format!("{run} --output whole"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    let words = format!("{run} --output run --resume");
    let mut dice = Dice(1414);
    for kill in 0..8 {
        let (mut child, mut lines) = crate::program::start(world.command(&words));
        let mut said = String::new();
        for _ in 0..4 + dice.below(12) {
            if lines.read_line(&mut said).unwrap() == 0 {
                break;
            }
        }
        std::thread::sleep(std::time::Duration::from_micros(dice.below(4000)));
        child.kill().unwrap();
        lines.read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        assert!(!said.contains("bert:"), "kill {kill}: {said}");
    }
    let last = world.bert(&words);
    assert_eq!(last.code, 0, "{}", last.err);
    assert_eq!(half_written(&world.path("run")), [""; 0]);
    assert_same(&world.path("run"), &world.path("whole"));
}

/// A text of about `bytes` bytes, in documents of a few lines.
#[cfg(target_os = "linux")]
fn write_text(world: &World, name: &str, bytes: usize) {
    use std::io::Write;
    let mut out = std::io::BufWriter::new(std::fs::File::create(world.path(name)).unwrap());
    let (mut dice, mut written) = (Dice(7), 0);
    while written < bytes {
        let pick = |words: &[&'static str], dice: &mut Dice| words[dice.below(words.len() as u64) as usize];
        let line = format!(
            "the film was {} and the plot was very {}\n{}",
            pick(&POSITIVE, &mut dice),
            pick(&NEGATIVE, &mut dice),
            if dice.below(9) == 0 { "\n" } else { "" }
        );
        written += line.len();
        out.write_all(line.as_bytes()).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_follow_the_corpus() {
    let world = World::new();
    write_text(&world, "dev.txt", 1 << 12);
    let peak = |megabytes: usize, options: &str| -> f64 {
        write_text(&world, "corpus.txt", megabytes << 20);
        let words = format!(
            "train pretrain --model model --data corpus.txt --dev dev.txt --output run --overwrite --device flex \
             --max-length 64 --max-steps 2 --keep 0 --watch quiet {options}"
        );
        let outcome = world.bert(&words);
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        json(&world.path("run/metrics.json"))["peak_memory_bytes"]
            .as_f64()
            .unwrap()
            / f64::from(1 << 20)
    };
    for options in ["", "--nsp"] {
        let (small, large) = (peak(2, options), peak(96, options));
        println!("{options} 2 MiB: {small:.0} MiB, 96 MiB: {large:.0} MiB");
        // Up to 64 MiB of rows stay in memory. Texts and rows in memory would take 150 MiB, and what their making leaves behind.
        assert!(large < small + 90.0, "{options}: {small:.0} and {large:.0} MiB");
    }
}
