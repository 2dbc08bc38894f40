//! Readers keep their generation; one writer at a time.

use bert_search::{Document, IndexError, IndexReader, IndexSettings, IndexWriter, Similarity};

use crate::collection::{Numbers, add, entries, index};

#[test]
fn readers_keep_their_generation_while_a_writer_deletes_and_merges() {
    let old = entries(300, 16, 30);
    let (dir, mut writer) = index(&old, IndexSettings::new(16));
    let queries = Numbers(31).vector(3 * 16);
    let reader = IndexReader::open(dir.path()).unwrap();
    let before = reader.search(&queries, 10).unwrap();
    let generation = reader.generation();
    for round in 0..4 {
        add(&mut writer, &entries(300, 16, 32 + round));
        writer.delete(&["d0", "d1"]).unwrap();
        writer.merge(1).unwrap();
        assert_eq!(
            reader.is_current().unwrap(),
            round == 0,
            "nothing is seen before the commit"
        );
        writer.commit().unwrap();
        assert_eq!(reader.search(&queries, 10).unwrap(), before);
        assert_eq!(reader.search_quantized(&queries, 10, 200).unwrap(), before);
        assert_eq!(reader.document("d0").unwrap().as_ref(), Some(&old[0].0));
    }
    let now = IndexReader::open(dir.path()).unwrap();
    assert_eq!((now.generation(), now.len()), (generation + 4, 298));
    assert_ne!(now.search(&queries, 10).unwrap(), before);
}

#[test]
fn readers_can_be_opened_at_any_time_while_a_writer_commits() {
    let (dir, mut writer) = index(&entries(50, 4, 40), IndexSettings::new(4));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..60 {
                add(&mut writer, &entries(50, 4, round));
                writer.merge(1).unwrap();
                writer.commit().unwrap();
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            let reader = IndexReader::open(dir.path()).unwrap();
            assert_eq!(reader.search(&[1.0, 0.0, 0.0, 0.0], 100).unwrap()[0].len(), 50);
        }
    });
}

#[test]
fn a_second_writer_is_refused_with_a_message() {
    let (dir, writer) = index(&entries(3, 4, 50), IndexSettings::new(4));
    for second in [
        IndexWriter::open(dir.path()),
        IndexWriter::create(dir.path(), IndexSettings::new(4)),
    ] {
        let message = second.unwrap_err().to_string();
        assert!(message.contains("another writer (process"), "{message}");
        assert!(message.contains(&dir.path().display().to_string()), "{message}");
    }
    drop(writer);
    IndexWriter::open(dir.path()).unwrap();
}

#[test]
fn indexes_are_created_once_and_keep_their_settings() {
    let settings = IndexSettings::new(4).with_model("minilm");
    let (dir, writer) = index(&entries(3, 4, 60), settings.clone());
    drop(writer);
    assert!(matches!(
        IndexWriter::create(dir.path(), settings.clone()),
        Err(IndexError::Exists(_))
    ));
    assert_eq!(
        IndexWriter::open_or_create(dir.path(), settings.clone())
            .unwrap()
            .len(),
        3
    );
    for (other, words) in [
        (IndexSettings::new(5).with_model("minilm"), "dimension 4, not 5"),
        (
            settings.clone().with_similarity(Similarity::Dot),
            "similarity Cosine, not Dot",
        ),
        (settings.with_model("other"), "model `minilm`, not `other`"),
    ] {
        let message = IndexWriter::open_or_create(dir.path(), other)
            .unwrap_err()
            .to_string();
        assert!(message.contains(words), "{message}");
    }
    let none = tempfile::tempdir().unwrap();
    assert!(matches!(
        IndexReader::open(none.path()),
        Err(IndexError::NotAnIndex(_))
    ));
    assert!(matches!(
        IndexWriter::open(none.path()),
        Err(IndexError::NotAnIndex(_))
    ));
    assert_eq!(std::fs::read_dir(none.path()).unwrap().count(), 0);
}

#[test]
fn a_commit_without_changes_makes_no_generation() {
    let (_dir, mut writer) = index(&entries(3, 4, 70), IndexSettings::new(4));
    assert_eq!(writer.commit().unwrap(), 1);
    writer.add(&[], &[]).unwrap();
    writer.delete(&["not there"]).unwrap();
    assert_eq!(writer.commit().unwrap(), 1);
    writer.add(&[Document::new("new", "", "")], &[1.0; 4]).unwrap();
    assert_eq!(writer.commit().unwrap(), 2);
}
