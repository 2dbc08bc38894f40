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

/// Corrects size and checksum of a file in the manifest, so that its damage is not found by them.
pub fn correct(dir: &Path, name: &str, bytes: &[u8]) {
    let path = dir.join("index.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let segment = &mut manifest["index"]["segments"][0];
    let deleted = segment["deletions"]["file"]["name"] == name;
    let entry = match deleted {
        true => &mut segment["deletions"]["file"],
        false => {
            let mut files = segment["files"].as_array_mut().unwrap().iter_mut();
            files.find(|entry| entry["name"] == name).unwrap()
        }
    };
    entry["size"] = bytes.len().into();
    entry["crc32c"] = crc32c::crc32c(bytes).into();
    let json = serde_json::to_vec(&manifest["index"]).unwrap();
    manifest["crc32c"] = crc32c::crc32c(&json).into();
    fs::write(path, manifest.to_string()).unwrap();
}

#[test]
fn damage_that_checksums_do_not_show_makes_no_panic() {
    let settings = IndexSettings::new(2).with_analyzer(Analyzer::English);
    let (dir, mut writer) = index(&entries(140, 2, 93), settings);
    writer.delete(&["d3", "d139"]).unwrap();
    writer.commit().unwrap();
    drop(writer);
    let manifest = fs::read(dir.path().join("index.json")).unwrap();
    let mut read = 0;
    for file in files(&dir.path().join("segment-000001")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let whole = fs::read(&file).unwrap();
        for part in 0..50 {
            let mut damaged = whole.clone();
            let at = (part * 7919 + part * part) % whole.len();
            match part % 5 {
                0 => damaged.truncate(at),
                1 => damaged[at] = 0xff,
                2 => damaged[at..whole.len().min(at + 8)].fill(0xff),
                3 => damaged[at..whole.len().min(at + 4)].fill(0),
                _ => damaged[at] ^= 1 << (part % 8),
            }
            fs::write(&file, &damaged).unwrap();
            correct(dir.path(), name, &damaged);
            if let Ok(reader) = IndexReader::open(dir.path()) {
                reader.verify().unwrap();
                let queries = ["part", "titles 7 of part", "first 99 zero"];
                for k in [1, 1000] {
                    read += usize::from(reader.search_words(&queries, k, &Bm25::default()).is_ok());
                    let _ = reader.search(&[1.0, 0.5], k);
                    let _ = reader.search_quantized(&[1.0, 0.5], k, 3);
                }
                reader.entries().for_each(drop);
            }
            // A merge writes many files.
            if part % 6 == 0
                && let Ok(mut writer) = IndexWriter::open(dir.path())
            {
                let _ = writer.contains("d70").and_then(|_| writer.merge(1));
            }
            fs::write(dir.path().join("index.json"), &manifest).unwrap();
        }
        fs::write(&file, &whole).unwrap();
    }
    assert!(read > 100, "most files can be opened: {read}");
    IndexReader::open(dir.path()).unwrap().verify().unwrap();
}

#[test]
fn deleted_documents_behind_the_last_one_are_damage() {
    // Merges would number the documents of the next segment wrongly.
    let (dir, mut writer) = index(&entries(11, 2, 94), IndexSettings::new(2));
    writer.delete(&["d3"]).unwrap();
    writer.commit().unwrap();
    drop(writer);
    let file = dir.path().join("segment-000001/deleted-000002");
    let bits = [0, 0b1000];
    fs::write(&file, bits).unwrap();
    correct(dir.path(), "deleted-000002", &bits);
    let message = IndexReader::open(dir.path()).unwrap_err().to_string();
    assert!(message.contains("deleted-000002"), "{message}");
}

#[test]
fn a_manifest_that_no_writer_writes_is_damage() {
    let settings = IndexSettings::new(2);
    let (dir, writer) = index(&entries(3, 2, 95), settings);
    drop(writer);
    let path = dir.path().join("index.json");
    let whole: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let changes: [(&str, serde_json::Value); 6] = [
        ("/settings/dimension", (1_u64 << 40).into()),
        ("/generation", u64::MAX.into()),
        ("/next_segment", u64::MAX.into()),
        ("/segments/0/name", "../segment-000001".into()),
        ("/segments/0/files/0/name", "/dev/zero".into()),
        ("/segments/0/words", u64::MAX.into()),
    ];
    for (place, value) in changes {
        let mut manifest = whole.clone();
        *manifest["index"].pointer_mut(place).unwrap() = value;
        let json = serde_json::to_vec(&manifest["index"]).unwrap();
        manifest["crc32c"] = crc32c::crc32c(&json).into();
        fs::write(&path, manifest.to_string()).unwrap();
        let opened = IndexReader::open(dir.path()).and_then(|reader| reader.verify());
        let error = opened.expect_err(place);
        assert!(
            matches!(&error, IndexError::Damaged { file, .. } if *file == path),
            "{error}"
        );
    }
}
