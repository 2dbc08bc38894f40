//! A writer that is killed, or dropped before its commit, leaves the last generation whole.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use bert_search::{Analyzer, Bm25, Document, IndexReader, IndexSettings, IndexWriter};

use crate::collection::{add, entries, index};

const CHILD: &str = "BERT_SEARCH_TEST_INDEX";

fn settings() -> IndexSettings {
    IndexSettings::new(4).with_analyzer(Analyzer::Lowercase)
}

fn segments(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("segment-"))
        .count()
}

#[test]
fn a_writer_that_is_dropped_before_its_commit_changes_nothing() {
    let (dir, mut writer) = index(&entries(20, 4, 100), settings());
    writer.set_memory(900);
    add(&mut writer, &entries(60, 4, 101));
    writer.delete(&["d0"]).unwrap();
    assert!(segments(dir.path()) > 2);
    drop(writer);
    let reader = IndexReader::open(dir.path()).unwrap();
    reader.verify().unwrap();
    assert_eq!(reader.len(), 20);
    let writer = IndexWriter::open(dir.path()).unwrap();
    assert_eq!(segments(dir.path()), 1, "the remains are removed");
    assert!(writer.contains("d0").unwrap() && !writer.contains("d30").unwrap());
}

#[test]
fn a_writer_that_is_killed_at_any_moment_leaves_what_it_committed() {
    // This test starts itself as the writer that it kills.
    if let Some(dir) = std::env::var_os(CHILD) {
        write_until_killed(Path::new(&dir));
    }
    let test = "kill::a_writer_that_is_killed_at_any_moment_leaves_what_it_committed";
    let dir = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let mut least = 0;
    for round in 0..8 {
        let mut child = Command::new(&program)
            .args(["--exact", test, "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // After some commits, at a moment in the next one.
        for line in lines.by_ref().map(Result::unwrap) {
            if let Some(count) = line.strip_prefix("committed ") {
                let count: usize = count.parse().unwrap();
                if count >= least + 20 {
                    least = count;
                    break;
                }
            }
        }
        std::thread::sleep(std::time::Duration::from_micros(700 * round));
        child.kill().unwrap();
        child.wait().unwrap();

        let reader = IndexReader::open(dir.path()).unwrap();
        reader.verify().unwrap();
        assert!(
            reader.len() >= least && reader.len().is_multiple_of(10),
            "{}",
            reader.len()
        );
        for number in 0..reader.len() {
            assert!(reader.document(&format!("{number}")).unwrap().is_some());
        }
        // Words and vectors are of one generation.
        let by_words = reader.search_words(&["text"], 10_000, &Bm25::default()).unwrap();
        let by_vectors = reader.search(&[1.0; 4], 10_000).unwrap();
        assert_eq!(
            (by_words[0].len(), by_vectors[0].len()),
            (reader.len(), reader.len())
        );
        least = reader.len();
    }
    // The lock died with its process.
    let mut writer = IndexWriter::open(dir.path()).unwrap();
    writer.merge(1).unwrap();
    writer.commit().unwrap();
    assert_eq!(segments(dir.path()), 1);
    assert_eq!(IndexReader::open(dir.path()).unwrap().len(), least);
}

/// The writer that is killed: it resumes where the last commit was.
fn write_until_killed(dir: &Path) -> ! {
    let mut writer = IndexWriter::open_or_create(dir, settings()).unwrap();
    let mut next = 0;
    while writer.contains(&format!("{next}")).unwrap() {
        next += 1;
    }
    loop {
        let batch: Vec<Document> = (next..next + 10)
            .map(|number| Document::new(format!("{number}"), "", "text"))
            .collect();
        writer.add(&batch, &[0.5; 40]).unwrap();
        if next % 50 == 0 {
            writer.merge(1).unwrap();
        }
        writer.commit().unwrap();
        next += 10;
        println!("committed {next}");
    }
}
