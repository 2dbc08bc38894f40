//! What a model predicts for tokens that it does not see: masked ones, or the next ones.

use std::convert::Infallible;

use bert_core::{ops, threads};
use burn::tensor::Tensor;

/// How many scores are read from the device at once, 4 bytes each: those of at least one token.
const SCORES: usize = 1 << 23;

/// What a model predicts for a token that it does not see.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenPrediction {
    /// The most probable tokens with their probabilities, the most probable first.
    pub best: Vec<(u32, f64)>,
    /// The logarithm of the probability of the true token, where it is known.
    pub log_likelihood: Option<f64>,
}

/// The predictions from hidden states, `[tokens, width]`, of tokens whose true `ids` may be known; `scores` gives the scores of
/// all words of the vocabulary, `[tokens, vocabulary]`, for some of the states.
pub(super) fn predictions(
    states: &Tensor<2>,
    ids: &[Option<u32>],
    vocabulary: usize,
    top_k: usize,
    scores: impl Fn(Tensor<2>) -> Tensor<2> + Send + Sync,
) -> Vec<TokenPrediction> {
    let ([_, width], device) = (states.dims(), states.device());
    let mut found = Vec::with_capacity(ids.len());
    for known in ids.chunks((SCORES / vocabulary).max(1)) {
        let rows = found.len()..found.len() + known.len();
        let states = states.clone().slice([rows, 0..width]);
        let scores = ops::in_thread_pool(&device, || scores(states).into_data());
        let scores: Vec<f32> = scores.iter::<f32>().collect();
        let rows: Vec<(&[f32], Option<u32>)> = scores.chunks(vocabulary).zip(known.iter().copied()).collect();
        let predict =
            |_, &(scores, id): &(&[f32], Option<u32>)| Ok::<_, Infallible>(prediction(scores, id, top_k));
        match threads::try_map(&rows, 1, predict) {
            Ok(predictions) => found.extend(predictions),
            Err(never) => match never {},
        }
    }
    found
}

/// The prediction of a token with these scores of all words.
fn prediction(scores: &[f32], id: Option<u32>, top_k: usize) -> TokenPrediction {
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
    TokenPrediction {
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
        let found = prediction(&[1.0, 3.0, 2.0], Some(0), 2);
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
            prediction(scores, None, top_k)
                .best
                .into_iter()
                .map(|(id, _)| id)
                .collect()
        };
        assert_eq!(ids(&[1.0, 1.0, 2.0, 1.0], 2), [2, 0]);
        assert_eq!(ids(&[1.0, 5.0, 2.0, 4.0], 9), [1, 3, 2, 0]);
        assert_eq!(ids(&[f32::NEG_INFINITY, 0.0, -1000.0], 1), [1]);
        assert_eq!(prediction(&[0.0], None, 1).log_likelihood, None);
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
        let found = predictions(&states, &ids, 2, 1, |states| states);
        assert_eq!(found.len(), 6);
        assert!(found.iter().all(|prediction| prediction.best[0].0 == 1));
    }
}
