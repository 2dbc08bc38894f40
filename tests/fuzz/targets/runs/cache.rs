//! Encoded examples in a cache whose checksum is right.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use bert_fuzz::{folder, target, tokenizers};
use bert_tasks::{SequenceClassification, Task, TokenTagging};
use bert_train::data::cache;
use datasets::{Examples, Labels, TaggedDataset, TextDataset};

/// Magic and key, at the start of a file.
const HEAD: usize = 8 + 32;
/// The checksum, at its end.
const TAIL: usize = 4;

/// A file of a cache, and how it is read.
struct Cache {
    path: PathBuf,
    whole: Vec<u8>,
    read: Box<dyn Fn() + Send + Sync>,
}

impl Cache {
    fn new<K: Task>(name: &str, task: K, examples: Examples<K::Example>) -> Self {
        let dir = folder().join(name);
        let tokenizer = tokenizers::tokenizer();
        let read = {
            let dir = dir.clone();
            Box::new(move || {
                let cached = cache::encode(&dir, &task, &examples, &tokenizer, 16);
                let rows = cached.expect("damaged files are replaced").rows;
                for (row, found) in rows.iter().enumerate() {
                    let _ = (found, rows.tokens(row), rows.example_rows(row));
                }
            })
        };
        read();
        let mut files = std::fs::read_dir(&dir).expect("it has been made");
        let path = files
            .next()
            .expect("it has a file")
            .expect("it can be read")
            .path();
        let whole = std::fs::read(&path).expect("it has been written");
        Self { path, whole, read }
    }

    /// Reads the file with `content` between key and checksum.
    fn read_with(&self, content: &[u8]) {
        let mut bytes = [&self.whole[..HEAD], content].concat();
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        std::fs::write(&self.path, bytes).expect("files can be written");
        (self.read)();
    }
}

/// A cache of texts, and one of sentences.
fn caches() -> &'static [Cache; 2] {
    static CACHES: OnceLock<[Cache; 2]> = OnceLock::new();
    CACHES.get_or_init(|| {
        let labels = || Labels::collect(["no", "yes"]).expect("they are two");
        let lines = ["the cat sat".to_owned(), "cats sat!".to_owned(), "the".to_owned()];
        let file = "t.txt".as_ref();
        let texts = TextDataset::from_texts(file, &lines).expect("there are some");
        let sentences = TaggedDataset::from_texts(file, &lines).expect("there are some");
        [
            Cache::new("texts", SequenceClassification::new(labels(), "accuracy"), texts),
            Cache::new("sentences", TokenTagging::new(labels(), 4), sentences),
        ]
    })
}

target!(
    |input| caches().iter().for_each(|cache| cache.read_with(input)),
    || caches()
        .iter()
        .map(|cache| cache.whole[HEAD..cache.whole.len() - TAIL].to_vec())
        .collect()
);
