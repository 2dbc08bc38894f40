//! Parquet files of texts, tags and questions.
#![no_main]

use bert_fuzz::tables::{tags, texts};
use bert_fuzz::{file, target};
use datasets::Squad;

target!(
    |input| {
        let path = file("t.parquet", input);
        texts(&path);
        tags(&path);
        let _ = Squad::file(&path);
    },
    || {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/parquet");
        let files = std::fs::read_dir(fixtures).expect("the checkout has fixtures");
        let read = |file: std::io::Result<std::fs::DirEntry>| std::fs::read(file?.path());
        files
            .map(|file| read(file).expect("fixtures are files"))
            .collect()
    }
);
