//! Results are those of a plain search.

use bert_search::{Document, IndexReader, IndexSettings, Similarity};

use crate::collection::{Numbers, assert_same, entries, index, plain_search};

#[test]
fn exact_and_quantized_search_find_what_a_plain_search_finds() {
    for (count, dimension, similarity) in [
        (1, 1, Similarity::Dot),
        (50, 3, Similarity::Dot),
        (3000, 33, Similarity::Cosine),
        (2000, 128, Similarity::Dot),
        (1500, 384, Similarity::Cosine),
    ] {
        let entries = entries(count, dimension, 1);
        let settings = IndexSettings::new(dimension).with_similarity(similarity);
        let (dir, _writer) = index(&entries, settings);
        let reader = IndexReader::open(dir.path()).unwrap();
        let queries = Numbers(2).vector(70 * dimension);
        for k in [1, 10, 100] {
            let exact = reader.search(&queries, k).unwrap();
            let quantized = reader.search_quantized(&queries, k, 10 * k + 100).unwrap();
            assert_eq!(exact.len(), 70);
            for (number, query) in queries.chunks(dimension).enumerate() {
                let expected = plain_search(&entries, query, k, similarity == Similarity::Cosine);
                // In one dimension all cosines and many products are equal, up to rounding.
                assert_same(&exact[number], &expected);
                assert_same(&quantized[number], &expected);
            }
            // Alone, a query has the same scores, bit for bit.
            assert_eq!(reader.search(&queries[..dimension], k).unwrap()[0], exact[0]);
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let entries = entries(5000, 40, 3);
    let (dir, _writer) = index(&entries, IndexSettings::new(40));
    let reader = IndexReader::open(dir.path()).unwrap();
    let queries = Numbers(4).vector(5 * 40);
    let search = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| reader.search(&queries, 25).unwrap())
    };
    let one = search(1);
    assert_eq!(one, search(2));
    assert_eq!(one, search(7));
}

#[test]
fn equal_scores_are_ordered_by_id_as_bytes_last_first() {
    let ids = ["a", "b", "B", "é", "10", "9", "aa"];
    let entries: Vec<_> = (0..1000)
        .map(|number| match ids.get(number) {
            Some(&id) => (Document::new(id, "", ""), vec![1.0, 2.0]),
            None => (Document::new(format!("0{number}"), "", ""), vec![1.0, 2.0]),
        })
        .collect();
    let (dir, _writer) = index(&entries, IndexSettings::new(2));
    let reader = IndexReader::open(dir.path()).unwrap();
    for hits in [
        reader.search(&[1.0, 1.0], 7),
        reader.search_quantized(&[1.0, 1.0], 7, 7),
    ] {
        let hits = hits.unwrap();
        let found: Vec<&str> = hits[0].iter().map(|hit| hit.id.as_str()).collect();
        assert_eq!(found, ["é", "b", "aa", "a", "B", "9", "10"]);
    }
}

#[test]
fn a_document_has_the_score_of_its_best_passage() {
    let long = Document::new("long", "", "one two three").with_passages(vec![0..3, 2..7, 8..13]);
    let entries = [
        (long, vec![0.0, 1.0, 1.0, 0.1, -1.0, 0.0]),
        (Document::new("short", "", "x"), vec![1.0, 1.0]),
        (Document::new("words only", "", "x").with_passages(vec![]), vec![]),
    ];
    let (dir, _writer) = index(&entries, IndexSettings::new(2));
    let reader = IndexReader::open(dir.path()).unwrap();
    let hits = reader.search(&[1.0, 0.0], 10).unwrap().remove(0);
    assert_same(&hits, &plain_search(&entries, &[1.0, 0.0], 10, true));
    assert_eq!((hits.len(), hits[0].passage), (2, Some(1)));
    let document = reader.document(&hits[0].id).unwrap().unwrap();
    assert_eq!(document.passage(1), Some("e two"));
    assert!(reader.document("words only").unwrap().is_some());
}

#[test]
fn documents_and_vectors_come_back() {
    let entries = entries(40, 5, 6);
    let (dir, _writer) = index(&entries, IndexSettings::new(5).with_similarity(Similarity::Dot));
    let reader = IndexReader::open(dir.path()).unwrap();
    let read: Vec<_> = reader.entries().map(Result::unwrap).collect();
    assert_eq!(read.len(), 40);
    for ((document, vectors), (read, read_vectors)) in entries.iter().zip(read) {
        assert_eq!((document, &vectors[..]), (&read, read_vectors));
        assert_eq!(reader.document(&document.id).unwrap().as_ref(), Some(document));
        assert_eq!(reader.vectors(&document.id).unwrap(), Some(&vectors[..]));
    }
    assert_eq!(reader.document("d40").unwrap(), None);
}
