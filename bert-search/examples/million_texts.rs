//! Time of searches by words in a large index, as one JSON object.
//!
//! ```text
//! cargo run --release -p bert-search --example million_texts -- 1000000
//! ```
//!
//! The argument is the number of documents. They have 5 to 24 words, drawn so that the word of rank r is about as likely as 1 / r
//! (Zipf's law), from 500 000 words. Queries are drawn alike, and searched one by one on one thread; the best of five rounds counts.

use std::time::Instant;

use bert_search::{Analyzer, Bm25, Document, IndexReader, IndexSettings, IndexWriter};
use serde_json::{Map, json};

const BATCH: usize = 10_000;
const VOCABULARY: f64 = 500_000.0;
const ROUNDS: usize = 5;
const QUERIES: usize = 200;

/// Words that are functions of a seed.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        // SplitMix64 (Steele et al. 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn text(&mut self, words: u64) -> String {
        let mut word = || {
            let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
            format!("w{} ", VOCABULARY.powf(uniform) as u64)
        };
        (0..words).map(|_| word()).collect()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |count| count.parse())?;
    let dir = tempfile::tempdir()?;
    let settings = IndexSettings::new(0).with_analyzer(Analyzer::Lowercase);
    let mut writer = IndexWriter::create(dir.path(), settings)?;
    let mut words = Words(1);
    let start = Instant::now();
    for first in (0..count).step_by(BATCH) {
        let numbers = first..count.min(first + BATCH);
        let documents: Vec<Document> = numbers
            .map(|number| {
                let length = 5 + words.next() % 20;
                Document::new(number.to_string(), "", words.text(length))
            })
            .collect();
        writer.add(&documents, &[])?;
    }
    writer.merge(1)?;
    writer.commit()?;
    let build = start.elapsed().as_secs_f64();
    drop(writer);

    let reader = IndexReader::open(dir.path())?;
    let mut milliseconds = Map::new();
    let mut measure = |name: String, queries: &[String]| -> Result<(), Box<dyn std::error::Error>> {
        for k in [10, 1000] {
            let mut best = f64::INFINITY;
            for _ in 0..ROUNDS {
                let start = Instant::now();
                for query in queries {
                    reader.search_words(&[query], k, &Bm25::default())?;
                }
                best = best.min(1e3 * start.elapsed().as_secs_f64() / queries.len() as f64);
            }
            milliseconds.insert(format!("{name}, best {k}"), json!(best));
        }
        Ok(())
    };
    for length in [3, 8, 30] {
        let queries: Vec<String> = (0..QUERIES).map(|_| words.text(length)).collect();
        measure(format!("{length} words"), &queries)?;
    }
    let rare: Vec<String> = (0..QUERIES).map(|i| format!("w{}", 200_000 + i)).collect();
    measure("a rare word".into(), &rare)?;
    let report = json!({
        "documents": count,
        "build_seconds": build,
        "milliseconds_a_query": milliseconds,
    });
    println!("{report:#}");
    Ok(())
}
