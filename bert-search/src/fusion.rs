//! One ranking from several.

use std::collections::HashMap;

use crate::hit::{Hit, ranking};

/// The usual constant of reciprocal rank fusion.
pub const RANK_CONSTANT: f32 = 60.0;

/// Reciprocal rank fusion (Cormack et al. 2009): a document gets `1 / (constant + rank)` from each ranking that has it, with ranks
/// from 1, and the best `k` sums are returned. Scores of the rankings are not compared with each other, so that they may be of
/// different kinds.
///
/// A document's passage is the one from the first ranking that knows it.
pub fn reciprocal_rank_fusion(rankings: &[&[Hit]], k: usize, constant: f32) -> Vec<Hit> {
    let mut sums = HashMap::<&str, (f64, Option<usize>)>::new();
    for ranking in rankings {
        for (position, hit) in ranking.iter().enumerate() {
            let (sum, passage) = sums.entry(&hit.id).or_default();
            *sum += 1.0 / (f64::from(constant) + position as f64 + 1.0);
            *passage = passage.or(hit.passage);
        }
    }
    let mut hits: Vec<(f32, &str, Option<usize>)> = sums
        .into_iter()
        .map(|(id, (sum, passage))| (sum as f32, id, passage))
        .collect();
    hits.sort_unstable_by(|a, b| ranking((a.0, a.1), (b.0, b.1)));
    hits.truncate(k);
    let hit = |(score, id, passage): (f32, &str, Option<usize>)| Hit {
        id: id.to_owned(),
        score,
        passage,
    };
    hits.into_iter().map(hit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(ids: &[&str], passage: Option<usize>) -> Vec<Hit> {
        let hit = |id: &&str| Hit {
            id: (*id).into(),
            score: 0.5,
            passage,
        };
        ids.iter().map(hit).collect()
    }

    #[test]
    fn sums_of_reciprocal_ranks() {
        let (words, vectors) = (hits(&["a", "b", "c"], None), hits(&["c", "d", "a"], Some(2)));
        let fused = reciprocal_rank_fusion(&[&words, &vectors], 10, RANK_CONSTANT);
        let expected = [
            ("c", 1.0 / 63.0 + 1.0 / 61.0, Some(2)),
            ("a", 1.0 / 61.0 + 1.0 / 63.0, Some(2)),
            ("d", 1.0 / 62.0, Some(2)),
            ("b", 1.0 / 62.0, None),
        ];
        assert_eq!(fused.len(), 4);
        for (hit, (id, score, passage)) in fused.iter().zip(expected) {
            assert_eq!((hit.id.as_str(), hit.passage), (id, passage));
            assert!((hit.score - score).abs() < 1e-7);
        }
        assert_eq!(
            reciprocal_rank_fusion(&[&words, &vectors], 2, RANK_CONSTANT),
            fused[..2]
        );
        assert!(reciprocal_rank_fusion(&[], 2, RANK_CONSTANT).is_empty());
    }
}
