//! Retrieval: queries and the articles that are relevant for them.

use serde_json::{Value, json};

use super::{SHORT, answer};
use crate::program::{NEGATIVE, POSITIVE, World, json as read_json, json_lines};

const NOUNS: [&str; 8] = ["film", "plot", "song", "scene", "cast", "end", "joke", "story"];

/// Each noun has an article with words of its own: four queries with the noun, which their article does not contain.
fn pairs() -> String {
    let mut text = String::from("query,article\n");
    for (number, noun) in NOUNS.iter().enumerate() {
        let (good, bad) = (POSITIVE[number % 6], NEGATIVE[(number + number / 6) % 6]);
        for query in [
            format!("the {noun}"),
            format!("a {noun}"),
            format!("was the {noun}"),
            format!("a very {noun}"),
        ] {
            text += &format!("{query},{good} was {bad}\n");
        }
    }
    text
}

fn trained(world: &World, data: &str, epochs: usize, options: &str) -> Value {
    let words = format!("train retriever {SHORT} --data {data} --output run --epochs {epochs} {options}");
    let outcome = world.bert(&words);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    read_json(&world.path("run/metrics.json"))
}

#[test]
fn a_retriever_learns_which_article_a_query_means() {
    let world = World::new();
    world.write("pairs.csv", pairs());
    let metrics = trained(
        &world,
        "pairs.csv",
        40,
        "--dev pairs.csv --negatives 2 --gradient-cache 3",
    );
    let last = &metrics["final"];
    assert!(
        last["ndcg@10"].as_f64().unwrap() > 0.9 && last["mrr@10"].as_f64().unwrap() > 0.85,
        "{metrics}"
    );
    assert_eq!(last["recall@100"], json!(1.0));
    assert_eq!(
        (&metrics["train_examples"], &metrics["dev_examples"]),
        (&json!(32), &json!(32))
    );
    let first = &json_lines(&world.read("run/predictions.jsonl"))[0];
    assert_eq!(first["query"], "the film");
    assert_eq!(first["ranking"].as_array().unwrap().len(), 8);
    assert_eq!(first["gold"].as_array().unwrap().len(), 1);
    assert!(
        world
            .read("run/report.html")
            .contains("Rank of the first relevant article")
    );
    let card = world.read("run/model/README.md");
    assert!(
        card.contains("transformers.BertModel") && card.contains("sentence-similarity"),
        "{card}"
    );

    // The model's folder is one of sentence-transformers, and is read as such.
    let modules = read_json(&world.path("run/model/modules.json"));
    assert_eq!(modules.as_array().unwrap().len(), 3);
    let limits = read_json(&world.path("run/model/sentence_bert_config.json"));
    assert_eq!(limits["max_seq_length"], 24);
    std::fs::rename(world.path("run/model"), world.path("elsewhere")).unwrap();
    let outcome = world.bert("eval elsewhere --data pairs.csv --json");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let again: Value = serde_json::from_str(&outcome.out).unwrap();
    assert!((again["ndcg@10"].as_f64().unwrap() - last["ndcg@10"].as_f64().unwrap()).abs() < 1e-6);
    std::fs::rename(world.path("elsewhere"), world.path("run/model")).unwrap();

    // Texts become vectors of length 1.
    let vectors = answer(&world, "", &["the film", "a film"], b"");
    assert_eq!(vectors.len(), 2);
    assert_eq!(vectors[0]["text"], "the film");
    let vector = vectors[0]["embedding"].as_array().unwrap();
    let length: f64 = vector.iter().map(|value| value.as_f64().unwrap().powi(2)).sum();
    assert!(vector.len() == 32 && (length - 1.0).abs() < 1e-4, "{length}");
}

#[test]
fn folders_of_beir_are_trained_on() {
    let world = World::new();
    let (mut corpus, mut queries) = (String::new(), String::new());
    let (mut train, mut test) = (
        String::from("query-id\tcorpus-id\tscore\n"),
        String::from("query-id\tcorpus-id\tscore\n"),
    );
    let mut articles: Vec<String> = vec![];
    for (number, line) in pairs().lines().skip(1).enumerate() {
        let (query, article) = line.split_once(',').unwrap();
        let id = articles
            .iter()
            .position(|known| known == article)
            .unwrap_or_else(|| {
                articles.push(article.into());
                corpus += &format!(
                    "{{\"_id\": \"d{}\", \"title\": \"\", \"text\": \"{article}\"}}\n",
                    articles.len() - 1
                );
                articles.len() - 1
            });
        queries += &format!("{{\"_id\": \"{number}\", \"text\": \"{query}\"}}\n");
        let judgements = if number % 4 == 3 { &mut test } else { &mut train };
        *judgements += &format!("{number}\td{id}\t1\n");
    }
    test += "99\td0\t1\n";
    world.write("beir/corpus.jsonl", corpus);
    world.write("beir/queries.jsonl", queries);
    world.write("beir/qrels/train.tsv", train);
    world.write("beir/qrels/test.tsv", test);
    let metrics = trained(&world, "beir", 160, "--pooling cls --eval-every 1000");
    assert!(metrics["final"]["mrr@10"].as_f64().unwrap() > 0.6, "{metrics}");
    assert_eq!(metrics["train_examples"], 24);
    let pooling = read_json(&world.path("run/model/1_Pooling/config.json"));
    assert_eq!(pooling["pooling_mode_cls_token"], true);
    let outcome = world.bert("eval run --data beir --dev beir/qrels/train.tsv --json");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let on_train: Value = serde_json::from_str(&outcome.out).unwrap();
    assert!(on_train["mrr@10"].as_f64().unwrap() > 0.8, "{on_train}");
    // Without judgements to evaluate on, a part of the queries is held out.
    std::fs::remove_file(world.path("beir/qrels/test.tsv")).unwrap();
    let outcome = world.bert(&format!(
        "train retriever {SHORT} --data beir --output held --max-steps 1 --hold-out 0.25"
    ));
    assert!(
        outcome.code == 0 && outcome.err.contains("held out"),
        "{}",
        outcome.err
    );
}

#[test]
fn files_with_faults_are_refused() {
    let world = World::new();
    let train = |data: &str, more: &str| format!("train retriever {SHORT} --data {data} --output new {more}");
    world.write("names.csv", "first,second\na,b\n");
    world.refuses(
        &train("names.csv", ""),
        &["which column holds the queries", "--query-column"],
    );
    world.refuses(
        &train("names.csv", "--query-column first"),
        &["which column holds the articles", "--article-column"],
    );
    world.refuses(
        &train("names.csv", "--query-column third --article-column second"),
        &["third", "--query-column"],
    );
    world.write("empty.csv", "query,article\nthe film,\n");
    world.refuses(
        &train("empty.csv", ""),
        &["empty.csv, line 2, column `article`: the article is empty"],
    );
    world.write(
        "both.jsonl",
        "{\"query\": \"the film\", \"pos\": [\"good\"], \"neg\": [\"good\"]}\n",
    );
    world.refuses(
        &train("both.jsonl", ""),
        &["both.jsonl, line 1: an article is relevant for this query, and a negative for it"],
    );
    world.write(
        "none.jsonl",
        "{\"query\": \"the film\", \"positive_passages\": []}\n",
    );
    world.refuses(
        &train("none.jsonl", ""),
        &["line 1, column `positive_passages`: no article"],
    );
    world.write(
        "list.jsonl",
        "{\"query\": \"the film\", \"positive_passages\": [{\"docid\": 1}]}\n",
    );
    world.refuses(
        &train("list.jsonl", ""),
        &["line 1, column `positive_passages`: an article must be a text"],
    );
    world.refuses(
        &train("pairs.csv", "--negatives-by frequency"),
        &["--negatives-by", "--negatives"],
    );
    world.refuses(&train("pairs.csv", "--scale 0"), &["--scale", "0"]);
    // A plain encoder says not how a text becomes a vector.
    world.refuses("predict model text", &["modules.json"]);
}
