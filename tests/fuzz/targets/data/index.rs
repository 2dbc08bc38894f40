//! A search index whose files are damaged, with checksums that are right, so that the damage is not found by them.
#![no_main]

use std::fs;
use std::path::Path;

use bert_fuzz::{Parts, file, folder, joined, target};
use bert_search::{Analyzer, Bm25, Document, IndexReader, IndexSettings, IndexWriter};
use serde_json::{Value, json};

const MANIFEST: &str = "index.json";
const SEGMENT: &str = "segment-000001";

/// The manifest with sizes and checksums of the files of an input.
fn manifest(parts: &Parts) -> Option<Vec<u8>> {
    let mut manifest: Value = serde_json::from_slice(parts.get(MANIFEST)?).ok()?;
    for segment in manifest.get_mut("index")?.get_mut("segments")?.as_array_mut()? {
        let deleted = segment
            .get_mut("deletions")
            .and_then(|deletions| deletions.get_mut("file"));
        if let Some(entry) = deleted {
            correct(entry, parts);
        }
        segment
            .get_mut("files")?
            .as_array_mut()?
            .iter_mut()
            .for_each(|entry| correct(entry, parts));
    }
    let json = serde_json::to_vec(manifest.get("index")?).ok()?;
    *manifest.get_mut("crc32c")? = json!(crc32c::crc32c(&json));
    serde_json::to_vec(&manifest).ok()
}

fn correct(entry: &mut Value, parts: &Parts) {
    let bytes = entry
        .get("name")
        .and_then(Value::as_str)
        .and_then(|name| parts.get(name));
    if let (Some(bytes), Some(entry)) = (bytes, entry.as_object_mut()) {
        entry.insert("size".into(), json!(bytes.len()));
        entry.insert("crc32c".into(), json!(crc32c::crc32c(bytes)));
    }
}

/// Everything that reads files.
fn read(dir: &Path) {
    let Ok(reader) = IndexReader::open(dir) else {
        return;
    };
    let _ = reader.verify();
    let queries = vec![0.5; 2 * reader.settings().dimension];
    for k in [1, 1000] {
        let _ = reader.search(&queries, k);
        let _ = reader.search_quantized(&queries, k, 2);
        let _ = reader.search_words(&["oil", "the price oil fell", "z a"], k, &Bm25::default());
    }
    for id in ["1", "2", "130"] {
        let _ = (reader.document(id), reader.vectors(id));
    }
    let entries = reader.entries().take_while(Result::is_ok).count();
    assert!(entries <= reader.len());
    drop(reader);
    let Ok(mut writer) = IndexWriter::open(dir) else {
        return;
    };
    let _ = writer
        .delete(&["2"])
        .and_then(|_| writer.merge(1))
        .and_then(|()| writer.commit());
}

/// The files of a small index in one input.
fn seed(dimension: usize, texts: &[&str], deleted: &[&str]) -> Vec<u8> {
    let dir = folder().join("seed");
    let settings = IndexSettings::new(dimension).with_analyzer(Analyzer::English);
    let mut writer = IndexWriter::create(&dir, settings).expect("the folder is new");
    let document = |(number, text): (usize, &&str)| {
        let passages = if dimension == 0 {
            vec![]
        } else {
            vec![0..text.len(), 0..1]
        };
        Document::new(number.to_string(), "", *text).with_passages(passages)
    };
    let documents: Vec<Document> = texts.iter().enumerate().map(document).collect();
    let rows = documents
        .iter()
        .map(|document| document.passages.len())
        .sum::<usize>();
    let vectors: Vec<f32> = (0..rows * dimension).map(|i| 1.0 + i as f32).collect();
    writer.add(&documents, &vectors).expect("they can be indexed");
    writer.commit().expect("files can be written");
    writer.delete(deleted).expect("they are there");
    writer.commit().expect("files can be written");
    let read = |path: &Path| fs::read(path).expect("it has been written");
    let mut files = vec![(MANIFEST.to_owned(), read(&dir.join(MANIFEST)))];
    for entry in fs::read_dir(dir.join(SEGMENT)).expect("there is one segment") {
        let path = entry.expect("the folder can be read").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("names are plain");
        files.push((name.to_owned(), read(&path)));
    }
    drop(writer);
    fs::remove_dir_all(&dir).expect("it can be removed");
    files.sort();
    let files: Vec<(&str, &Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes)).collect();
    joined(&files)
}

target!(
    |input| {
        let dir = folder().join("index");
        let _ = fs::remove_dir_all(&dir);
        let parts = Parts::of(input);
        for (name, bytes) in parts.iter() {
            let plain = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(['/', '\0']);
            if plain && name.len() < 100 && name != MANIFEST {
                file(&format!("index/{SEGMENT}/{name}"), bytes);
            }
        }
        if let Some(manifest) = manifest(&parts) {
            file(&format!("index/{MANIFEST}"), &manifest);
            read(&dir);
        }
    },
    || {
        let few = [
            "Oil prices fell.",
            "The price of bread",
            "The cup was decided late",
        ];
        let many = ["oil"; 140];
        vec![
            seed(2, &few, &[]),
            seed(2, &few, &["1"]),
            seed(0, &few, &["0"]),
            seed(0, &many, &["3", "7"]),
        ]
    }
);
