//! `bert search`.

use serde_json::Value;

use super::{ids, indexed, search};
use crate::program::json_lines;

#[test]
fn results_are_lines_of_json_for_programs() {
    let world = indexed();
    let found = search(&world, "-k 2", &["the film was good", "dull song"]);
    assert_eq!(found.len(), 2);
    assert_eq!(
        (&found[0]["id"], &found[0]["query"]),
        (&Value::from("1"), &Value::from("the film was good"))
    );
    assert_eq!((ids(&found[0])[0], ids(&found[1])[0]), ("d1", "d3"));
    assert_eq!(found[0]["results"].as_array().unwrap().len(), 2);
    // What stands on standard input is answered in the same way, without blank lines.
    let piped = world.bert_with(
        "search index -k 2 --device flex",
        &[],
        b"the film was good\n\n dull song\n",
    );
    let piped = json_lines(&piped.out);
    assert_eq!(
        piped.iter().map(ids).collect::<Vec<_>>(),
        found.iter().map(ids).collect::<Vec<_>>()
    );
    // Bytes first, then exact vectors: the same where there are enough candidates.
    let exact = search(&world, "--by vectors", &["dull song"]);
    assert_eq!(
        search(&world, "--by vectors --candidates 4", &["dull song"]),
        exact
    );
}

#[test]
fn results_are_text_for_people() {
    let world = indexed();
    let outcome = world.bert_with("search index --format text --by words", &["films", "zebra"], b"");
    assert!(
        outcome.out.contains("films\n 1  ") && outcome.out.contains("the film  [d1]"),
        "{}",
        outcome.out
    );
    assert!(
        outcome.out.contains("            the film was good\n"),
        "{}",
        outcome.out
    );
    assert!(
        outcome.out.contains("zebra\n   nothing was found\n"),
        "{}",
        outcome.out
    );
    assert!(!outcome.out.contains('\x1b'), "{}", outcome.out);
}

#[test]
fn runs_are_written_and_judged() {
    let world = indexed();
    world.write(
        "queries.tsv",
        "q1\tthe film was good\nq2\tthe plot was bad\nq3\tdull song\n",
    );
    world.write("qrels.txt", "q1 0 d1 1\nq2 0 d3 1\nq3 0 d3 2\nq9 0 d1 1\n");
    let trec = world.bert("search index --file queries.tsv --by words --format trec -k 1");
    let lines: Vec<&str> = trec.out.lines().collect();
    assert!(
        lines.len() == 3 && lines[0].starts_with("q1 Q0 d1 1 ") && lines[0].ends_with(" bert"),
        "{}",
        trec.out
    );
    let marco = world.bert("search index --file queries.tsv --by words --format msmarco -k 1");
    assert_eq!(marco.out, "q1\td1\t1\nq2\td2\t1\nq3\td3\t1\n");
    let judged = world.bert("search index --file queries.tsv --by words --judgements qrels.txt -k 1");
    assert_eq!(judged.code, 0, "{}", judged.err);
    assert!(
        judged.err.contains("1 of 4 judged queries are not in --file"),
        "{}",
        judged.err
    );
    let metrics: Value = serde_json::from_str(&judged.out).unwrap();
    assert!(
        (metrics["ndcg@10"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9,
        "{metrics}"
    );
    assert_eq!(
        (metrics["queries"].as_u64(), metrics["mrr@10"].as_f64()),
        (Some(3), metrics["ndcg@10"].as_f64())
    );
    world.write("other.txt", "x 0 d1 1\n");
    world.refuses(
        "search index --file queries.tsv --by words --judgements other.txt",
        &["none of the queries of --file is judged in --judgements"],
    );
}

#[test]
fn long_queries_are_cut_and_answered() {
    let world = indexed();
    let long = "film good ".repeat(10_000);
    for (by, first, count) in [("words", Some("d1"), 1), ("hybrid", None, 4)] {
        let outcome = world.bert_with(
            &format!("search index --device flex --by {by}"),
            &[],
            long.as_bytes(),
        );
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let found = json_lines(&outcome.out);
        assert_eq!((found.len(), ids(&found[0]).len()), (1, count));
        assert!(
            first.is_none_or(|first| ids(&found[0])[0] == first),
            "{}",
            outcome.out
        );
    }
}
