//! Training, evaluation and prediction for every task, and errors in its files.

use serde_json::{Value, json};

use super::program::{NEGATIVE, POSITIVE, World, json, json_lines};

const SHORT: &str = "--model model --max-length 24 --batch-size 8 --lr 3e-3 --device flex";

/// Trains on `data`, then evaluates the run's model on the same file, once as a run and once as a folder with only Hugging
/// Face's files: all three must agree.
fn train_and_evaluate(world: &World, corpus: &str, data: &str, epochs: usize, options: &str) -> Value {
    let words =
        format!("train {corpus} --data {data} --dev {data} --output run --epochs {epochs} {SHORT} {options}");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let metrics = json(&world.path("run/metrics.json"));
    assert_eq!(metrics["task"], corpus);
    std::fs::create_dir_all(world.path("elsewhere")).unwrap();
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(
            world.path("run/model").join(file),
            world.path("elsewhere").join(file),
        )
        .unwrap();
    }
    for (folder, options) in [("run", ""), ("elsewhere", options)] {
        let outcome = world.bert(&format!(
            "eval {folder} --data {data} --json {options} --max-length 24"
        ));
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let judged: Value = serde_json::from_str(&outcome.out).unwrap();
        for (name, value) in metrics["final"].as_object().unwrap() {
            let (a, b) = (judged[name].as_f64().unwrap(), value.as_f64().unwrap());
            assert!((a - b).abs() < 1e-6, "{folder}, {name}: {a} for {b}");
        }
    }
    metrics
}

fn answer(world: &World, words: &str, more: &[&str], input: &[u8]) -> Vec<Value> {
    let outcome = world.bert_with(&format!("predict run {words}"), more, input);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    json_lines(&outcome.out)
}

/// Pairs of sentences. The label says whether their adjectives are of the same kind.
fn pairs() -> String {
    let mut text = String::from("premise,hypothesis,label\n");
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        for (other, worse) in POSITIVE.iter().zip(NEGATIVE) {
            text += &format!("the film was {good},the film was {other},same\n");
            text += &format!("the film was {bad},the film was {other},other\n");
            text += &format!("the film was {bad},the film was {worse},same\n");
            text += &format!("the film was {good},the film was {worse},other\n");
        }
    }
    text
}

#[test]
fn pairs_of_texts_are_classified() {
    let world = World::new();
    world.write("pairs.csv", pairs());
    let metrics = train_and_evaluate(&world, "classify", "pairs.csv", 2, "--pairs");
    assert!(metrics["final"]["accuracy"].is_number());
    let expected = answer(&world, "", &["the film was good", "the film was bad"], b"");
    assert_eq!(expected[0]["second"], "the film was bad");
    assert!(expected[0]["probabilities"]["same"].is_number());
    let both = ["--first", "the film was good", "--second", "the film was bad"];
    assert_eq!(answer(&world, "", &both, b""), expected);
    let tabs = b"the film was good\tthe film was bad\n";
    assert_eq!(answer(&world, "", &[], tabs), expected);
    let lines = br#"{"premise": "the film was good", "hypothesis": "the film was bad"}"#;
    assert_eq!(answer(&world, "", &[], lines), expected);
    world.write("new.jsonl", lines);
    assert_eq!(answer(&world, "--file new.jsonl", &[], b""), expected);
    let outcome = world.bert_with("predict run", &["one text alone"], b"");
    outcome.refused("predict run", &["odd number of texts", "pairs of texts"]);
    // The model folder of a run counts as the run, whose settings say that it reads pairs.
    let outcome = world.bert_with(
        "predict run/model",
        &["the film was good", "the film was bad"],
        b"",
    );
    assert_eq!(json_lines(&outcome.out), expected, "{}", outcome.err);
    let more = ["--second", "the film was bad", "the film was good"];
    world
        .bert_with("predict run", &more, b"")
        .refused("--second", &["--second"]);
    let words = format!("train classify --data pairs.csv {SHORT} --output new");
    world.refuses(&words, &["pairs.csv", "`premise` and `hypothesis`", "--pairs"]);
    world.write("half.csv", "premise,hypothesis,label\na,,same\n");
    let words = format!("train classify --pairs --data half.csv {SHORT} --output new");
    world.refuses(&words, &["half.csv, line 2, column `hypothesis`", "empty text"]);
    let words = format!("train rte --data pairs.csv --text-column premise {SHORT} --output new");
    world.refuses(&words, &["--text-column means nothing for rte"]);
}

#[test]
fn regression_predicts_a_number_for_each_text() {
    let world = World::new();
    let mut text = String::from("text\tscore\n");
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        text += &format!("the film was {good}\t5\nthe film was very {good}\t4.5\nthe film was {bad}\t0.5\n");
    }
    world.write("scores.tsv", text);
    let options = "--clip-below 0 --clip-above 5";
    let metrics = train_and_evaluate(&world, "regress", "scores.tsv", 60, options);
    assert!(metrics["final"]["pearson"].as_f64().unwrap() > 0.8, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["problem_type"], "regression");
    assert_eq!(config["architectures"], json!(["BertForSequenceClassification"]));
    let found = answer(&world, "", &["the film was good", "the film was grim"], b"");
    assert!(
        found[0]["score"].as_f64() > found[1]["score"].as_f64(),
        "{found:?}"
    );
    let clipped = answer(
        &world,
        "--clip-above=-3 --clip-below=-3",
        &["the film was good"],
        b"",
    );
    assert_eq!(clipped[0]["score"], -3.0);
    world.write("odd.tsv", "text\tscore\nthe film\thigh\n");
    let words = format!("train regress --data odd.tsv {SHORT} --output new");
    world.refuses(
        &words,
        &["odd.tsv, line 2, column `score`", "`high` is not a finite number"],
    );
    let words = format!("train regress --data scores.tsv {SHORT} --clip-below 3 --clip-above 2 --output new");
    world.refuses(&words, &["--clip-below 3 is above --clip-above 2"]);
    let words = format!("train stsb --data scores.tsv --dev scores.tsv {SHORT} --output new");
    world.refuses(&words, &["scores.tsv"]);
}

#[test]
fn words_are_tagged() {
    let world = World::new();
    let mut text = String::new();
    for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
        for noun in ["film", "plot", "song"] {
            text += &format!(
                "the O\n{noun} B-WORK\nwas O\n{good} B-VIEW\n \nvery B-VIEW\n{bad} I-VIEW\n{noun} B-WORK\n\n"
            );
        }
    }
    world.write("tags.conll", text);
    let metrics = train_and_evaluate(&world, "tag", "tags.conll", 12, "");
    assert!(metrics["final"]["f1"].as_f64().unwrap() > 0.8, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["id2label"]["0"], "O");
    assert_eq!(config["architectures"], json!(["BertForTokenClassification"]));
    let found = answer(&world, "", &["the song was great"], b"");
    let words: Vec<_> = found[0]["words"].as_array().unwrap().iter().collect();
    assert_eq!(
        (words.len(), &words[1]["word"], &words[1]["start"]),
        (4, &json!("song"), &json!(4))
    );
    assert_eq!(
        (&words[1]["label"], &words[1]["end"]),
        (&json!("B-WORK"), &json!(8))
    );
    let work = &found[0]["entities"][0];
    assert_eq!(
        (&work["type"], &work["text"], &work["start"]),
        (&json!("WORK"), &json!("song"), &json!(4))
    );
    let given = br#"{"words": ["the", "song", "was", "great"]}"#;
    let again = answer(&world, "", &[], given);
    assert_eq!(again[0]["words"][3]["label"], words[3]["label"]);
    assert!(again[0]["words"][3].get("start").is_none());
    // A sentence of 60 words is split into windows, and every word gets a tag.
    let long = "the film was good ".repeat(15);
    assert_eq!(
        answer(&world, "", &[&long], b"")[0]["words"]
            .as_array()
            .unwrap()
            .len(),
        60
    );

    // Words without tags, in a file of columns.
    world.write("words.conll", "the\nsong\nwas\ngreat\n");
    let again = answer(&world, "--file words.conll", &[], b"");
    assert_eq!(again[0]["words"][1]["label"], "B-WORK");
    assert!(again[0]["words"][1].get("gold").is_none());

    world.write("narrow.conll", "the O\nfilm\n");
    let words = format!("train tag --data narrow.conll {SHORT} --output new");
    world.refuses(&words, &["narrow.conll, line 2", "1 column where at least 2"]);
    world.write("narrow.conllu", "1\tthe\tthe\tDET\n");
    let words = format!("train tag --data narrow.conllu {SHORT} --output new");
    world.refuses(
        &words,
        &["narrow.conllu, line 1", "4 fields where CoNLL-U has 10"],
    );
    let words = format!("train tag --data tags.conll --tags genus {SHORT} --output new");
    world.refuses(&words, &["--tags", "upos", "xpos"]);
}

#[test]
fn unknown_tags_are_reported_and_count_as_errors() {
    let world = World::new();
    world.write("train.conll", "the D\nfilm N\n\na D\nplot N\n");
    world.write("dev.conll", "the D\nfilm N\nwas V\n\nthe D\n");
    let words = format!("train tag --data train.conll --dev dev.conll --epochs 40 {SHORT} --output run");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.err.contains("V (1)"), "{}", outcome.err);
    assert!(outcome.err.contains("2 labels: D, N\n"), "{}", outcome.err);
    let metrics = json(&world.path("run/metrics.json"));
    assert_eq!(metrics["final"]["accuracy"], 0.75);
}

/// One question per adjective, about a passage that is longer than a window.
fn questions() -> String {
    let mut text = String::new();
    for (at, (good, bad)) in POSITIVE.iter().zip(NEGATIVE).enumerate() {
        let passage = format!(
            "the plot was {bad} a song was very {bad} the film was {good} the end was {bad} the story was very {bad}"
        );
        let start = passage.find(good).unwrap();
        let line = json!({
            "id": format!("q{at}"),
            "question": "the film was ?",
            "context": passage,
            "answers": {"text": [good], "answer_start": [start]},
        });
        text += &format!("{line}\n");
    }
    text
}

#[test]
fn questions_are_answered() {
    let world = World::new();
    world.write("questions.jsonl", questions());
    let options = "--stride 6 --n-best 3 --max-answer-length 4";
    let metrics = train_and_evaluate(&world, "qa", "questions.jsonl", 30, options);
    assert!(metrics["final"]["f1"].as_f64().unwrap() > 80.0, "{metrics}");
    let config = json(&world.path("run/model/config.json"));
    assert_eq!(config["architectures"], json!(["BertForQuestionAnswering"]));
    let predictions = json(&world.path("run/predictions.json"));
    let nbest = json(&world.path("run/nbest.json"));
    assert_eq!(predictions.as_object().unwrap().len(), 6);
    assert_eq!(nbest["q0"][0]["answer"], predictions["q0"]);
    assert_eq!(nbest["q0"].as_array().unwrap().len(), 3);
    world.refuses(
        "eval run --data questions.jsonl --predictions judged/all.jsonl",
        &["judged/all.jsonl"],
    );
    std::fs::create_dir(world.path("judged")).unwrap();
    world.refuses(
        "eval run --data questions.jsonl --predictions judged/predictions.json",
        &["judged/predictions.json", "another name"],
    );
    let outcome = world.bert("eval run --data questions.jsonl --predictions judged/all.jsonl");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert_eq!(json(&world.path("judged/predictions.json")), predictions);
    assert_eq!(json_lines(&world.read("judged/all.jsonl")).len(), 6);

    let passage = "the plot was grim — the film was lovely the end was dull";
    let asked = ["--question", "the film was ?", "--passage", passage];
    let found = answer(&world, "", &asked, b"");
    let (start, end) = (
        found[0]["start"].as_u64().unwrap(),
        found[0]["end"].as_u64().unwrap(),
    );
    let text: String = passage
        .chars()
        .skip(start as usize)
        .take((end - start) as usize)
        .collect();
    assert_eq!(found[0]["answer"], text);
    assert_eq!(found[0]["runners_up"].as_array().unwrap().len(), 2);
    let line = json!({"question": asked[1], "context": passage}).to_string();
    assert_eq!(answer(&world, "", &[], line.as_bytes()), found);
    let tabs = format!("{}\t{passage}\n", asked[1]);
    assert_eq!(answer(&world, "", &[], tabs.as_bytes()), found);

    // As in SQuAD 2.0, `[CLS]` may win.
    let none = answer(&world, "--no-answer --null-threshold=-1000", &asked, b"");
    assert_eq!(
        (&none[0]["answer"], none[0]["null_difference"].is_number()),
        (&json!(""), true)
    );
}

#[test]
fn errors_in_questions_are_reported() {
    let world = World::new();
    let fault = |name: &str, content: &str, parts: &[&str]| {
        world.write(name, content);
        world.refuses(
            &format!("train qa --data {name} --dev {name} {SHORT} --output new"),
            parts,
        );
    };
    fault(
        "cut.json",
        "{\"data\": [\n{\"title\": \"T\"",
        &["cut.json, line 2", "SQuAD"],
    );
    let beyond = r#"{"id": "a", "question": "who?", "context": "the film", "answers": {"text": ["end"], "answer_start": [90]}}"#;
    fault(
        "beyond.jsonl",
        beyond,
        &["beyond.jsonl, line 1", "begins at character 90"],
    );
    fault(
        "none.jsonl",
        r#"{"question": "who?", "context": "the film"}"#,
        &["none.jsonl, line 1", "answers"],
    );
    world.write("long.jsonl", questions());
    let short = SHORT.replace("24", "7");
    world.refuses(
        &format!("train qa --data long.jsonl --dev long.jsonl {short} --output new"),
        &["maximum length of 7 leaves no room", "at least 8"],
    );
    // An answer at a wrong position is reported, and the question still counts.
    let moved = json_lines(&questions()).into_iter().map(|mut line| {
        let start = line["answers"]["answer_start"][0].as_u64().unwrap();
        line["answers"]["answer_start"] = json!([start - u64::from(line["id"] == "q0")]);
        format!("{line}\n")
    });
    world.write("moved.jsonl", moved.collect::<String>());
    let words =
        format!("train qa --data moved.jsonl --dev moved.jsonl --epochs 1 {SHORT} --stride 6 --output moved");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome
            .err
            .contains("dev: questions with an answer that is not at its offset")
            && outcome.err.contains("1 (q0)"),
        "{}",
        outcome.err
    );
    // A question whose answer is not in its passage is not used in training.
    let lost = questions().replacen("\"text\":[\"good\"]", "\"text\":[\"dogs\"]", 1);
    assert_ne!(lost, questions());
    world.write("lost.jsonl", lost);
    let words = format!("train qa --data lost.jsonl --dev lost.jsonl --epochs 1 {SHORT} --output lost");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(
        outcome.err.contains("5 training examples") && outcome.err.contains("6 evaluation examples"),
        "{}",
        outcome.err
    );
}

#[test]
fn help_shows_a_tasks_own_options() {
    let world = World::new();
    let help = |corpus: &str| world.bert(&format!("train {corpus} --help")).out;
    let squad = help("squad");
    assert!(
        squad.contains("--stride") && squad.contains("--max-answer-length"),
        "{squad}"
    );
    assert!(
        !squad.contains("--null-threshold") && !squad.contains("--text-column"),
        "{squad}"
    );
    let pos = help("pos");
    assert!(pos.contains("--tags") && !pos.contains("--stride"), "{pos}");
    let tasks = world.bert("tasks --json").out;
    let tasks: Value = serde_json::from_str(&tasks).unwrap();
    let names: Vec<_> = tasks
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["task"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["classification", "regression", "tagging", "question-answering"]
    );
}
