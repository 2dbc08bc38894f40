//! The report, the model card, completions, manual pages and event files.

use crate::program::{World, json};

/// Expects the page to load no other file.
fn assert_alone(page: &str) {
    for sign in [
        "http://", "https://", "//cdn", "<script", "<link", "<iframe", "@import", "url(", "src=",
    ] {
        assert!(!page.contains(sign), "the page has {sign}");
    }
}

/// Expects every element to be closed, in order.
fn assert_balanced(page: &str) {
    const EMPTY: [&str; 2] = ["!doctype", "meta"];
    let mut open: Vec<&str> = vec![];
    let body = page.split_once("</style>").unwrap().1;
    for tag in body.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
        match tag.strip_prefix('/') {
            Some(_) => assert_eq!(open.pop(), Some(name), "at </{name}>"),
            None if tag.ends_with('/') || EMPTY.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert_eq!(open.len(), 0, "{open:?}");
}

#[test]
fn a_run_ends_with_a_page_that_needs_no_other_file() {
    let world = World::new();
    world.short_run();
    let page = world.read("run/report.html");
    assert_alone(&page);
    assert_balanced(&page.replace("</head>", "").replace("</html>", ""));
    for part in [
        "<h1>run",
        "Labels of texts or of pairs of texts",
        "Confusion matrix",
        "95 % interval",
        "prefers-color-scheme: dark",
        "Learning rate",
        "max_length",
        "padding",
    ] {
        assert!(page.contains(part), "no {part:?} on the page");
    }
    assert!(!page.contains("NaN"), "a figure is not a number");
    let metrics = json(&world.path("run/metrics.json"));
    let accuracy = metrics["final"]["accuracy"].as_f64().unwrap();
    assert!(page.contains(&format!("{accuracy:.4}")), "{accuracy}");
    assert!(
        metrics["peak_memory_bytes"]
            .as_u64()
            .is_none_or(|bytes| bytes > 1 << 20),
        "{metrics}"
    );

    // The same files give the same page.
    let again = world.bert("report run");
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(page == world.read("run/report.html"), "the page changed");
}

#[test]
fn runs_are_compared_side_by_side() {
    let world = World::new();
    world.short_run();
    let words =
        "train classify --model model --data reviews.csv --output other --epochs 1 --seed 7 --device flex";
    assert_eq!(world.bert(words).code, 0);
    let outcome = world.bert("report run other --output both.html");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let page = world.read("both.html");
    assert_alone(&page);
    for part in [
        "2 runs",
        "what differs",
        "seed",
        ">7<",
        "other training",
        "run evaluation",
    ] {
        assert!(page.contains(part), "no {part:?} on the page");
    }
}

#[test]
fn texts_on_a_page_are_escaped() {
    let world = World::new();
    let mut texts = crate::program::reviews();
    for _ in 0..12 {
        texts += "the <script>alert(1)</script> was good,negative\n";
    }
    world.write("reviews.csv", texts);
    world.short_run();
    let page = world.read("run/report.html");
    assert_alone(&page);
}

#[test]
fn folders_that_are_not_runs_are_refused() {
    let world = World::new();
    world.refuses("report model", &["model", "no run here"]);
    world.short_run();
    let log = world.read("run/log.jsonl");
    // A killed run may leave an incomplete last line. An incomplete line in the middle is damage.
    world.write("run/log.jsonl", format!("{log}{{\"type\":\"tr"));
    assert_eq!(world.bert("report run").code, 0);
    world.write("run/log.jsonl", format!("{{\"type\":\"tr\n{log}"));
    world.refuses("report run", &["run/log.jsonl", "line 1"]);
    world.write("run/log.jsonl", log);
    world.write("run/predictions.jsonl", "{\"text\":\"a\",\"gold\":\"b\"}\n");
    world.refuses("report run", &["run/predictions.jsonl", "line 1", "label"]);
    // A run has a page even before its first evaluation.
    for name in ["metrics.json", "predictions.jsonl", "log.jsonl"] {
        std::fs::remove_file(world.path("run").join(name)).unwrap();
    }
    assert_eq!(world.bert("report run").code, 0);
    assert!(world.read("run/report.html").contains("no evaluation yet"));
}

#[test]
fn the_model_card_has_task_data_recipe_and_results() {
    let world = World::new();
    world.short_run();
    let card = world.read("run/model/README.md");
    let matter = card
        .strip_prefix("---\n")
        .unwrap()
        .split_once("\n---\n")
        .unwrap()
        .0;
    let accuracy = json(&world.path("run/metrics.json"))["final"]["accuracy"].to_string();
    for part in [
        "library_name: transformers",
        "pipeline_tag: text-classification",
        "model-index:",
        "type: \"matthews_correlation\"",
        &format!("value: {accuracy}"),
    ] {
        assert!(matter.contains(part), "no {part:?} in {matter}");
    }
    for part in [
        "BertForSequenceClassification",
        "| batch-size | 8 |",
        "## Limits",
        "| accuracy |",
        "86 examples",
    ] {
        assert!(card.contains(part), "no {part:?} in {card}");
    }
    // The path of the model on this machine is private.
    assert!(!card.contains(&world.dir.path().display().to_string()), "{card}");
}

#[test]
fn completions_and_manual_come_from_the_same_definition() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = world.bert(&format!("completions {shell}"));
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        for part in ["bert", "cola", "warmup", "config"] {
            assert!(outcome.out.contains(part), "{shell} does not know {part}");
        }
    }
    let page = world.bert("man");
    assert!(
        page.out.starts_with(".ie") || page.out.contains(".TH bert"),
        "{}",
        page.out
    );
    assert_eq!(world.bert("man pages").code, 0);
    for name in ["bert.1", "bert-train.1", "bert-train-cola.1", "bert-report.1"] {
        assert!(world.exists(&format!("pages/{name}")), "{name}");
    }
    assert!(world.read("pages/bert-train-cola.1").contains("warmup"));
}

#[test]
fn event_files_are_written_on_request() {
    let world = World::new();
    let words = "train classify --model model --data reviews.csv --output run --epochs 1 --device flex --log tensorboard";
    let outcome = world.bert(words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let file = std::fs::read_dir(world.path("run/tensorboard"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert!(
        file.file_name()
            .to_string_lossy()
            .starts_with("events.out.tfevents.")
    );
    let bytes = std::fs::read(file.path()).unwrap();
    for tag in [
        "brain.Event:2",
        "run.toml",
        "train/loss",
        "evaluation/accuracy",
        "train/padding",
    ] {
        assert!(
            bytes.windows(tag.len()).any(|window| window == tag.as_bytes()),
            "{tag}"
        );
    }
}
