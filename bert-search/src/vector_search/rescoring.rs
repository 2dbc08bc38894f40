//! The final scores of candidates: dot products summed in f64, so that they do not depend on the machine's vector units.

use crate::IndexError;
use crate::hit::{Hit, ranking};
use crate::segment::Segment;
use crate::top_k::Candidate;

/// The best `k` of the candidates by their exact scores, best first.
pub(crate) fn rescore(
    segments: &[Segment],
    query: &[f32],
    candidates: &[Candidate],
    k: usize,
) -> Result<Vec<Hit>, IndexError> {
    let mut scored = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let segment = &segments[candidate.segment as usize];
        let vectors = segment.vectors(segment.rows_of(candidate.document)?)?;
        let mut best = (f32::NEG_INFINITY, 0);
        for (passage, vector) in vectors.chunks_exact(query.len()).enumerate() {
            let score = dot_product(query, vector);
            if score > best.0 {
                best = (score, passage);
            }
        }
        scored.push((best.0, segment.id(candidate.document)?, best.1));
    }
    scored.sort_unstable_by(|a, b| ranking((a.0, a.1), (b.0, b.1)));
    let hits = scored.into_iter().take(k);
    Ok(hits
        .map(|(score, id, passage)| Hit {
            id: id.to_owned(),
            score,
            passage: Some(passage),
        })
        .collect())
}

fn dot_product(a: &[f32], b: &[f32]) -> f32 {
    const SUMS: usize = 8;
    let mut sums = [0.0_f64; SUMS];
    let (a_chunks, b_chunks) = (a.chunks_exact(SUMS), b.chunks_exact(SUMS));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let rest: f64 = rest.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a) * f64::from(b);
        }
    }
    // Adding 0 makes 0 of -0, which would be a worse score.
    (sums.iter().sum::<f64>() + rest) as f32 + 0.0
}
