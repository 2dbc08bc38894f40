//! Exports to files of other programs.

use std::fs;
use std::path::Path;

use bert_search::{
    Document, ExportFormat, IndexError, IndexReader, IndexSettings, IndexWriter, Similarity, export,
};
use serde_json::Value;

use crate::collection::{Numbers, entries, index};
use crate::damage::correct;

/// All passages with their vectors, in the order of an export.
fn passages(reader: &IndexReader) -> Vec<(Document, usize, Vec<f32>)> {
    let mut all = Vec::new();
    for entry in reader.entries() {
        let (document, vectors) = entry.unwrap();
        for (number, vector) in vectors.chunks(reader.settings().dimension).enumerate() {
            all.push((document.clone(), number, vector.to_vec()));
        }
    }
    all
}

fn assert_payload(found: &Value, document: &Document, number: usize) {
    assert_eq!(found["id"], document.id);
    assert_eq!(found["passage"], number);
    assert_eq!(found["title"], document.title);
    assert_eq!(found["text"], document.passage(number).unwrap());
}

#[test]
fn an_array_and_lines_have_the_same_rows() {
    let (dir, mut writer) = index(&entries(60, 12, 110), IndexSettings::new(12));
    writer.delete(&["d7", "d8"]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    let out = dir.path().join("new/export");
    let rows = export(&reader, &out, ExportFormat::Npy).unwrap() as usize;
    let expected = passages(&reader);
    assert_eq!(rows, expected.len());
    let array = fs::read(out.join("vectors.npy")).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([array[8], array[9]]));
    let header = String::from_utf8_lossy(&array[10..start]);
    assert!(header.contains("'descr': '<f4'") && header.contains(&format!("'shape': ({rows}, 12)")));
    let values = expected.iter().flat_map(|(_, _, vector)| vector);
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(array[start..], bytes);
    let lines = fs::read_to_string(out.join("passages.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), rows);
    for (line, (document, number, _)) in lines.lines().zip(&expected) {
        assert_payload(&serde_json::from_str(line).unwrap(), document, *number);
    }
}

#[test]
fn points_are_in_files_that_a_server_takes() {
    let settings = IndexSettings::new(3).with_similarity(Similarity::Dot);
    let (dir, _writer) = index(&entries(1300, 3, 111), settings);
    let reader = IndexReader::open(dir.path()).unwrap();
    let out = dir.path().join("points");
    export(&reader, &out, ExportFormat::Qdrant).unwrap();
    let read = |name: &str| serde_json::from_slice::<Value>(&fs::read(out.join(name)).unwrap()).unwrap();
    assert_eq!(
        read("collection.json"),
        serde_json::json!({"vectors": {"size": 3, "distance": "Dot"}})
    );
    let expected = passages(&reader);
    let files = expected.len().div_ceil(1000);
    assert_eq!(fs::read_dir(&out).unwrap().count(), files + 1);
    let points: Vec<Value> = (1..=files)
        .flat_map(|file| {
            read(&format!("points-{file:06}.json"))["points"]
                .as_array()
                .unwrap()
                .clone()
        })
        .collect();
    assert_eq!(points.len(), expected.len());
    let mut ids = std::collections::HashSet::new();
    for (point, (document, number, vector)) in points.iter().zip(&expected) {
        assert_payload(&point["payload"], document, *number);
        let found = point["vector"].as_array().unwrap().iter();
        assert!(
            found
                .map(|value| value.as_f64().unwrap() as f32)
                .eq(vector.iter().copied())
        );
        assert!(ids.insert(point["id"].as_str().unwrap()));
    }
}

/// The bytes are those that pyarrow has read (scripts/check/index-export).
#[test]
fn a_parquet_file_is_as_pyarrow_has_read_it() {
    let document = Document::new("ö1", "Title", "One. Two.").with_passages(vec![0..4, 5..9]);
    let dir = tempfile::tempdir().unwrap();
    let settings = IndexSettings::new(2).with_similarity(Similarity::Dot);
    let mut writer = IndexWriter::create(dir.path(), settings).unwrap();
    writer.add(&[document], &[1.0, 2.0, 3.0, 4.0]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    let file = dir.path().join("export.parquet");
    assert_eq!(export(&reader, &file, ExportFormat::Parquet).unwrap(), 2);
    let bytes = fs::read(&file).unwrap();
    assert_eq!(
        (&bytes[..4], &bytes[bytes.len() - 4..]),
        (&b"PAR1"[..], &b"PAR1"[..])
    );
    assert_eq!((bytes.len(), crc32c::crc32c(&bytes)), (483, 4_115_948_758));
}

#[test]
fn large_exports_have_several_row_groups() {
    let (dir, mut writer) = index(&[], IndexSettings::new(4096));
    for batch in 0..3 {
        let documents: Vec<Document> = (0..900)
            .map(|i| Document::new(format!("{batch}-{i}"), "", "text"))
            .collect();
        writer
            .add(&documents, &Numbers(batch).vector(900 * 4096))
            .unwrap();
    }
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    let file = dir.path().join("export.parquet");
    export(&reader, &file, ExportFormat::Parquet).unwrap();
    let bytes = fs::read(&file).unwrap();
    let end = bytes.len() - 8;
    let footer = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    // Each of the two row groups names each column.
    let groups = bytes[end - footer..end]
        .windows(11)
        .filter(|window| window == b"\x06vector\x04lis");
    assert_eq!(groups.count(), 2);
}

#[test]
fn nothing_is_replaced_and_nothing_is_left_half() {
    let (dir, writer) = index(&entries(30, 2, 112), IndexSettings::new(2));
    drop(writer);
    let all = [ExportFormat::Npy, ExportFormat::Parquet, ExportFormat::Qdrant];
    let names = |dir: &Path| fs::read_dir(dir).unwrap().count();
    let out = tempfile::tempdir().unwrap();
    let reader = IndexReader::open(dir.path()).unwrap();
    for format in all {
        let there = export(&reader, out.path(), format);
        assert!(matches!(there, Err(IndexError::ExportExists(path)) if path == out.path()));
    }
    // The last document cannot be read.
    let documents = dir.path().join("segment-000001/documents.jsonl");
    let mut bytes = fs::read(&documents).unwrap();
    let end = bytes.len() - 2;
    bytes[end] = b'!';
    fs::remove_file(&documents).unwrap();
    fs::write(&documents, &bytes).unwrap();
    correct(dir.path(), "documents.jsonl", &bytes);
    let reader = IndexReader::open(dir.path()).unwrap();
    for format in all {
        let failed = export(&reader, out.path().join("export"), format);
        assert!(matches!(failed, Err(IndexError::Damaged { file, .. }) if file == documents));
        assert_eq!(names(out.path()), 0);
    }
    let (dir, _writer) = index(&[], IndexSettings::new(0));
    let reader = IndexReader::open(dir.path()).unwrap();
    let none = export(&reader, out.path().join("export"), ExportFormat::Npy);
    assert!(matches!(none, Err(IndexError::NoVectors(_))));
}
