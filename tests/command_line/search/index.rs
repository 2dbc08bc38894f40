//! `bert index`.

use serde_json::{Value, json};

use super::{ARTICLES, done, ids, indexed, retriever, search};
use crate::program::{World, json_lines};

fn facts(world: &World) -> Value {
    let outcome = world.bert("index verify index --json");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    serde_json::from_str(&outcome.out).unwrap()
}

#[test]
fn articles_are_added_replaced_and_deleted() {
    let world = indexed();
    let all = facts(&world);
    assert_eq!(
        (
            &all["articles"],
            &all["dimension"],
            &all["words"],
            &all["similarity"]
        ),
        (&json!(4), &json!(32), &json!("english"), &json!("cosine"))
    );
    assert!(all["model"].as_str().unwrap().contains("retriever#"), "{all}");

    // The same again changes nothing.
    let add = "index add index --data articles.csv --max-length 12 --overlap 2 --device flex --json";
    let again = world.bert(add);
    let again: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &json!(4)));
    assert_eq!(facts(&world)["generation"], all["generation"]);

    // One changed, one new.
    let changed = ARTICLES.replace("the plot was bad", "the plot was lovely") + "d5,,a fine end\n";
    world.write("articles.csv", changed);
    let third = world.bert(add);
    let third: Value = serde_json::from_str(&third.out).unwrap();
    assert_eq!(
        (
            &third["added"],
            &third["replaced"],
            &third["unchanged"],
            &third["articles"]
        ),
        (&json!(1), &json!(1), &json!(3), &json!(5))
    );
    assert_eq!(ids(&search(&world, "--by words", &["lovely"])[0]), ["d2"]);
    assert_eq!(ids(&search(&world, "--by words", &["bad"])[0]), [""; 0]);

    let said = done(&world, "index delete index d2 d9");
    assert!(
        said.contains("1 id not in the index (the first: `d9`)")
            && said.contains("1 article deleted, 4 left"),
        "{said}"
    );
    assert_eq!(world.bert("index delete index d2").code, 1);
    world.write("ids.txt", "d3\n\n d5 \n");
    done(&world, "index delete index --file ids.txt");
    assert_eq!(
        ids(&search(&world, "--by words", &["fine song lovely"])[0]),
        ["d4"]
    );
    let said = done(&world, "index merge index");
    assert!(said.contains("2 articles") && said.contains("1 now"), "{said}");
    assert_eq!(facts(&world)["articles"], 2);
}

#[test]
fn long_articles_are_found_by_their_passages() {
    let world = indexed();
    // The model is not trained, but equal texts have equal vectors.
    let found = search(
        &world,
        "--by vectors",
        &["the story the joke was grim, the scene was bright"],
    );
    let results = found[0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4, "an article is one result");
    let long = results.iter().find(|result| result["id"] == "d4").unwrap();
    let passage = &long["passage"];
    let text = passage["text"].as_str().unwrap();
    let (start, end) = (
        passage["start"].as_u64().unwrap(),
        passage["end"].as_u64().unwrap(),
    );
    assert!(
        start > 0 && text.ends_with("the scene was bright") && end - start == text.len() as u64,
        "{passage}"
    );
}

#[test]
fn an_index_of_words_needs_no_model() {
    let world = World::new();
    world.write("articles.csv", ARTICLES);
    done(&world, "index add index --data articles.csv");
    let found = search(&world, "", &["superb jokes", "nothing of that"]);
    assert_eq!((ids(&found[0]), ids(&found[1])), (vec!["d4"], vec![]));
    assert_eq!(found[0]["results"][0]["title"], "the story");
    assert!(
        found[0]["results"][0]["text"]
            .as_str()
            .unwrap()
            .contains("superb")
    );
    world.refuses(
        "search index --by vectors film",
        &["index: this index has no vectors"],
    );
    retriever(&world, "retriever");
    world.refuses(
        "index add index --data articles.csv --model retriever",
        &["--model", "words alone"],
    );
    // By letters, plurals are other words.
    done(&world, "index add letters --data articles.csv --words lowercase");
    let outcome = world.bert("search letters jokes");
    assert!(
        outcome.code == 0 && outcome.out.contains("\"results\":[]"),
        "{outcome:?}"
    );
}

#[test]
fn collections_of_published_layouts_are_indexed() {
    let world = World::new();
    world.write(
        "beir/corpus.jsonl",
        "{\"_id\": \"a\", \"title\": \"T\", \"text\": \"one two\"}\n{\"_id\": \"b\", \"title\": \"\", \"text\": \"three\"}\n",
    );
    world.write("ms/collection.tsv", "0\tone two\n1\tthree\n");
    for (folder, expected) in [("beir", "b"), ("ms", "1")] {
        done(&world, &format!("index add {folder}.index --data {folder}"));
        let outcome = world.bert(&format!("search {folder}.index three"));
        assert!(
            outcome.out.contains(&format!("\"id\":\"{expected}\"")),
            "{outcome:?}"
        );
    }
}

#[test]
fn vectors_are_exported_for_other_programs() {
    let world = indexed();
    let said = done(&world, "index export index --format npy --output vectors");
    let rows = json_lines(&world.read("vectors/passages.jsonl"));
    assert!(
        rows.len() > 4 && said.contains(&format!("{} passages", rows.len())),
        "{said}"
    );
    assert_eq!(
        (&rows[0]["id"], &rows[0]["title"]),
        (&json!("d1"), &json!("the film"))
    );
    let bytes = std::fs::metadata(world.path("vectors/vectors.npy"))
        .unwrap()
        .len();
    assert_eq!(bytes % 128, 0, "a header of whole rows, and rows of 32 floats");
    done(
        &world,
        "index export index --format parquet --output vectors.parquet",
    );
    done(&world, "index export index --format qdrant --output qdrant");
    assert!(world.exists("vectors.parquet") && world.exists("qdrant/collection.json"));
    world.refuses("index export index --format npy --output vectors", &["vectors"]);
    done(&world, "index add words --data articles.csv");
    world.refuses("index export words --format npy --output none", &["words"]);
    assert!(!world.exists("none"));
}
