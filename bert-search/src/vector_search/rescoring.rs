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
    // Sums of their own, in fixed order, of which the compiler makes vector code.
    let mut sums = [0.0_f64; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += f64::from(a[i]) * f64::from(b[i]);
        }
    }
    for (i, (&a, &b)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[i] += f64::from(a) * f64::from(b);
    }
    // Adding 0 makes 0 of -0, which would be a worse score.
    sums.iter().sum::<f64>() as f32 + 0.0
}
