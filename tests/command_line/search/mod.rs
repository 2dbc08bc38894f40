//! Indexes and searches.

mod faults;
mod index;
mod kill;
mod results;

use std::path::PathBuf;

use serde_json::Value;

use crate::program::{World, json_lines};

/// Articles of different words, one with a title; the last is longer than the model reads.
const ARTICLES: &str = "\
id,title,text
d1,the film,the film was good
d2,,the plot was bad
d3,,a very dull song
d4,the story,\"the story was superb, the cast was fine, the end was weak, the joke was grim, the scene was bright\"
";

/// A model without training that makes vectors: in the layout of sentence-transformers.
fn retriever(world: &World, name: &str) -> PathBuf {
    let dir = world.model(name);
    let modules = r#"[
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}
    ]"#;
    world.write(&format!("{name}/modules.json"), modules);
    let pooling = r#"{"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true}"#;
    world.write(&format!("{name}/1_Pooling/config.json"), pooling);
    dir
}

/// A world with the articles and a model, and an index of both.
fn indexed() -> World {
    let world = World::new();
    retriever(&world, "retriever");
    world.write("articles.csv", ARTICLES);
    done(
        &world,
        "index add index --data articles.csv --model retriever --max-length 12 --overlap 2 --device flex",
    );
    world
}

/// Runs a command that must succeed; what it says on standard error.
fn done(world: &World, words: &str) -> String {
    let outcome = world.bert(words);
    assert_eq!(outcome.code, 0, "bert {words}: {}", outcome.err);
    outcome.err
}

/// The results of a search, a line for each query.
fn search(world: &World, words: &str, queries: &[&str]) -> Vec<Value> {
    let outcome = world.bert_with(&format!("search index --device flex {words}"), queries, b"");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    json_lines(&outcome.out)
}

/// The ids of a query's results.
fn ids(line: &Value) -> Vec<&str> {
    let results = line["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result["id"].as_str().unwrap())
        .collect()
}
