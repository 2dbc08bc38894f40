//! Faulty text files: errors name file, place and reason, and nothing is written.

use crate::program::World;

const TRAIN: &str = "train classify --model model --output run --device flex --data";

#[test]
fn errors_in_text_files_are_reported_by_file_line_and_field() {
    let world = World::new();
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("empty.csv", b"", &["empty.csv"]),
        ("header.csv", b"text,label\n", &["header.csv"]),
        (
            "few.csv",
            b"text,label\na,x\nb,y\n",
            &["few.csv", "set --dev to a file for evaluation"],
        ),
        (
            "blank.csv",
            b"text,label\na,x\n,y\n",
            &["blank.csv", "line 3", "text"],
        ),
        (
            "nolabel.csv",
            b"text,label\na,x\nb,\n",
            &["nolabel.csv", "line 3", "label"],
        ),
        (
            "wide.csv",
            b"text,label\na,x\nb,y,z\n",
            &["wide.csv", "line 3", "3"],
        ),
        ("narrow.tsv", b"text\tlabel\na\tx\nb\n", &["narrow.tsv", "line 3"]),
        (
            "bytes.csv",
            b"text,label\na,x\nb\xff\xfe,y\n",
            &["bytes.csv", "line 3", "UTF-8"],
        ),
        ("quote.csv", b"text,label\na,x\n\"b,y\n", &["quote.csv", "line 3"]),
        (
            "cut.jsonl",
            b"{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"la",
            &["cut.jsonl", "line 2"],
        ),
        (
            "kind.jsonl",
            b"{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":[1],\"label\":\"y\"}\n",
            &["kind.jsonl", "line 2", "text"],
        ),
        (
            "lacks.jsonl",
            b"{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\"}\n",
            &["lacks.jsonl", "line 2", "label"],
        ),
        ("odd.xlsx", b"text,label\n", &["odd.xlsx", ".csv"]),
    ];
    for (name, bytes, parts) in cases {
        world.write(name, bytes);
        world.refuses(&format!("{TRAIN} {name}"), parts);
    }
    let one_label = format!("text,label\n{}", "good,x\n".repeat(30));
    world.write("one.csv", one_label);
    world.refuses(&format!("{TRAIN} one.csv"), &["one.csv", "label"]);
    world.refuses(&format!("{TRAIN} nowhere.csv"), &["nowhere.csv"]);
    world.refuses(
        &format!("{TRAIN} reviews.csv --label-column stars"),
        &["reviews.csv", "stars", "text, label"],
    );
    world.refuses(
        &format!("{TRAIN} reviews.csv --text-column body"),
        &["reviews.csv", "body"],
    );
    assert!(!world.exists("run"), "a refusal left something behind");
}

#[test]
fn labels_missing_in_train_are_reported_with_their_line() {
    let world = World::new();
    world.write(
        "dev.csv",
        "text,label\nthe film was good,positive\nthe end was fine,neutral\n",
    );
    let parts = ["dev.csv", "line 3", "neutral", "positive"];
    world.refuses(&format!("{TRAIN} reviews.csv --dev dev.csv"), &parts);
    world.write("data/dev.csv", world.read("reviews.csv"));
    world.refuses(&format!("{TRAIN} data"), &["data", "no train file", "train.csv"]);
    assert!(!world.exists("run"));
}

#[test]
fn errors_in_published_corpora_are_reported() {
    let world = World::new();
    let good = "gj04\t1\t\tThe film was good.\n";
    let cola = |train: &str| {
        world.write("cola/in_domain_train.tsv", train);
        world.write("cola/in_domain_dev.tsv", good);
        world.write("cola/out_of_domain_dev.tsv", good);
    };
    let words = "train cola --model model --data cola --output run --device flex";
    cola(&format!("{good}gj04\t2\t\tThe end was.\n"));
    world.refuses(words, &["in_domain_train.tsv", "line 2", "2"]);
    cola(&format!("{good}gj04\t0\tThe end was.\n"));
    world.refuses(words, &["in_domain_train.tsv", "line 2"]);
    world.refuses("train cola --model model --data nowhere", &["nowhere"]);
    world.write("sst2/train.tsv", "sentence\tlabel\ngood\t1\nbad\t7\n");
    world.write("sst2/dev.tsv", "sentence\tlabel\ngood\t1\n");
    world.refuses(
        "train sst2 --model model --data sst2 --output run",
        &["train.tsv", "line 3", "7"],
    );
    world.refuses("train cola --model model", &["--data"]);
    assert!(!world.exists("run"));
}

#[test]
fn texts_of_another_kind_than_the_model_reads_are_refused() {
    let world = World::new();
    world.short_run();
    let refused = |words: &[&str], parts: &[&str]| {
        let outcome = world.bert_with("predict", words, b"");
        outcome.refused(&format!("predict {words:?}"), parts);
    };
    let single = "this model reads single texts";
    refused(
        &["run", "--question", "Who?", "--passage", "Ann."],
        &["--question", single],
    );
    refused(
        &["run", "--first", "a film", "--second", "a plot"],
        &["--first", single],
    );
    for command in ["predict", "eval", "generate", "score", "report", "info", "resume"] {
        let outcome = world.bert_with(command, &["reviews.csv"], b"");
        outcome.refused(command, &["reviews.csv: this is a file", "folder"]);
    }
}
