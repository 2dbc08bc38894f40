//! Input that cannot be used is refused with a message, and changes nothing.

use bert_search::{Document, IndexError, IndexReader, IndexSettings, IndexWriter, Similarity};

use crate::collection::{entries, index};

#[test]
fn vectors_without_meaning_are_refused_with_the_id_of_their_document() {
    let (dir, mut writer) = index(&entries(3, 2, 80), IndexSettings::new(2));
    for (value, words) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (0.0, "are 0")] {
        let good = Document::new("good", "", "text");
        let bad = Document::new("bad", "", "some text").with_passages(vec![0..4, 4..9]);
        let message = writer
            .add(&[good, bad], &[1.0, 1.0, 2.0, 2.0, value, 0.0])
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("document `bad`, passage 1: ") && message.contains(words),
            "{message}"
        );
    }
    assert!(!writer.contains("good").unwrap());
    assert_eq!(writer.commit().unwrap(), 1);
    assert_eq!(IndexReader::open(dir.path()).unwrap().len(), 3);
}

#[test]
fn an_id_that_occurs_twice_in_a_batch_is_refused() {
    let (_dir, mut writer) = index(&[], IndexSettings::new(1));
    let twice = ["a", "b", "a"].map(|id| Document::new(id, "", ""));
    assert!(matches!(writer.add(&twice, &[1.0; 3]), Err(IndexError::RepeatedId(id)) if id == "a"));
    assert!(writer.is_empty());
    // In two batches, the later one counts.
    writer.add(&twice[..1], &[1.0]).unwrap();
    writer.add(&[Document::new("a", "", "later")], &[1.0]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(_dir.path()).unwrap();
    assert_eq!(reader.document("a").unwrap().unwrap().text, "later");
}

#[test]
fn there_must_be_a_vector_for_each_passage() {
    let (_dir, mut writer) = index(&[], IndexSettings::new(3));
    let message = writer
        .add(&[Document::new("a", "", "")], &[1.0; 4])
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("4 values for 1 passages of dimension 3; there must be 3"),
        "{message}"
    );
}

#[test]
fn queries_that_cannot_be_used() {
    let (dir, _writer) = index(&entries(3, 2, 81), IndexSettings::new(2));
    let reader = IndexReader::open(dir.path()).unwrap();
    assert!(matches!(reader.search(&[1.0, 1.0], 0), Err(IndexError::ZeroK)));
    assert!(matches!(
        reader.search(&[1.0, 1.0, 1.0], 1),
        Err(IndexError::QueryDimension {
            values: 3,
            dimension: 2
        })
    ));
    for bad in [[0.0, 0.0], [f32::NAN, 1.0]] {
        let queries = [[1.0, 2.0], bad].concat();
        assert!(matches!(
            reader.search(&queries, 1),
            Err(IndexError::Query { query: 1, .. })
        ));
        assert!(matches!(
            reader.search_quantized(&queries, 1, 9),
            Err(IndexError::Query { .. })
        ));
    }
    assert!(reader.search(&[], 3).unwrap().is_empty());
}

#[test]
fn an_empty_index_and_more_results_than_documents() {
    let (dir, mut writer) = index(&[], IndexSettings::new(2));
    let reader = IndexReader::open(dir.path()).unwrap();
    assert_eq!(
        reader.search(&[1.0, 0.0, 0.0, 1.0], 5).unwrap(),
        vec![vec![], vec![]]
    );
    assert!(reader.is_empty());
    let documents = ["a", "b"].map(|id| Document::new(id, "", ""));
    writer.add(&documents, &[1.0, 0.0, 0.0, 1.0]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    for k in [3, 1000, 1 << 63, usize::MAX] {
        assert_eq!(reader.search(&[1.0, 0.5], k).unwrap()[0].len(), 2);
        assert_eq!(
            reader.search_quantized(&[1.0, 0.5], k, usize::MAX).unwrap()[0].len(),
            2
        );
    }
}

#[test]
fn texts_without_words_and_of_megabytes() {
    let (dir, mut writer) = index(&[], IndexSettings::new(2));
    let long = "A sentence with “quotes”, a\nnew line and a \0. ".repeat(100_000);
    let documents = [Document::new("empty", "", ""), Document::new("long", "", long)];
    writer.add(&documents, &[1.0, 0.0, 0.0, 1.0]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    for document in &documents {
        assert_eq!(reader.document(&document.id).unwrap().as_ref(), Some(document));
    }
}

#[test]
fn dimensions() {
    let dir = tempfile::tempdir().unwrap();
    let most = bert_search::MAX_DIMENSION;
    let message = IndexWriter::create(dir.path(), IndexSettings::new(most + 1))
        .unwrap_err()
        .to_string();
    assert!(message.contains("at most 65536"), "{message}");
    // Without vectors, documents are only kept.
    let mut writer = IndexWriter::create(dir.path(), IndexSettings::new(0)).unwrap();
    writer.add(&[Document::new("a", "", "text")], &[]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    assert!(matches!(reader.search(&[], 1), Err(IndexError::NoVectors(_))));
    assert_eq!(reader.document("a").unwrap().unwrap().text, "text");
}

#[test]
fn the_longest_vectors_work() {
    let dimension = bert_search::MAX_DIMENSION;
    let settings = IndexSettings::new(dimension).with_similarity(Similarity::Dot);
    let documents = ["a", "b"].map(|id| {
        (
            Document::new(id, "", ""),
            vec![if id == "a" { 1.0 } else { -1.0 }; dimension],
        )
    });
    let (dir, _writer) = index(&documents, settings);
    let reader = IndexReader::open(dir.path()).unwrap();
    let hits = reader.search_quantized(&vec![1.0; dimension], 1, 1).unwrap();
    assert_eq!(
        (hits[0][0].id.as_str(), hits[0][0].score),
        ("a", dimension as f32)
    );
}
