//! Time and memory of a large index, as one JSON object.
//!
//! ```text
//! cargo run --release -p bert-search --example million_vectors -- 1000000 384 64
//! ```
//!
//! The arguments are the number of vectors, their dimension and the number of queries; a fourth one is the folder of the index,
//! which is kept, and not built again if it is there: then the memory is that of searching alone. The vectors are random, of
//! length 1, and made from a seed in batches, so that they are never in memory together.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bert_search::{Document, Hit, IndexReader, IndexSettings, IndexWriter, Similarity};
use rayon::prelude::*;
use serde_json::json;

const BATCH: usize = 10_000;
const K: usize = 100;
const CANDIDATES: usize = 400;

/// How often a search is timed; the best time counts.
const ROUNDS: usize = 30;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize, default: usize| {
        let argument = arguments.get(position).map(|argument| argument.parse());
        argument.unwrap_or(Ok(default))
    };
    let (count, dimension, queries) = (number(0, 1_000_000)?, number(1, 384)?, number(2, 64)?);
    let scratch = tempfile::tempdir()?;
    let folder: PathBuf = match arguments.get(3) {
        Some(folder) => folder.into(),
        None => scratch.path().join("index"),
    };

    let build = match folder.join("index.json").exists() {
        true => None,
        false => {
            let (seconds, built) = seconds(|| build(&folder, count, dimension));
            built?;
            Some(seconds)
        }
    };
    let memory_of_build = memory();
    let reader = IndexReader::open(&folder)?;
    let queries = vectors(1 << 40, queries, dimension);
    let (first, exact) = seconds(|| reader.search(&queries, K));
    let exact = exact?;
    let exact_times = times(&queries, dimension, |queries| reader.search(queries, K))?;
    let memory_of_exact = memory();
    let quantized = reader.search_quantized(&queries, K, CANDIDATES)?;
    let quantized_times = times(&queries, dimension, |queries| {
        reader.search_quantized(queries, K, CANDIDATES)
    })?;
    let memory_of_all = memory();
    let entries: Vec<(String, &[f32])> = reader
        .entries()
        .map(|entry| entry.map(|(document, vector)| (document.id, vector)))
        .collect::<Result<_, _>>()?;
    let bandwidth = bandwidth(&entries);
    let plain = plain_search(&entries, &queries, dimension);

    let bytes = (count * dimension * 4) as f64;
    let limit = 1e3 * bytes / bandwidth;
    let report = json!({
        "vectors": count,
        "dimension": dimension,
        "queries": queries.len() / dimension,
        "threads": rayon::current_num_threads(),
        "bytes_of_vectors": bytes,
        "build_seconds": build,
        "first_search_seconds": first,
        "bandwidth_gb_per_second": bandwidth / 1e9,
        "milliseconds_to_read_the_vectors": limit,
        "milliseconds_to_read_the_int8_rows": limit / 4.0,
        "milliseconds_a_query": { "exact": exact_times, "int8": quantized_times },
        "k": K,
        "candidates": CANDIDATES,
        "exact_equals_plain": same(&exact, &plain),
        "int8_equals_plain": same(&quantized, &plain),
        "memory": {
            "after_build": memory_of_build,
            "after_exact": memory_of_exact,
            "after_int8": memory_of_all,
        },
        "peak_by_bytes_of_vectors": memory_of_exact["peak_kb"].as_f64().map(|kb| 1024.0 * kb / bytes),
        "peak_by_bytes_of_vectors_with_int8": memory_of_all["peak_kb"].as_f64().map(|kb| 1024.0 * kb / bytes),
    });
    println!("{report:#}");
    Ok(())
}

fn build(folder: &Path, count: usize, dimension: usize) -> Result<(), Box<dyn std::error::Error>> {
    // The vectors have length 1 already, so that the dot product is the cosine.
    let settings = IndexSettings::new(dimension).with_similarity(Similarity::Dot);
    let mut writer = IndexWriter::create(folder, settings)?;
    for first in (0..count).step_by(BATCH) {
        let numbers = first..count.min(first + BATCH);
        let documents: Vec<Document> = numbers
            .clone()
            .map(|n| Document::new(n.to_string(), "", ""))
            .collect();
        writer.add(&documents, &vectors(first as u64, numbers.len(), dimension))?;
    }
    writer.merge(1)?;
    writer.commit()?;
    Ok(())
}

/// Vectors that are functions of their number.
fn vectors(first: u64, count: usize, dimension: usize) -> Vec<f32> {
    let mut values = vec![0.0; count * dimension];
    values
        .par_chunks_exact_mut(dimension)
        .enumerate()
        .for_each(|(number, vector)| {
            let mut state = (first + number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for value in vector.iter_mut() {
                // SplitMix64 (Steele et al. 2014).
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                // The sum of four uniform numbers is about normal, so that all directions are as likely.
                let quarters =
                    [z, z >> 16, z >> 32, z >> 48].map(|quarter| (quarter & 0xffff) as f32 / 65536.0 - 0.5);
                *value = quarters.iter().sum();
            }
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector.iter_mut().for_each(|x| *x /= length);
        });
    values
}

fn seconds<T>(action: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = action();
    (start.elapsed().as_secs_f64(), result)
}

/// The best time a query, alone and in batches of 32.
fn times<E>(
    queries: &[f32],
    dimension: usize,
    mut search: impl FnMut(&[f32]) -> Result<Vec<Vec<Hit>>, E>,
) -> Result<serde_json::Value, E> {
    let mut best = [f64::INFINITY; 2];
    for (best, batch) in best.iter_mut().zip([1, 32]) {
        for queries in queries.chunks_exact(batch * dimension).cycle().take(ROUNDS) {
            let (seconds, found) = seconds(|| search(queries));
            found?;
            *best = best.min(1e3 * seconds / batch as f64);
        }
    }
    // With fewer than 32 queries there is no such batch.
    let milliseconds = |best: f64| best.is_finite().then_some(best);
    Ok(json!({ "batch_1": milliseconds(best[0]), "batch_32": milliseconds(best[1]) }))
}

/// Bytes per second when all cores sum up the mapped vectors.
fn bandwidth(entries: &[(String, &[f32])]) -> f64 {
    let bytes: usize = entries.iter().map(|(_, vector)| 4 * vector.len()).sum();
    let sum = |vectors: &[(String, &[f32])]| {
        let mut sums = [0_u32; 64];
        for (_, vector) in vectors {
            for values in vector.chunks_exact(64) {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = sum.wrapping_add(value.to_bits());
                }
            }
        }
        sums.iter().fold(0, |sum: u32, &x| sum.wrapping_add(x))
    };
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let total = || entries.par_chunks(1000).map(sum).reduce(|| 0, u32::wrapping_add);
        best = best.min(seconds(|| black_box(total())).0);
    }
    bytes as f64 / best
}

/// The best by all scores, summed in f64.
fn plain_search(entries: &[(String, &[f32])], queries: &[f32], dimension: usize) -> Vec<Vec<String>> {
    let mut best: Vec<Vec<(f32, &str)>> = vec![Vec::new(); queries.len() / dimension];
    for entries in entries.chunks(256) {
        let queries = queries.par_chunks_exact(dimension);
        best.par_iter_mut().zip(queries).for_each(|(best, query)| {
            for (id, vector) in entries {
                let products = query
                    .iter()
                    .zip(*vector)
                    .map(|(&a, &b)| f64::from(a) * f64::from(b));
                best.push((products.sum::<f64>() as f32, id));
            }
            best.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(a.1)));
            best.truncate(K);
        });
    }
    let ids = |best: Vec<(f32, &str)>| best.into_iter().map(|(_, id)| id.to_owned()).collect();
    best.into_iter().map(ids).collect()
}

/// Whether all top documents are the same, in the same order.
fn same(found: &[Vec<Hit>], plain: &[Vec<String>]) -> bool {
    found
        .iter()
        .zip(plain)
        .all(|(found, plain)| found.iter().map(|hit| &hit.id).eq(plain))
}

/// What the system says about this process's memory, in kB: at most so far, and now of files and of its own.
fn memory() -> serde_json::Value {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_matches([':', ' ', '\t'])
            .split(' ')
            .next()?
            .parse::<u64>()
            .ok()
    };
    json!({ "peak_kb": field("VmHWM"), "files_kb": field("RssFile"), "own_kb": field("RssAnon") })
}
