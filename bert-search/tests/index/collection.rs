//! A made collection, and the plainest search of it.

use bert_search::{Document, Hit, IndexSettings, IndexWriter};

/// Numbers that look random, and are the same every time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        // SplitMix64 (Steele et al. 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn vector(&mut self, dimension: usize) -> Vec<f32> {
        let mut next = || (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0;
        (0..dimension).map(|_| next()).collect()
    }
}

/// Documents, and the vectors of their passages.
pub type Entries = Vec<(Document, Vec<f32>)>;

/// Documents `d0`, `d1`, … with one to three passages each.
pub fn entries(count: usize, dimension: usize, seed: u64) -> Entries {
    let mut numbers = Numbers(seed);
    let mut entry = |number: usize| {
        let text = format!("First part of {number}. Second part of {number}. Third part of {number}.");
        let passages = 1 + numbers.next() as usize % 3;
        let document = Document::new(format!("d{number}"), format!("Title {number}"), text)
            .with_passages((0..passages).map(|i| 10 * i..10 * i + 9).collect());
        let vectors = numbers.vector(passages * dimension);
        (document, vectors)
    };
    (0..count).map(&mut entry).collect()
}

pub fn add(writer: &mut IndexWriter, entries: &[(Document, Vec<f32>)]) {
    let documents: Vec<Document> = entries.iter().map(|(document, _)| document.clone()).collect();
    let vectors: Vec<f32> = entries.iter().flat_map(|(_, vectors)| vectors.clone()).collect();
    writer.add(&documents, &vectors).unwrap();
}

/// An index with these documents, in a folder that is removed with the first value.
pub fn index(entries: &[(Document, Vec<f32>)], settings: IndexSettings) -> (tempfile::TempDir, IndexWriter) {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = IndexWriter::create(dir.path(), settings).unwrap();
    add(&mut writer, entries);
    writer.commit().unwrap();
    (dir, writer)
}

/// The best `k` by comparing every vector in f64 and sorting all.
pub fn plain_search(entries: &[(Document, Vec<f32>)], query: &[f32], k: usize, cosine: bool) -> Vec<Hit> {
    let dot = |a: &[f32], b: &[f32]| {
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum::<f64>()
    };
    let score = |vector: &[f32]| match cosine {
        true => dot(query, vector) / (dot(query, query) * dot(vector, vector)).sqrt(),
        false => dot(query, vector),
    };
    let mut hits: Vec<Hit> = entries
        .iter()
        .filter(|(_, vectors)| !vectors.is_empty())
        .map(|(document, vectors)| {
            let scores: Vec<f64> = vectors.chunks(query.len()).map(score).collect();
            let best = (0..scores.len())
                .reduce(|a, b| if scores[b] > scores[a] { b } else { a })
                .unwrap();
            Hit {
                id: document.id.clone(),
                score: scores[best] as f32,
                passage: Some(best),
            }
        })
        .collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.id.cmp(&a.id)));
    hits.truncate(k);
    hits
}

/// The same documents in the same order, with almost the same scores.
pub fn assert_same(found: &[Hit], expected: &[Hit]) {
    let ids = |hits: &[Hit]| {
        hits.iter()
            .map(|hit| (hit.id.clone(), hit.passage))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(found), ids(expected));
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found.score - expected.score).abs() < 1e-5,
            "{found:?} {expected:?}"
        );
    }
}
