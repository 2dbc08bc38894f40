//! A made index, its exports in all formats, and the results of some searches, for `scripts/check/index-export`.
//!
//! ```text
//! cargo run --release -p bert-search --example exports -- FOLDER
//! ```

use std::path::PathBuf;

use bert_search::{Document, ExportFormat, IndexReader, IndexSettings, IndexWriter, export};
use serde_json::json;

const DIMENSION: usize = 24;
const QUERIES: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder: PathBuf = std::env::args().nth(1).ok_or("usage: exports FOLDER")?.into();
    let mut state = 1_u64;
    let mut vectors = |count: usize| -> Vec<f32> {
        let mut value = || {
            // A linear congruential generator (Knuth).
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count * DIMENSION).map(|_| value()).collect()
    };
    let mut writer = IndexWriter::create(folder.join("index"), IndexSettings::new(DIMENSION))?;
    for number in 0..1500 {
        let document = Document::new(
            format!("d{number}"),
            format!("Tïtle {number}"),
            "\"Öne\" – two.\n",
        );
        let all = [0..6, 7..15];
        let passages = all[..if number % 3 == 0 { 1 } else { 2 }].to_vec();
        let vectors = vectors(passages.len());
        writer.add(&[document.with_passages(passages)], &vectors)?;
    }
    writer.delete(&["d3", "d4"])?;
    writer.commit()?;
    let reader = IndexReader::open(folder.join("index"))?;
    export(&reader, folder.join("npy"), ExportFormat::Npy)?;
    export(&reader, folder.join("index.parquet"), ExportFormat::Parquet)?;
    export(&reader, folder.join("qdrant"), ExportFormat::Qdrant)?;
    let queries = vectors(QUERIES);
    let hits: Vec<_> = reader
        .search(&queries, 10)?
        .into_iter()
        .map(|hits| {
            let hit = hits
                .into_iter()
                .map(|hit| json!([hit.id, hit.passage, hit.score]));
            hit.collect::<Vec<_>>()
        })
        .collect();
    let queries: Vec<&[f32]> = queries.chunks(DIMENSION).collect();
    std::fs::write(
        folder.join("results.json"),
        json!({ "queries": queries, "hits": hits }).to_string(),
    )?;
    Ok(())
}
