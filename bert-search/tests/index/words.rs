//! BM25, and both searches together.

use bert_search::{
    Analyzer, Bm25, Document, Hit, HybridOptions, IndexError, IndexReader, IndexSettings, IndexWriter,
    RANK_CONSTANT, reciprocal_rank_fusion,
};

use crate::collection::{Entries, Numbers, add, index};

/// Settings of an index of words alone.
fn words(analyzer: Analyzer) -> IndexSettings {
    IndexSettings::new(0).with_analyzer(analyzer)
}

fn documents(texts: &[(&str, &str, &str)]) -> Entries {
    let document = |&(id, title, text)| (Document::new(id, title, text), Vec::new());
    texts.iter().map(document).collect()
}

fn assert_scores(hits: &[Hit], expected: &[(&str, f64)]) {
    assert_eq!(hits.len(), expected.len(), "{hits:?}");
    for (hit, &(id, score)) in hits.iter().zip(expected) {
        assert_eq!(hit.id, id);
        assert!((f64::from(hit.score) - score).abs() < 1e-5, "{hit:?} {score}");
        assert_eq!(hit.passage, None);
    }
}

#[test]
fn scores_are_those_of_the_formula() {
    let collection = documents(&[
        ("1", "Oil", "oil prices fall and fall"),
        ("2", "", "prices of bread"),
        ("3", "A cup", "the cup the cup the final"),
        ("4", "", ""),
    ]);
    let (dir, _writer) = index(&collection, words(Analyzer::Lowercase));
    let reader = IndexReader::open(dir.path()).unwrap();
    // Lengths 6, 3, 8 and 0: on average 4.25.
    let idf = |n: f64| (1.0 + (4.0 - n + 0.5) / (n + 0.5)).ln();
    for (k1, b) in [
        (1.2_f64, 0.75_f64),
        (0.9, 0.4),
        (0.0, 0.5),
        (2.0, 0.0),
        (1.5, 1.0),
    ] {
        let part = |count: f64, length: f64, n: f64| {
            idf(n) * count * (k1 + 1.0) / (count + k1 * (1.0 - b + b * length / 4.25))
        };
        let bm25 = Bm25 {
            k1: k1 as f32,
            b: b as f32,
        };
        let queries = [
            "OIL, prices!",
            "cup cup the",
            "bread +oil -prices \"title:x* AND (",
            "\0?",
        ];
        let found = reader.search_words(&queries, 10, &bm25).unwrap();
        let prices = part(1.0, 3.0, 2.0);
        assert_scores(
            &found[0],
            &[("1", part(2.0, 6.0, 1.0) + part(1.0, 6.0, 2.0)), ("2", prices)],
        );
        assert_scores(
            &found[1],
            &[("3", 2.0 * part(3.0, 8.0, 1.0) + part(3.0, 8.0, 1.0))],
        );
        let mut expected = [
            // "AND" is a word as any other.
            (
                "1",
                part(2.0, 6.0, 1.0) + part(1.0, 6.0, 2.0) + part(1.0, 6.0, 1.0),
            ),
            ("2", part(1.0, 3.0, 1.0) + prices),
        ];
        expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(a.0)));
        assert_scores(&found[2], &expected);
        assert!(found[3].is_empty());
    }
}

#[test]
fn stems_are_an_option() {
    let collection = documents(&[("1", "", "pricing"), ("2", "", "prices"), ("3", "", "prize")]);
    for (analyzer, expected) in [(Analyzer::English, vec!["2", "1"]), (Analyzer::Lowercase, vec![])] {
        let (dir, _writer) = index(&collection, words(analyzer));
        let reader = IndexReader::open(dir.path()).unwrap();
        let hits = reader
            .search_words(&["Price"], 10, &Bm25::default())
            .unwrap()
            .remove(0);
        assert_eq!(
            hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(),
            expected
        );
    }
}

/// Documents of words that are drawn so that some are frequent.
fn drawn(count: usize, seed: u64) -> Entries {
    let mut numbers = Numbers(seed);
    let mut document = |number: usize| {
        let length = 1 + numbers.next() % 30;
        let mut word = || format!("w{}", numbers.next() % (1 + numbers.next() % 300));
        let words: Vec<String> = (0..length).map(|_| word()).collect();
        (
            Document::new(format!("{number}"), "", words.join(" ")),
            vec![1.0, 0.5],
        )
    };
    (0..count).map(&mut document).collect()
}

/// BM25 by counting the words of every document.
fn plain_search(live: &Entries, query: &str, k: usize) -> Vec<Hit> {
    let count = |text: &str, word: &str| text.split(' ').filter(|&other| other == word).count() as f64;
    let length = |text: &str| text.split(' ').count() as f64;
    let average = live.iter().map(|(d, _)| length(&d.text)).sum::<f64>() / live.len() as f64;
    let mut hits = Vec::new();
    for (document, _) in live {
        let mut score = 0.0;
        for word in query.split(' ') {
            let n = live.iter().filter(|(d, _)| count(&d.text, word) > 0.0).count() as f64;
            let idf = (1.0 + (live.len() as f64 - n + 0.5) / (n + 0.5)).ln();
            let count = count(&document.text, word);
            score += idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length(&document.text) / average));
        }
        if score > 0.0 {
            hits.push(Hit {
                id: document.id.clone(),
                score: score as f32,
                passage: None,
            });
        }
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.id.cmp(&a.id)));
    hits.truncate(k);
    hits
}

#[test]
fn updates_and_merges_change_only_what_they_should() {
    let mut live = drawn(500, 1);
    let (dir, mut writer) = index(&live, IndexSettings::new(2).with_analyzer(Analyzer::Lowercase));
    let queries: Vec<String> = (0..10)
        .map(|i| format!("w{} w{} w{}", i, 2 * i + 1, 7 * i + 100))
        .collect();
    let check = |live: &Entries| {
        let reader = IndexReader::open(dir.path()).unwrap();
        reader.verify().unwrap();
        let found = reader.search_words(&queries, 400, &Bm25::default()).unwrap();
        for (query, found) in queries.iter().zip(&found) {
            let expected = plain_search(live, query, 400);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                // Almost equal scores may change places.
                assert!(
                    (found.score - expected.score).abs() < 1e-4,
                    "{found:?} {expected:?}"
                );
            }
        }
        found
    };
    check(&live);
    let ids: Vec<String> = (0..200).map(|number| format!("{}", 2 * number)).collect();
    writer.delete(&ids).unwrap();
    live.retain(|(document, _)| !ids.contains(&document.id));
    let new = drawn(50, 2);
    add(&mut writer, &new);
    live.retain(|(document, _)| new.iter().all(|(other, _)| other.id != document.id));
    live.extend(new);
    writer.commit().unwrap();
    let before = check(&live);
    writer.merge(1).unwrap();
    writer.commit().unwrap();
    assert_eq!(writer.segments(), 1);
    assert_eq!(check(&live), before);
}

#[test]
fn few_results_are_the_first_of_all() {
    let settings = IndexSettings::new(2).with_analyzer(Analyzer::Lowercase);
    let (dir, mut writer) = index(&drawn(9000, 8), settings);
    let mut numbers = Numbers(9);
    let mut query = |words: u64| {
        let mut word = || format!("w{}", numbers.next() % (1 + numbers.next() % 300));
        (0..words).map(|_| word()).collect::<Vec<_>>().join(" ")
    };
    let queries: Vec<String> = (0..60).map(|i| query(1 + i % 12)).collect();
    let check = || {
        let reader = IndexReader::open(dir.path()).unwrap();
        for bm25 in [
            Bm25::default(),
            Bm25 { k1: 0.0, b: 0.0 },
            Bm25 { k1: 3.0, b: 1.0 },
        ] {
            // With so many results no document is left out, so that all words of each are summed.
            let all = reader.search_words(&queries, 100_000, &bm25).unwrap();
            for k in [1, 3, 10, 100] {
                let few = reader.search_words(&queries, k, &bm25).unwrap();
                for (few, all) in few.iter().zip(&all) {
                    assert_eq!(few[..], all[..k.min(all.len())]);
                }
            }
        }
        reader.search_words(&queries, 100_000, &Bm25::default()).unwrap()
    };
    check();
    let ids: Vec<String> = (0..3000).map(|number| format!("{}", 3 * number)).collect();
    writer.delete(&ids).unwrap();
    writer.commit().unwrap();
    add(&mut writer, &drawn(700, 10));
    writer.commit().unwrap();
    let before = check();
    writer.merge(1).unwrap();
    writer.commit().unwrap();
    assert_eq!(check(), before);
}

#[test]
fn equal_scores_are_ordered_by_id_last_first() {
    let ids: Vec<String> = (0..50).map(|number| format!("{number}")).collect();
    let collection: Entries = ids
        .iter()
        .map(|id| (Document::new(id, "", "same text"), Vec::new()))
        .collect();
    let (dir, _writer) = index(&collection, words(Analyzer::Lowercase));
    let reader = IndexReader::open(dir.path()).unwrap();
    let hits = reader
        .search_words(&["text"], 5, &Bm25::default())
        .unwrap()
        .remove(0);
    assert_eq!(
        hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(),
        ["9", "8", "7", "6", "5"]
    );
}

#[test]
fn little_memory_makes_more_segments_of_words() {
    let (dir, mut writer) = index(&[], words(Analyzer::Lowercase));
    writer.set_memory(4 << 20);
    for number in 0..40 {
        let words: Vec<String> = (0..5000).map(|word| format!("x{}", word * 40 + number)).collect();
        writer
            .add(&[Document::new(format!("{number}"), "", words.join(" "))], &[])
            .unwrap();
    }
    assert!((2..40).contains(&writer.segments()), "{}", writer.segments());
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    for number in 0..40 {
        let hits = reader
            .search_words(&[format!("x{number}")], 5, &Bm25::default())
            .unwrap();
        assert_eq!((hits[0].len(), hits[0][0].id.clone()), (1, format!("{number}")));
    }
}

#[test]
fn long_queries_long_texts_and_wrong_parameters() {
    let long = "oil ".repeat(1 << 20);
    let (dir, _writer) = index(
        &documents(&[("long", "", &long), ("short", "", "oil")]),
        words(Analyzer::Lowercase),
    );
    let reader = IndexReader::open(dir.path()).unwrap();
    let query: String = (0..10_000).map(|number| format!("w{number} oil ")).collect();
    let hits = reader
        .search_words(&[query.as_str(), ""], 5, &Bm25::default())
        .unwrap();
    assert_eq!((hits[0].len(), hits[1].len()), (2, 0));
    for k in [usize::MAX, 1 << 63] {
        assert_eq!(
            reader.search_words(&["oil"], k, &Bm25::default()).unwrap()[0].len(),
            2
        );
    }
    for (k1, b) in [(-1.0, 0.5), (f32::NAN, 0.5), (1.0, 1.5), (1.0, -0.1)] {
        let wrong = reader.search_words(&["oil"], 5, &Bm25 { k1, b });
        assert!(matches!(wrong, Err(IndexError::Parameter { .. })));
    }
    assert!(matches!(
        reader.search_words(&["oil"], 0, &Bm25::default()),
        Err(IndexError::ZeroK)
    ));
    let (dir, _writer) = index(&[], IndexSettings::new(2));
    let reader = IndexReader::open(dir.path()).unwrap();
    let none = reader.search_words(&["oil"], 5, &Bm25::default());
    assert!(matches!(none, Err(IndexError::NoWords(_))));
    let (dir, _writer) = index(&[], words(Analyzer::Lowercase));
    let reader = IndexReader::open(dir.path()).unwrap();
    assert!(reader.search_words(&["oil"], 5, &Bm25::default()).unwrap()[0].is_empty());
}

#[test]
fn hybrid_search_fuses_both_rankings() {
    let entries = drawn(300, 5);
    let dir = tempfile::tempdir().unwrap();
    let settings = IndexSettings::new(8).with_analyzer(Analyzer::English);
    let mut writer = IndexWriter::create(dir.path(), settings).unwrap();
    let documents: Vec<Document> = entries.into_iter().map(|(document, _)| document).collect();
    writer.add(&documents, &Numbers(6).vector(300 * 8)).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    let (vectors, texts) = (Numbers(7).vector(16), ["w1 w2", "unknown"]);
    let options = HybridOptions::default();
    let found = reader.search_hybrid(&vectors, &texts, 20, &options).unwrap();
    let by_vectors = reader.search(&vectors, 1000).unwrap();
    let by_words = reader.search_words(&texts, 1000, &options.bm25).unwrap();
    for query in 0..2 {
        let rankings = [&by_vectors[query][..], &by_words[query]];
        assert_eq!(found[query], reciprocal_rank_fusion(&rankings, 20, RANK_CONSTANT));
        assert!(found[query].iter().all(|hit| hit.passage == Some(0)));
    }
    // Without known words, the order is that of the vectors.
    assert_eq!(found[1][0].id, by_vectors[1][0].id);
    let error = reader
        .search_hybrid(&vectors, &["one"], 20, &options)
        .unwrap_err();
    assert!(matches!(error, IndexError::QueryCount { texts: 1, vectors: 2 }));
}
