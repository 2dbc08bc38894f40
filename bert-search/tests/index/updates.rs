//! Adding, replacing, deleting, merging.

use bert_search::{Document, IndexReader, IndexSettings, IndexWriter};

use crate::collection::{Entries, Numbers, add, assert_same, entries, index, plain_search};

fn check(dir: &std::path::Path, live: &Entries, dimension: usize) {
    let reader = IndexReader::open(dir).unwrap();
    reader.verify().unwrap();
    assert_eq!(reader.len(), live.len());
    let queries = Numbers(77).vector(6 * dimension);
    let exact = reader.search(&queries, 20).unwrap();
    let quantized = reader.search_quantized(&queries, 20, 300).unwrap();
    for (number, query) in queries.chunks(dimension).enumerate() {
        let expected = plain_search(live, query, 20, true);
        assert_same(&exact[number], &expected);
        assert_same(&quantized[number], &expected);
    }
    for (document, _) in live {
        assert_eq!(reader.document(&document.id).unwrap().as_ref(), Some(document));
    }
}

#[test]
fn results_stay_right_through_all_kinds_of_updates() {
    const DIMENSION: usize = 24;
    let mut live = entries(600, DIMENSION, 10);
    let (dir, mut writer) = index(&live, IndexSettings::new(DIMENSION));
    check(dir.path(), &live, DIMENSION);

    // Deleted: every third, and ids that are not there.
    let ids: Vec<String> = (0..900).step_by(3).map(|number| format!("d{number}")).collect();
    assert_eq!(writer.delete(&ids).unwrap(), 200);
    assert_eq!(writer.delete(&ids).unwrap(), 0);
    live.retain(|(document, _)| !ids.contains(&document.id));
    assert_eq!(writer.len(), 400);
    writer.commit().unwrap();
    check(dir.path(), &live, DIMENSION);

    // Replaced: a hundred that are there, a hundred that were deleted, a hundred that are new.
    let mut new = entries(700, DIMENSION, 11);
    new.drain(..400);
    add(&mut writer, &new);
    let names: Vec<&str> = new.iter().map(|(document, _)| document.id.as_str()).collect();
    live.retain(|(document, _)| !names.contains(&document.id.as_str()));
    live.extend(new.clone());
    assert!(writer.contains("d650").unwrap() && !writer.contains("d0").unwrap());
    writer.commit().unwrap();
    assert_eq!(writer.segments(), 2);
    check(dir.path(), &live, DIMENSION);

    // Replaced before they are committed.
    add(&mut writer, &entries(700, DIMENSION, 12)[690..]);
    let last = entries(700, DIMENSION, 13).split_off(690);
    add(&mut writer, &last);
    live.truncate(live.len() - 10);
    live.extend(last);
    writer.commit().unwrap();
    check(dir.path(), &live, DIMENSION);

    // Merged: two smallest of three, then all.
    writer.merge(2).unwrap();
    assert_eq!(writer.segments(), 2);
    writer.commit().unwrap();
    check(dir.path(), &live, DIMENSION);
    writer.merge(1).unwrap();
    writer.commit().unwrap();
    assert_eq!(writer.segments(), 1);
    check(dir.path(), &live, DIMENSION);
    let generation = writer.generation();
    writer.merge(1).unwrap();
    assert_eq!(writer.commit().unwrap(), generation, "there was nothing to merge");

    // A new writer goes on.
    drop(writer);
    let mut writer = IndexWriter::open(dir.path()).unwrap();
    assert_eq!(writer.delete(&["d699"]).unwrap(), 1);
    live.pop();
    writer.commit().unwrap();
    check(dir.path(), &live, DIMENSION);
}

#[test]
fn little_memory_makes_more_segments() {
    let entries = entries(100, 4, 20);
    let (dir, mut writer) = index(&[], IndexSettings::new(4));
    writer.set_memory(1000);
    for batch in entries.chunks(7) {
        add(&mut writer, batch);
    }
    assert!(writer.segments() > 3);
    writer.commit().unwrap();
    check(dir.path(), &entries, 4);
}

#[test]
fn an_index_whose_documents_are_all_deleted_is_empty() {
    let entries = entries(10, 4, 21);
    let (dir, mut writer) = index(&entries, IndexSettings::new(4));
    let ids: Vec<&str> = entries.iter().map(|(document, _)| document.id.as_str()).collect();
    assert_eq!(writer.delete(&ids).unwrap(), 10);
    writer.commit().unwrap();
    assert!(writer.is_empty());
    assert_eq!(writer.segments(), 0);
    check(dir.path(), &Vec::new(), 4);
    // Only the manifest and the lock are left.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    writer
        .add(&[Document::new("d3", "", "again")], &[1.0; 4])
        .unwrap();
    writer.commit().unwrap();
    assert_eq!(IndexReader::open(dir.path()).unwrap().len(), 1);
}
