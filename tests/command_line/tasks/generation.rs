//! Language models that read and write from left to right, and the scores of texts.

use serde_json::{Value, json};

use super::{SHORT, answer, train_and_evaluate};
use crate::program::{NEGATIVE, POSITIVE, World, json as read_json, json_lines, reviews};
use crate::runs::resume::assert_same;

/// One sentence on each line.
fn sentences() -> String {
    let reviews = reviews();
    let texts = reviews.lines().skip(1).filter_map(|line| line.split(',').next());
    texts.map(|text| format!("{text}\n")).collect()
}

/// A world with a language model in `run`.
fn trained() -> (World, Value) {
    let world = World::new();
    world.write("corpus.txt", sentences());
    let metrics = train_and_evaluate(&world, "lm", "corpus.txt", 20, "--line-by-line");
    (world, metrics)
}

fn lines(world: &World, words: &str, more: &[&str], input: &[u8]) -> Vec<Value> {
    let outcome = world.bert_with(words, more, input);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    json_lines(&outcome.out)
}

#[test]
fn a_bert_learns_to_write_on() {
    let (world, metrics) = trained();
    // Two of five tokens of a sentence are open: one of 8 nouns, and one of 12 adjectives. At best, 0.64 and 2.5.
    let last = &metrics["final"];
    assert!(last["accuracy"].as_f64().unwrap() > 0.55, "{metrics}");
    assert!(last["perplexity"].as_f64().unwrap() < 3.2, "{metrics}");
    let config = read_json(&world.path("run/model/config.json"));
    assert_eq!(config["architectures"], json!(["BertLMHeadModel"]));
    let ids = ["is_decoder", "bos_token_id", "eos_token_id", "pad_token_id"].map(|name| &config[name]);
    assert_eq!(ids, [&json!(true), &json!(2), &json!(3), &json!(0)]);
    let card = world.read("run/model/README.md");
    assert!(
        card.contains("transformers.BertLMHeadModel") && card.contains("bert generate path/to/this/folder"),
        "{card}"
    );
    assert!(world.read("run/report.html").contains("Examples of next words"));
    let prediction = &json_lines(&world.read("run/predictions.jsonl"))[0];
    assert_eq!(prediction["next"]["gold"], "good", "{prediction}");

    let read = answer(&world, "", &["the film was good", "good was film the"], b"");
    assert_eq!(read[0]["text"], "the film was good");
    assert_eq!(read[0]["tokens"], 4);
    assert!(
        read[0]["perplexity"].as_f64() < read[1]["perplexity"].as_f64(),
        "{read:?}"
    );

    let written = lines(&world, "generate run", &["the film", ""], b"");
    assert_eq!(written.len(), 2);
    for (line, prompt) in written.iter().zip(["the film", ""]) {
        assert_eq!((&line["prompt"], &line["end"]), (&json!(prompt), &json!("end")));
        let words: Vec<&str> = line["text"].as_str().unwrap().split(' ').collect();
        assert!(
            matches!(words[..], ["the", _, "was", last] if POSITIVE.contains(&last) || NEGATIVE.contains(&last)),
            "{line}"
        );
        assert!(line["log_probability"].as_f64().unwrap() < 0.0);
    }
    assert_eq!(
        (&written[0]["tokens"], &written[0]["pieces"][0]),
        (&json!(2), &json!("was"))
    );
    let from_input = lines(
        &world,
        "generate run --max-new-tokens 1",
        &[],
        b"the film\nthe plot\n",
    );
    assert_eq!(from_input[1]["text"], "the plot was");
    assert_eq!(from_input[1]["end"], "max_new_tokens");
    world.write("prompts.csv", "text\nthe film\nthe plot\n");
    assert_eq!(
        lines(
            &world,
            "generate run --max-new-tokens 1 --file prompts.csv",
            &[],
            b""
        ),
        from_input
    );

    let drawn = |options: &str| {
        let all = lines(
            &world,
            &format!("generate run {options} --num-sequences 12"),
            &["the"],
            b"",
        );
        let texts: Vec<String> = all.iter().map(|line| line["text"].to_string()).collect();
        texts
    };
    let first = drawn("--top-k 40 --seed 1");
    assert_eq!(drawn("--top-k 40 --seed 1 --temperature 1"), first);
    assert_ne!(drawn("--top-k 40 --seed 2"), first);
    assert!(first.iter().any(|text| *text != first[0]), "{first:?}");
    let greedy = written[1]["text"].to_string();
    assert!(drawn("--top-k 1").iter().all(|text| *text == greedy));

    // The next training starts from it, or from BERT again.
    let words = format!(
        "train pretrain --data corpus.txt --dev corpus.txt --line-by-line --output masked --epochs 10 {SHORT}"
    );
    let outcome = world.bert(&words.replace("--model model", "--model run"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(!outcome.err.contains("newly initialised"), "{}", outcome.err);
    assert_eq!(
        read_json(&world.path("masked/model/config.json")).get("is_decoder"),
        None
    );

    becomes_a_classifier(&world);
    scores_rank_texts(&world);
    refusals(&world);
}

/// The causal model in `run` as the start of a classifier, which reads in both directions.
fn becomes_a_classifier(world: &World) {
    let words = "train classify --model run --data reviews.csv --output labels --epochs 2 --batch-size 8 --device flex --watch quiet";
    let outcome = world.bert(words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let path = world.path("labels/model/config.json");
    let mut config = read_json(&path);
    assert_eq!(config.get("is_decoder"), None);
    config["is_decoder"] = json!(true);
    world.write("labels/model/config.json", config.to_string());
    world.refuses("predict labels text", &["labels/model", "left to right"]);
}

/// By the causal model in `run` and the masked one in `masked`.
fn scores_rank_texts(world: &World) {
    for model in ["run", "masked"] {
        let outcome = world.bert_with(
            &format!("score {model}"),
            &["the film was good", "the plot was very bad"],
            b"",
        );
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let found = json_lines(&outcome.out);
        assert_eq!([&found[0]["tokens"], &found[1]["tokens"]], [&json!(4), &json!(5)]);
        let [likelihood, perplexity] =
            ["log_likelihood", "perplexity"].map(|name| found[0][name].as_f64().unwrap());
        assert!((perplexity - (-likelihood / 4.0).exp()).abs() < 1e-9, "{found:?}");
        assert!(
            outcome.err.contains("perplexity over all 9 tokens: "),
            "{}",
            outcome.err
        );
        assert_eq!(outcome.err.contains("pseudo-perplexity"), model == "masked");
        let cut = lines(
            world,
            &format!("score {model} --max-length 4 --batch-size 1"),
            &[],
            b"the film was good\nthe film\n",
        );
        assert_eq!(
            [&cut[0]["truncated"], &cut[1]["truncated"]],
            [&json!(true), &Value::Null]
        );
        let words = format!("score {model} --max-length 4");
        let note = world.bert_with(&words, &["the film was good"], b"").err;
        assert!(
            note.contains("texts longer than --max-length were truncated: 1 of 1"),
            "{note}"
        );

        world.write(
            "pairs.txt",
            "the film was good\tfilm good the was\nplot bad the was\tthe plot was bad\n",
        );
        world.write(
            "pairs.csv",
            "a,b\nthe film was good,film good the was\nplot bad the was,the plot was bad\n",
        );
        let by_line = world.bert(&format!("score {model} --pairs pairs.txt"));
        assert_eq!(by_line.code, 0, "{}", by_line.err);
        assert!(
            by_line
                .err
                .contains("the first text is likelier in 1 of 2 pairs (50.0 %)"),
            "{}",
            by_line.err
        );
        let found = json_lines(&by_line.out);
        assert_eq!(
            [&found[0]["likelier"], &found[1]["likelier"]],
            [&json!("first"), &json!("second")]
        );
        assert_eq!(found[1]["first"], "plot bad the was");
        assert!(found[0]["log_likelihoods"][0].as_f64() > found[0]["log_likelihoods"][1].as_f64());
        let by_column = world.bert(&format!(
            "score {model} --pairs pairs.csv --text-column a --second-column b"
        ));
        assert_eq!(by_column.out, by_line.out, "{}", by_column.err);
    }
    assert_eq!(
        lines(world, "score run", &["the film was good"], b"")[0]["log_likelihood"],
        answer(world, "", &["the film was good"], b"")[0]["log_likelihood"]
    );
    world.write("one.txt", "the film\n");
    world.refuses("score run --pairs one.txt", &["one.txt, line 1: 1 text where"]);
    world.refuses(
        "score model",
        &["model: this model has no language-modelling head"],
    );
    world.refuses("score run --max-length 999", &["--max-length", "999"]);
    for (command, option) in [("score", "--file"), ("score", "--pairs"), ("generate", "--file")] {
        for file in ["no.txt", "no.csv"] {
            let missing = format!("{option}: {file}");
            world.refuses(&format!("{command} run {option} {file}"), &[&missing]);
        }
    }
}

fn refusals(world: &World) {
    world.refuses(
        "generate masked",
        &["masked", "does not read texts from left to right"],
    );
    world.refuses("generate model", &["no language-modelling head"]);
    world.refuses(
        "generate run --num-sequences 2",
        &["--num-sequences above 1", "--temperature"],
    );
    world.refuses("generate run --top-p 1.5", &["--top-p is 1.5"]);
    world.refuses("generate run --temperature -1", &["--temperature is -1"]);
    world.refuses(
        "generate run --temperature 0 --top-k 3",
        &["--top-k", "--temperature"],
    );
    let long = "film ".repeat(200);
    let outcome = world.bert_with("generate run", &["the", &long], b"");
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.err.contains(
            "prompt 2: the prompt has 201 tokens, special tokens included; this model reads at most 128"
        ),
        "{}",
        outcome.err
    );
    world.write("prompts.txt", format!("\n{long}\n"));
    world.refuses(
        "generate run --file prompts.txt",
        &["prompts.txt, line 2: the prompt has 201 tokens"],
    );
    world.write("prompts.csv", "beginning,number\nthe film,1\n");
    let from_table = "generate run --file prompts.csv --text-column beginning";
    assert_eq!(lines(world, from_table, &[], b"").len(), 1);
    let filled = "film ".repeat(120);
    let written = lines(
        world,
        "generate run --top-k 40 --max-new-tokens 500 --num-sequences 4",
        &[&filled],
        b"",
    );
    assert!(
        written.iter().all(|line| line["tokens"].as_u64() <= Some(7)),
        "{written:?}"
    );
    let outcome = world.bert_with("predict masked", &["the film was good"], b"");
    outcome.refused("predict", &["has no [MASK]"]);
    world.refuses(
        "train lm --model model --data corpus.txt --output new --documents --line-by-line",
        &["--documents", "--line-by-line"],
    );
}

#[test]
fn texts_end_where_the_files_say_and_a_stopped_run_resumes() {
    let world = World::new();
    let text = sentences();
    let documents: Vec<&str> = text.lines().collect();
    let documents: Vec<String> = documents.chunks(3).map(|lines| lines.join("\n") + "\n").collect();
    world.write("corpus.txt", documents.join("\n"));
    let words = "train lm --vocabulary model --size tiny --layers 1 --data corpus.txt --documents --device flex \
                 --max-length 24 --batch-size 4 --save-every 3 --watch quiet --lr 1e-3";
    let whole = world.bert(&format!("{words} --output whole --epochs 3"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    // Each document is one row: 12 tokens and the end.
    let predictions = json_lines(&world.read("whole/predictions.jsonl"));
    assert!(
        !predictions.is_empty() && predictions.iter().all(|line| line["tokens"] == 13),
        "{predictions:?}"
    );
    let (mut child, mut said) = crate::program::start(world.command(&format!(
        "{} --output run --epochs 3",
        words.replace("--watch quiet", "--watch steps")
    )));
    use std::io::{BufRead, Read};
    let mut text = String::new();
    for _ in 0..9 {
        said.read_line(&mut text).unwrap();
    }
    child.kill().unwrap();
    said.read_to_string(&mut text).unwrap();
    child.wait().unwrap();
    let resumed = world.bert(&format!("{words} --output run --epochs 3 --resume"));
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert_same(&world.path("run"), &world.path("whole"));
}
