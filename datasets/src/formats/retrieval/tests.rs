use std::fs;
use std::path::Path;

use super::*;
use crate::error::DataError;
use crate::examples::{Collection, Queries};

/// What `read` makes of a file of this name and content; an error without the folder of its file.
fn read<T>(name: &str, content: &str, read: impl Fn(&Path) -> Result<T, DataError>) -> Result<T, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    read(&path).map_err(|error| {
        error
            .to_string()
            .replace(&format!("{}/", dir.path().display()), "")
    })
}

/// Id, title and text.
fn articles(name: &str, content: &str) -> Vec<(String, Option<String>, String)> {
    let collection = read(name, content, |path| CollectionFile::new(path).read()).unwrap();
    let articles = collection.into_vec().into_iter();
    articles
        .map(|article| (article.id, article.title, article.text))
        .collect()
}

fn article(id: &str, title: Option<&str>, text: &str) -> (String, Option<String>, String) {
    (id.into(), title.map(str::to_owned), text.into())
}

fn collection_error(name: &str, content: &str) -> String {
    read::<Collection>(name, content, |path| CollectionFile::new(path).read()).unwrap_err()
}

fn queries(name: &str, content: &str) -> Result<Vec<(String, String, usize)>, String> {
    let queries: Queries = read(name, content, |path| QueryFile::new(path).read())?;
    let queries = queries.into_vec().into_iter();
    Ok(queries
        .map(|query| (query.id, query.text, query.source.line))
        .collect())
}

fn query(id: &str, text: &str, line: usize) -> (String, String, usize) {
    (id.into(), text.into(), line)
}

#[test]
fn collections_of_every_kind_are_read() {
    let with_title = [
        article("d1", Some("Oil"), "Prices fall."),
        article("2", None, "Rain."),
    ];
    for (name, content) in [
        (
            "corpus.jsonl",
            "{\"_id\": \"d1\", \"title\": \"Oil\", \"text\": \"Prices fall.\", \"metadata\": {}}\n{\"_id\": 2, \"text\": \"Rain.\"}\n",
        ),
        (
            "a.json",
            "[{\"id\": \"d1\", \"title\": \"Oil\", \"contents\": \"Prices fall.\"}, {\"id\": \"2\", \"title\": \"\", \"contents\": \"Rain.\"}]",
        ),
        ("a.csv", "docid,headline,body\nd1,Oil,Prices fall.\n2,,Rain.\n"),
        ("a.tsv", "id\ttext\ttitle\nd1\tPrices fall.\tOil\n2\tRain.\t\n"),
        (
            "docs.tsv",
            "d1\thttp://a\tOil\tPrices fall.\n2\thttp://b\t\tRain.\n",
        ),
    ] {
        assert_eq!(articles(name, content), with_title, "{name}");
    }
    let plain = [
        article("0", None, "Prices, \"oil\"."),
        article("1", None, "Rain."),
    ];
    assert_eq!(
        articles("collection.tsv", "0\tPrices, \"oil\".\n\n1\tRain.\r\n"),
        plain
    );
}

#[test]
fn a_model_reads_title_and_text() {
    let collection = read(
        "a.csv",
        "id,title,text\n1,Oil,Prices fall.\n2,Only a title,\n",
        |path| CollectionFile::new(path).read(),
    );
    let texts: Vec<String> = collection
        .unwrap()
        .examples()
        .iter()
        .map(|a| a.titled_text())
        .collect();
    assert_eq!(texts, ["Oil Prices fall.", "Only a title"]);
}

#[test]
fn long_articles_are_read_as_a_whole() {
    let long = "word ".repeat(500_000);
    let found = articles("collection.tsv", &format!("0\t{long}\n1\tRain.\n"));
    assert_eq!(found[0].2, long.trim_end());
    assert_eq!(found[1], article("1", None, "Rain."));
    let error = collection_error(
        "collection.tsv",
        &format!("0\ta\n1\t{}\n", "word ".repeat(1_800_000)),
    );
    assert_eq!(error, "collection.tsv, line 2: a line of more than 8 MiB");
}

#[test]
fn collections_with_faults_are_refused() {
    for (name, content, expected) in [
        (
            "a.csv",
            "id,text\n1,a\n2,b\n1,c\n",
            "a.csv, line 4: the id `1` is also that of line 2",
        ),
        (
            "a.tsv",
            "1\ta\n\tb\n",
            "a.tsv, line 2, column `id`: the id is empty",
        ),
        (
            "a.csv",
            "id,text\n ,b\n",
            "a.csv, line 2, column `id`: the id is empty",
        ),
        (
            "a.tsv",
            "1\ta\n2\tb\tc\n",
            "a.tsv, line 2: 3 columns; without a header there are two (id, text)",
        ),
        (
            "a.csv",
            "name,text\n1,a\n",
            "a.csv: which column holds the ids? Name it with `id_column`",
        ),
        (
            "a.jsonl",
            "{\"id\": 1, \"words\": \"a\"}\n",
            "a.jsonl: which column holds the texts? Name it with `text_column`",
        ),
        (
            "a.jsonl",
            "{\"id\": 1, \"text\": \"a\"}\n{\"id\": 2}\n",
            "a.jsonl, line 2, column `text`: the field is missing",
        ),
        ("a.tsv", "\n", "a.tsv: no rows; at least one is needed"),
    ] {
        let error = collection_error(name, content);
        assert!(error.starts_with(expected), "{error}");
    }
    let named = read("a.csv", "id,text\n1,a\n", |path| {
        CollectionFile::new(path).title_column("head").read()
    });
    let error = named.unwrap_err();
    assert!(
        error.contains("there is no column `head`, which `title_column` names"),
        "{error}"
    );
}

#[test]
fn empty_articles_are_noted() {
    let collection = read("a.csv", "id,text\n1,\n2,b\n3, \n", |path| {
        CollectionFile::new(path).read()
    })
    .unwrap();
    assert_eq!(collection.len(), 3);
    let note = collection.notes()[0].to_string();
    assert!(
        note.ends_with("a.csv: 2 articles are empty, the first on line 2: a search will not find them"),
        "{note}"
    );
}

#[test]
fn queries_of_every_kind_are_read() {
    let expected = [query("1", "oil prices", 1), query("q2", "rain", 2)];
    let jsonl = "{\"_id\": 1, \"text\": \"oil prices\"}\n{\"_id\": \"q2\", \"text\": \" rain \"}\n";
    assert_eq!(queries("queries.jsonl", jsonl).unwrap(), expected);
    assert_eq!(
        queries("queries.tsv", "1\toil prices\nq2\train\n").unwrap(),
        expected
    );
    let below_header = expected.map(|(id, text, line)| (id, text, line + 1));
    assert_eq!(
        queries("queries.tsv", "query_id\tquery\n1\toil prices\nq2\train\n").unwrap(),
        below_header
    );
    assert_eq!(
        queries("queries.csv", "id,question\n1,oil prices\nq2,rain\n").unwrap(),
        below_header
    );
}

#[test]
fn topics_of_trec_are_read() {
    let topics = "<top>\n\n<num> Number: 301\n<title> International\nOrganized Crime\n\n<desc> Description:\nIdentify < 5 gangs.\n</top>\n\n\
                  <TOP>\n<num>302</num><title>Topic: polio & <b>others</b></title>\n<narr>x</narr></TOP>\n";
    let expected = [
        query("301", "International Organized Crime", 1),
        query("302", "polio &", 11),
    ];
    assert_eq!(queries("topics.301-350", topics).unwrap(), expected);
    for (content, expected) in [
        (
            "<top>\n<num> 1\n",
            "t.txt, line 1: the topic is not closed: `</top>` is missing",
        ),
        (
            "<top>\n<num> 1\n<top>\n",
            "t.txt, line 3: a topic begins within that of line 1",
        ),
        (
            "<top>\n<num> 1\n</top>\n",
            "t.txt, line 1, column `title`: the topic lacks it",
        ),
        (
            "<top>\n<num>1\n<title> a\n</top>\n<title>\n",
            "t.txt, line 5: `<title>` outside of a topic",
        ),
    ] {
        let error = queries("t.txt", content).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn queries_with_faults_are_refused() {
    for (name, content, expected) in [
        (
            "q.tsv",
            "1\ta\n1\tb\n",
            "q.tsv, line 2: the id `1` is also that of line 1",
        ),
        ("q.tsv", "1\ta\n2\t \n", "q.tsv, line 2: the query is empty"),
        (
            "q.csv",
            "id,text\n1,a\n2,\n",
            "q.csv, line 3, column `text`: the query is empty",
        ),
        (
            "q.txt",
            "how are oil prices\n",
            "q.txt, line 1: 1 column; without a header there are two",
        ),
        ("q.txt", "", "q.txt: no rows; at least one is needed"),
    ] {
        let error = queries(name, content).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn judgements_of_every_kind_are_read() {
    let expected = [("1", "d1", 2), ("1", "d2", 0), ("q2", "d1", -1)]
        .into_iter()
        .collect();
    for content in [
        "1 0 d1 2\n1 0 d2 0\nq2 0 d1 -1\n",
        "1\t0\td1\t2\n\n1\tQ0\td2\t0\r\nq2\t0\td1\t-1\n",
        "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t0\nq2\td1\t-1\n1\td1\t2\n",
    ] {
        let judgements = read("qrels.txt", content, read_judgements).unwrap();
        assert_eq!(judgements, expected, "{content}");
        assert_eq!((judgements.len(), judgements.relevant()), (2, 1));
    }
}

#[test]
fn judgements_with_faults_are_refused() {
    for (content, expected) in [
        (
            "1 0 d1 1\n1 0 d2\td3 4\n",
            "q, line 2: 2 columns; judgements have four",
        ),
        (
            "1 0 d1 1\n1 0 d2 x\n",
            "q, line 2, column `grade`: `x`; a grade is a whole number",
        ),
        (
            "1 0 d1 1.5\n",
            "q, line 1, column `grade`: `1.5`; a grade is a whole number",
        ),
        (
            "1 0 d1 1\n1 0 d1 2\n",
            "q, line 2, column `grade`: `d1` has grade 2 for the query `1`, and 1 on a line before",
        ),
        ("1\t0\t\t1\n", "q, line 1, column `article`: the id is empty"),
        (
            "query-id\tcorpus-id\tscore\n",
            "q: no rows; at least one is needed",
        ),
    ] {
        let error = read("q", content, read_judgements).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn rankings_are_written_and_read() {
    let trec = "q1 Q0 d1 1 0.5 a\nq1 Q0 d3 2 0.25 a\nq1 Q0 d2 7 9.75 a\nq2 Q0 d1 1 -1e-3 a\n";
    let rankings = read("run.txt", trec, read_rankings).unwrap();
    let order = |query| -> String {
        let ranking = rankings.ranking(query).unwrap().iter();
        ranking.map(|ranked| ranked.article.as_str()).collect()
    };
    // The rank in the file does not count.
    assert_eq!((order("q1"), order("q2")), ("d2d1d3".into(), "d1".into()));
    let mut out = vec![];
    rankings.write_trec(&mut out, "b").unwrap();
    assert_eq!(
        read("run.txt", &String::from_utf8(out).unwrap(), read_rankings).unwrap(),
        rankings
    );
    let mut out = vec![];
    rankings.write_msmarco(&mut out).unwrap();
    let ranks = read("run.tsv", &String::from_utf8(out).unwrap(), read_rankings).unwrap();
    let found = ranks.ranking("q1").unwrap().iter();
    assert_eq!(
        found.map(|ranked| ranked.article.as_str()).collect::<String>(),
        "d2d1d3"
    );
}

#[test]
fn rankings_with_faults_are_refused() {
    for (content, expected) in [
        (
            "q Q0 d 1 x a\n",
            "r, line 1, column `score`: `x` is not a finite number",
        ),
        (
            "q Q0 d 1 NaN a\n",
            "r, line 1, column `score`: `NaN` is not a finite number",
        ),
        (
            "q Q0 d 1 1e300 a\n",
            "r, line 1, column `score`: `1e300` is not a finite number",
        ),
        (
            "q\td\t0\n",
            "r, line 1, column `rank`: `0`; ranks are whole numbers from 1",
        ),
        ("q Q0 d 1 2\n", "r, line 1: 5 columns; a run file has six"),
        (
            "q Q0 d 1 2 a\nq Q0 d 2 1 a\n",
            "r, line 2, column `article`: `d` occurs twice",
        ),
        ("", "r: no rows; at least one is needed"),
    ] {
        let error = read("r", content, read_rankings).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn large_collections_are_the_same() {
    let lines: String = (0..9000)
        .map(|id| format!("{{\"id\": {id}, \"text\": \"text {id}\"}}\n"))
        .collect();
    let found = articles("a.jsonl", &lines);
    assert_eq!(found.len(), 9000);
    assert_eq!(found[8999], article("8999", None, "text 8999"));
}
