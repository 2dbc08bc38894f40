//! The pickle in a `pytorch_model.bin`, whose archive is intact.
#![no_main]

use std::io::{Cursor, Read, Write};
use std::sync::OnceLock;

use bert_core::Checkpoint;
use bert_fuzz::{file, target};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const PICKLE: &str = "pytorch_model/data.pkl";

/// The files of an archive, by name.
fn files() -> &'static [(String, Vec<u8>)] {
    static FILES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let fixture = include_bytes!("../../../fixtures/pytorch_model.bin");
        let mut archive = ZipArchive::new(Cursor::new(fixture)).expect("it is an archive");
        let count = archive.len();
        let read = |at| {
            let mut file = archive.by_index(at).expect("it has so many files");
            let mut bytes = vec![];
            file.read_to_end(&mut bytes).expect("they are not damaged");
            (file.name().expect("names are UTF-8").into_owned(), bytes)
        };
        (0..count).map(read).collect()
    })
}

/// The archive with this pickle.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(vec![]));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files() {
        archive
            .start_file(name.as_str(), options)
            .expect("memory can be written");
        let bytes = if name == PICKLE { pickle } else { bytes };
        archive.write_all(bytes).expect("memory can be written");
    }
    archive.finish().expect("memory can be written").into_inner()
}

target!(
    |input| {
        let path = file("model/pytorch_model.bin", &archive(input));
        let _ = Checkpoint::open(path.parent().expect("it is in a folder"));
    },
    || {
        let pickles = files().iter().filter(|(name, _)| name == PICKLE);
        pickles.map(|(_, bytes)| bytes.clone()).collect()
    }
);
