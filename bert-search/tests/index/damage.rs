//! Damaged files are found, and named.

use std::fs;
use std::path::{Path, PathBuf};

use bert_search::{Analyzer, Bm25, Document, IndexError, IndexReader, IndexSettings, IndexWriter};

use crate::collection::{entries, index};

/// All files that the index reads.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false if path.ends_with("writer.lock") => {}
            false => files.push(path),
        }
    }
    files
}

fn assert_found(dir: &Path, file: &Path) {
    let opened = IndexReader::open(dir).and_then(|reader| reader.verify());
    let message = opened.expect_err(&file.display().to_string()).to_string();
    assert!(
        message.contains(&file.display().to_string()),
        "{message} in {}",
        file.display()
    );
}

#[test]
fn a_changed_byte_a_missing_byte_and_a_missing_file_are_found_in_every_file() {
    let settings = IndexSettings::new(8).with_analyzer(Analyzer::English);
    let (dir, mut writer) = index(&entries(150, 8, 90), settings);
    writer.delete(&["d1", "d20"]).unwrap();
    writer.commit().unwrap();
    drop(writer);
    let files = files(dir.path());
    assert!(files.len() >= 14, "{files:?}");
    for file in files {
        let whole = fs::read(&file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 4;
        fs::write(&file, &changed).unwrap();
        assert_found(dir.path(), &file);
        fs::write(&file, &whole[..whole.len() - 2]).unwrap();
        assert_found(dir.path(), &file);
        fs::write(&file, b"").unwrap();
        assert_found(dir.path(), &file);
        if !file.ends_with("index.json") {
            fs::remove_file(&file).unwrap();
            assert_found(dir.path(), &file);
        }
        fs::write(&file, &whole).unwrap();
        IndexReader::open(dir.path()).unwrap().verify().unwrap();
    }
}

#[test]
fn a_changed_byte_in_a_large_file_is_found_by_verify() {
    let (dir, writer) = index(&entries(3000, 128, 91), IndexSettings::new(128));
    drop(writer);
    let file = dir.path().join("segment-000001/vectors.f32");
    let mut bytes = fs::read(&file).unwrap();
    assert!(bytes.len() > 1 << 20);
    bytes[1_000_000] ^= 1;
    fs::write(&file, bytes).unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    assert!(matches!(reader.verify(), Err(IndexError::Damaged { file: found, .. }) if found == file));
}

#[test]
fn a_changed_table_makes_an_error_and_no_panic() {
    let (dir, writer) = index(
        &entries(50_000, 2, 92),
        IndexSettings::new(2).with_analyzer(Analyzer::Lowercase),
    );
    drop(writer);
    let file = dir.path().join("segment-000001/documents.table");
    let whole = fs::read(&file).unwrap();
    assert!(
        whole.len() > 1 << 20,
        "its checksum is not compared when it is opened"
    );
    for at in [
        0,
        16,
        24 * 25_000 + 16,
        24 * 40_000,
        24 * 40_000 + 8,
        24 * 49_999 + 16,
    ] {
        for value in [0, 60_000, u64::MAX] {
            let mut changed = whole.clone();
            changed[at..at + 8].copy_from_slice(&u64::to_le_bytes(value));
            fs::write(&file, changed).unwrap();
            let Ok(reader) = IndexReader::open(dir.path()) else {
                continue;
            };
            let _ = reader.search(&[1.0, 0.5], 1000);
            let _ = reader.search_words(&["part of 300"], 1000, &Bm25::default());
            let _ = reader.document("d25000");
            let _ = reader.vectors("d40000");
            reader.entries().for_each(drop);
        }
    }
}

#[test]
fn another_version_is_told() {
    let (dir, writer) = index(&[], IndexSettings::new(2));
    drop(writer);
    let file = dir.path().join("index.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"version\": 2", "\"version\": 7")).unwrap();
    for message in [
        IndexReader::open(dir.path()).unwrap_err().to_string(),
        IndexWriter::open(dir.path()).unwrap_err().to_string(),
    ] {
        assert!(message.contains("format version 7"), "{message}");
    }
}

#[test]
fn a_changed_inverted_index_makes_no_panic() {
    let settings = IndexSettings::new(0).with_analyzer(Analyzer::Lowercase);
    let (dir, mut writer) = index(&[], settings);
    for first in (0..6000).step_by(1000) {
        let word = |number: u64, i: u64| {
            format!(
                "w{}",
                (number * 7919 + i * 104_729 + i * i * number) % (1 + i * 5000)
            )
        };
        let text = |number| (0..120).map(|i| word(number, i)).collect::<Vec<_>>().join(" ");
        let documents: Vec<Document> = (first..first + 1000)
            .map(|number| Document::new(number.to_string(), "", text(number)))
            .collect();
        writer.add(&documents, &[]).unwrap();
    }
    writer.commit().unwrap();
    drop(writer);
    let file = dir.path().join("segment-000001/words.postings");
    let whole = fs::read(&file).unwrap();
    assert!(
        whole.len() > 1 << 20,
        "its checksum is not compared when it is opened"
    );
    let queries: Vec<String> = (0..200).map(|i| format!("w{} w{}", i * 13, i * 977)).collect();
    for part in 0..20 {
        let mut changed = whole.clone();
        let start = (whole.len() - 60) / 19 * part;
        changed[start..start + 40]
            .iter_mut()
            .for_each(|byte| *byte ^= 0xa5);
        fs::write(&file, changed).unwrap();
        let opened = IndexReader::open(dir.path());
        // Results may be wrong, until the index is verified.
        if let Ok(reader) = opened {
            let _ = reader.search_words(&queries, 10, &Bm25::default());
            assert_found(dir.path(), &file);
        }
    }
}
