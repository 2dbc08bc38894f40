//! Errors of indexes and searches.

use std::fs;

use super::{done, indexed, retriever};

#[test]
fn faults_of_indexes_are_named() {
    let world = indexed();
    world.refuses(
        "search nowhere film",
        &["nowhere", "there is no index in this folder"],
    );
    world.refuses("index delete nowhere d1", &["nowhere"]);
    world.refuses("index merge articles.csv", &["articles.csv"]);
    world.refuses(
        "index add articles.csv --data articles.csv",
        &["articles.csv: this is a file; an index is a folder"],
    );
    world.refuses(
        "index add index --data articles.csv --words lowercase",
        &["--words: index: this index was made with english"],
    );
    world.refuses(
        "search index --candidates 5 film",
        &["--candidates needs --by vectors"],
    );
    world.refuses("search index --by words --b 2 film", &["b", "from 0 to 1"]);
    let empty = world.bert_with("search index --by words", &["film", " "], b"");
    empty.refused("search", &["query 2 is empty"]);
    world.write("broken.tsv", b"q1\tfilm\nq2\t\xff\n");
    world.refuses("search index --file broken.tsv", &["broken.tsv, line 2"]);

    // A file of the index that is cut.
    let segment = fs::read_dir(world.path("index"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_dir())
        .unwrap();
    let vectors = segment.join("vectors.f32");
    let bytes = fs::read(&vectors).unwrap();
    fs::write(&vectors, &bytes[..bytes.len() - 4]).unwrap();
    world.refuses("search index film", &["vectors.f32: damaged"]);
    world.refuses("index verify index", &["vectors.f32: damaged"]);
}

#[test]
fn faults_of_collections_are_named() {
    let world = indexed();
    let add = |data: &str| format!("index add new --data {data}");
    world.refuses(&add("nowhere.csv"), &["--data: nowhere.csv"]);
    world.refuses(
        &add("model"),
        &["--data: model", "corpus.jsonl or collection.tsv"],
    );
    world.write("twice.csv", "id,text\na,one\nb,two\na,three\n");
    world.refuses(
        &add("twice.csv"),
        &["twice.csv, line 4", "the id `a` is also that of line 2"],
    );
    world.write("no-id.csv", "id,text\n,one\n");
    world.refuses(&add("no-id.csv"), &["no-id.csv, line 2", "id"]);
    world.write("columns.csv", "name,words\na,one\n");
    world.refuses(&add("columns.csv"), &["columns.csv", "name, words"]);
    world.write("bytes.csv", b"id,text\na,one\nb,\xff\n");
    world.refuses(&add("bytes.csv"), &["bytes.csv, line 3"]);
    assert!(!world.exists("new"), "nothing is made for what cannot be read");
    // Empty articles are counted, not refused.
    world.write("empty.csv", "id,title,text\na,,\nb,,two\n");
    let said = done(&world, &add("empty.csv"));
    assert!(said.contains("empty.csv, line 2: the article is empty"), "{said}");
}

#[test]
fn vectors_of_two_models_never_mix() {
    let world = indexed();
    world.refuses(
        "index add other --data articles.csv --model model",
        &["--model", "modules.json"],
    );
    retriever(&world, "other");
    let weights = world.path("other/model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    for command in ["search index film", "index add index --data articles.csv"] {
        world.refuses(
            &format!("{command} --model other --device flex"),
            &["index: its vectors were made by another model"],
        );
    }
    // A model that was moved is the same model.
    fs::rename(world.path("retriever"), world.path("moved")).unwrap();
    world.refuses(
        "search index film",
        &[
            "retriever",
            "cannot be opened",
            "say where it is now with --model",
        ],
    );
    done(&world, "search index film --model moved --device flex");
    // Words need no model.
    done(&world, "search index film --by words");
}
