//! `bert tokenizer train`: from files to a tokenizer that a model can be trained with.

use bert_core::BertTokenizer;
use bert_core::tokenizer::Normalization;

use crate::program::{World, json};

const TEXT: &str = "the newest song was the lowest\nthe lower song was newer\n\nthe widest Film was wide\n";
const TRAIN: &str = "tokenizer train --output vocabulary --size 60";

/// The tokens of a folder, in the order of their ids.
fn tokens(world: &World, folder: &str) -> Vec<String> {
    let text = world.read(&format!("{folder}/vocab.txt"));
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_vocabulary_is_learnt_and_can_be_read() {
    let world = World::new();
    world.write("corpus.txt", TEXT);
    let outcome = world.bert(&format!("{TRAIN} corpus.txt"));
    assert_eq!((outcome.code, outcome.out.as_str()), (0, ""), "{outcome:?}");
    assert!(outcome.err.contains("vocabulary: "), "{}", outcome.err);
    assert!(
        outcome.err.contains("tokens from 10 different words"),
        "{}",
        outcome.err
    );
    assert!(
        !outcome.err.contains('\r'),
        "progress without a terminal: {}",
        outcome.err
    );

    let learnt = tokens(&world, "vocabulary");
    assert_eq!(learnt[..5], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
    assert!(
        learnt.contains(&"the".into()) && learnt.contains(&"song".into()),
        "{learnt:?}"
    );
    let tokenizer = BertTokenizer::from_dir(&world.path("vocabulary")).unwrap();
    assert_eq!(tokenizer.vocab_size(), learnt.len());
    assert_eq!(tokenizer.normalization(), Some(Normalization::uncased()));
    for line in TEXT.lines() {
        let ids = tokenizer.encode(line, None, 128).unwrap().ids;
        assert!(!ids.contains(&tokenizer.unk_id()), "{line}");
    }
    let config = json(&world.path("vocabulary/tokenizer_config.json"));
    assert_eq!(config["tokenizer_class"], "BertTokenizer");
    assert_eq!(config["do_lower_case"], true);
    let left: Vec<_> = std::fs::read_dir(world.path("vocabulary")).unwrap().collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn options_change_the_vocabulary_and_its_settings() {
    let world = World::new();
    world.write("corpus.txt", format!("{TEXT}Été 東京 東京\n"));
    let words = "--cased --special-token <user> --special-token <bot> --min-frequency 1 --size 200";
    let outcome = world.bert(&format!("tokenizer train corpus.txt --output cased {words}"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let cased = tokens(&world, "cased");
    assert_eq!(cased[5..7], ["<user>", "<bot>"]);
    for token in ["Film", "Été", "東", "newest"] {
        assert!(cased.contains(&token.into()), "{token}: {cased:?}");
    }
    // Every word is a token: there is nothing left to join.
    assert!(
        outcome.err.contains(&format!("only {} tokens", cased.len())),
        "{}",
        outcome.err
    );
    assert!(outcome.err.contains("--min-frequency"), "{}", outcome.err);
    let tokenizer = BertTokenizer::from_dir(&world.path("cased")).unwrap();
    assert_eq!(tokenizer.normalization(), Some(Normalization::cased()));
    let ids = tokenizer.encode("<bot> Film", None, 16).unwrap().ids;
    assert_eq!(ids[1], 6);

    let words = "--strip-accents false --tokenize-chinese-chars false --min-frequency 1 --size 200";
    let outcome = world.bert(&format!("tokenizer train corpus.txt --output other {words}"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let other = tokens(&world, "other");
    for token in ["film", "été", "東京"] {
        assert!(other.contains(&token.into()), "{token}: {other:?}");
    }
    let config = json(&world.path("other/tokenizer_config.json"));
    assert_eq!(config["strip_accents"], false);
    assert_eq!(config["tokenize_chinese_chars"], false);
}

#[test]
fn texts_come_from_files_folders_and_tables() {
    let world = World::new();
    let lines: Vec<&str> = TEXT.lines().filter(|line| !line.is_empty()).collect();
    world.write("corpus.txt", TEXT);
    world.write("folder/b.txt", lines[0]);
    world.write("folder/deeper/a.TXT", lines[1]);
    world.write("folder/notes.md", "zzz");
    world.write("folder/.hidden.txt", "zzz");
    world.write("last", lines[2]);
    let rows: String = lines.iter().map(|line| format!("{line},1\n")).collect();
    world.write("table.csv", format!("story,stars\n{rows}"));
    let rows: String = lines[..2]
        .iter()
        .map(|line| format!("{{\"story\":\"{line}\"}}\n"))
        .collect();
    world.write("table.jsonl", rows);
    for (number, files) in [
        "corpus.txt",
        "last folder",
        "table.csv --text-column story",
        "last --text-column story table.jsonl",
    ]
    .iter()
    .enumerate()
    {
        let outcome = world.bert(&format!("tokenizer train --size 60 --output v{number} {files}"));
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        assert_eq!(
            tokens(&world, &format!("v{number}")),
            tokens(&world, "v0"),
            "{files}"
        );
    }
}

#[test]
fn a_size_that_is_too_small_and_rare_characters_are_noted() {
    let world = World::new();
    world.write("corpus.txt", format!("{TEXT}ж\n{}\n", "x".repeat(101)));
    let outcome = world.bert("tokenizer train corpus.txt --output small --size 10 --limit-alphabet 15");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let count = tokens(&world, "small").len();
    for part in [
        format!("has {count} tokens"),
        format!("alone are {count}, more than --size"),
        "left out (--limit-alphabet)".into(),
        "ж".into(),
        "1 word of more than 100 characters".into(),
    ] {
        assert!(outcome.err.contains(&part), "{part}: {}", outcome.err);
    }
    let tokenizer = BertTokenizer::from_dir(&world.path("small")).unwrap();
    assert_eq!(
        tokenizer.encode("ж", None, 16).unwrap().ids[1],
        tokenizer.unk_id()
    );
}

#[test]
fn what_is_wrong_is_said_before_anything_is_written() {
    let world = World::new();
    world.write("corpus.txt", TEXT);
    world.write("bytes.txt", b"one\ntwo\xff\n");
    world.write("empty.txt", "");
    world.write("blank.txt", " \n\t\n");
    world.write("folder/notes.md", TEXT);
    let cases: &[(&str, &[&str])] = &[
        ("", &["FILE"]),
        ("nowhere.txt", &["nowhere.txt", "No such file"]),
        ("empty.txt", &["empty.txt", "no words"]),
        ("blank.txt empty.txt", &["no words"]),
        ("corpus.txt bytes.txt", &["bytes.txt", "line 2", "UTF-8"]),
        ("folder", &["folder", "no .txt file"]),
        ("reviews.csv", &["reviews.csv", "--text-column"]),
        (
            "reviews.csv --text-column body",
            &["reviews.csv", "--text-column", "body", "text, label"],
        ),
        (
            "corpus.txt --text-column text",
            &["--text-column", "no file is a table"],
        ),
        ("nowhere.csv --text-column text", &["nowhere.csv"]),
        ("corpus.txt --limit-alphabet none", &["--limit-alphabet"]),
        (
            "corpus.txt --special-token [SEP]",
            &["--special-token", "[SEP]", "already"],
        ),
        (
            "corpus.txt --strip-accents maybe",
            &["--strip-accents", "true or false"],
        ),
    ];
    for (words, parts) in cases {
        world.refuses(&format!("{TRAIN} {words}"), parts);
    }
    world.refuses(
        "tokenizer train corpus.txt --output vocabulary --size 0",
        &["--size", "at least 1"],
    );
    assert!(!world.exists("vocabulary"), "a refusal left something behind");
    let words = "tokenizer train corpus.txt --output corpus.txt/vocabulary";
    world.refuses(words, &["--output", "corpus.txt/vocabulary"]);
    world.refuses(
        "tokenizer train corpus.txt --output corpus.txt",
        &["--output", "corpus.txt"],
    );
    world.write("run/run.toml", "");
    world.refuses(
        "tokenizer train corpus.txt --output run --overwrite",
        &["--output", "run: this is the folder of a run"],
    );
    world.refuses(
        "tokenizer train corpus.txt --output model --overwrite",
        &["--output", "model", "model.safetensors"],
    );
}

#[test]
fn an_existing_tokenizer_is_replaced_only_if_asked_for() {
    let world = World::new();
    world.write("corpus.txt", TEXT);
    world.write("vocabulary/notes.md", "mine");
    assert_eq!(world.bert(&format!("{TRAIN} corpus.txt")).code, 0);
    let before = world.read("vocabulary/vocab.txt");
    world.write("other.txt", "something else entirely, something else");
    world.refuses(
        &format!("{TRAIN} other.txt"),
        &["--output", "vocabulary", "tokenizer.json", "--overwrite"],
    );
    assert_eq!(world.read("vocabulary/vocab.txt"), before);
    // A token that another tokenizer had added.
    world.write("vocabulary/added_tokens.json", "{\"<old>\": 60}");
    let outcome = world.bert(&format!("{TRAIN} other.txt --overwrite"));
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(world.read("vocabulary/vocab.txt").contains("something"));
    assert!(!world.exists("vocabulary/added_tokens.json"));
    assert_eq!(world.read("vocabulary/notes.md"), "mine");
}
