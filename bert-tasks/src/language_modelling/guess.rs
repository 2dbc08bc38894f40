//! What a model takes tokens for that it does not see: masked ones, or the next ones.

use std::convert::Infallible;

use bert_core::{ops, threads};
use burn::tensor::Tensor;

/// How many scores are read from the device at once, 4 bytes each: those of at least one token.
const SCORES: usize = 1 << 23;

/// What a model takes a token for that it does not see.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The most probable tokens with their probabilities, the most probable first.
    pub best: Vec<(u32, f64)>,
    /// The logarithm of the probability of the token that is there, where it is known.
    pub log_likelihood: Option<f64>,
}

/// The guesses from these hidden states, `[tokens, width]`, where `ids` are known; `scores` gives the scores of
/// all words, `[tokens, words]`, for some of them.
pub(super) fn guesses(
    states: &Tensor<2>,
    ids: &[Option<u32>],
    top_k: usize,
    scores: impl Fn(Tensor<2>) -> Tensor<2> + Send + Sync,
) -> Vec<Guess> {
    let ([_, width], device) = (states.dims(), states.device());
    let mut found = Vec::with_capacity(ids.len());
    let mut at_once = 1;
    while found.len() < ids.len() {
        let rows = found.len()..ids.len().min(found.len() + at_once);
        let part = states.clone().slice([rows.clone(), 0..width]);
        let scores = ops::in_thread_pool(&device, || scores(part));
        let [_, words] = scores.dims();
        let values: Vec<f32> = scores.into_data().iter::<f32>().collect();
        let of_rows: Vec<&[f32]> = values.chunks(words.max(1)).collect();
        let of_row =
            |row: usize, scores: &&[f32]| Ok::<_, Infallible>(guess(scores, ids[rows.start + row], top_k));
        match threads::try_map(&of_rows, 1, of_row) {
            Ok(guesses) => found.extend(guesses),
            Err(never) => match never {},
        }
        at_once = (SCORES / words.max(1)).max(1);
    }
    found
}

/// The guess of a token with these scores of all words.
fn guess(scores: &[f32], id: Option<u32>, top_k: usize) -> Guess {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = scores
        .iter()
        .map(|score| f64::from((score - highest).exp()))
        .sum();
    let log_sum = f64::from(highest) + sum.ln();
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(top_k.min(scores.len()) + 1);
    for (id, &score) in (0..).zip(scores).take_while(|_| top_k > 0) {
        // Of equal ones, the first.
        if best.len() == top_k
            && best
                .last()
                .is_some_and(|(_, last)| score.is_nan() || score <= *last)
        {
            continue;
        }
        let position = best.partition_point(|(_, other)| *other >= score);
        best.insert(position, (id, score));
        best.truncate(top_k);
    }
    let log_probability = |score: f32| f64::from(score) - log_sum;
    Guess {
        best: best
            .into_iter()
            .map(|(id, score)| (id, log_probability(score).exp()))
            .collect(),
        log_likelihood: id.and_then(|id| scores.get(id as usize).map(|score| log_probability(*score))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_the_softmax() {
        let found = guess(&[1.0, 3.0, 2.0], Some(0), 2);
        // scipy.special.softmax([1, 3, 2])
        let expected = [0.09003057317038046, 0.6652409557748219, 0.24472847105479764];
        assert_eq!(found.best.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
        assert!((found.best[0].1 - expected[1]).abs() < 1e-7, "{found:?}");
        assert!((found.best[1].1 - expected[2]).abs() < 1e-7, "{found:?}");
        let likelihood = found.log_likelihood.unwrap();
        assert!((likelihood - f64::ln(expected[0])).abs() < 1e-6, "{likelihood}");
    }

    #[test]
    fn the_best_are_sorted_and_the_first_of_equal_ones_wins() {
        let ids = |scores: &[f32], top_k| -> Vec<u32> {
            guess(scores, None, top_k)
                .best
                .into_iter()
                .map(|(id, _)| id)
                .collect()
        };
        assert_eq!(ids(&[1.0, 1.0, 2.0, 1.0], 2), [2, 0]);
        assert_eq!(ids(&[1.0, 5.0, 2.0, 4.0], 9), [1, 3, 2, 0]);
        assert_eq!(ids(&[f32::NEG_INFINITY, 0.0, -1000.0], 1), [1]);
        assert_eq!(guess(&[0.0], None, 1).log_likelihood, None);
        assert_eq!(ids(&[1.0, 2.0], 0), [0; 0]);
        // A model that has diverged.
        assert_eq!(ids(&[f32::NAN, 1.0, 2.0], 1).len(), 1);
    }

    #[test]
    fn tokens_are_computed_in_parts() {
        let device = burn::tensor::Device::default();
        let values: Vec<f32> = (0..12).map(|at| at as f32).collect();
        let data = burn::tensor::TensorData::new(values, [6, 2]);
        let states = Tensor::<2>::from_data(data, &device);
        let ids: Vec<Option<u32>> = (0..6).map(|row| Some(row % 2)).collect();
        let found = guesses(&states, &ids, 1, |states| states);
        assert_eq!(found.len(), 6);
        assert!(found.iter().all(|guess| guess.best[0].0 == 1));
    }
}
