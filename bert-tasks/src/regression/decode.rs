//! Outputs to numbers, and their correlation with the right ones.

use burn::tensor::Tensor;
use datasets::ScoredExample;
use serde_json::{Map, json};

use super::SequenceRegression;
use super::SequenceRegressor;
use crate::heads::row_values;
use crate::metrics::{Metrics, pearson, spearman};
use crate::row::Row;
use crate::task::{Decode, Prediction};

impl Decode for SequenceRegression {
    /// `[batch, 1, 1]`.
    type Model = SequenceRegressor;
    type RowOutput = f32;
    type Answer = f64;
    /// The right number and the answer.
    type Score = (f64, f64);

    const METRICS: &'static [&'static str] = &["pearson", "spearman", "mean_squared_error"];

    fn row_outputs(&self, output: Tensor<3>, _: &[Self::Row]) -> Vec<f32> {
        row_values(output).into_iter().map(|values| values[0]).collect()
    }

    fn decode(&self, _: &ScoredExample, _: &[Row<(), f32>], outputs: Vec<f32>) -> f64 {
        let score = f64::from(outputs[0]);
        self.clip.map_or(score, |(low, high)| score.clamp(low, high))
    }

    fn score(&self, example: &ScoredExample, answer: &f64) -> Option<(f64, f64)> {
        Some((example.score?, *answer))
    }

    fn metrics(&self, scores: &[(f64, f64)]) -> Metrics {
        let (gold, found): (Vec<f64>, Vec<f64>) = scores.iter().copied().unzip();
        metrics(&gold, &found)
    }

    fn main_metric(&self) -> &str {
        &self.main_metric
    }

    fn prediction(&self, example: &ScoredExample, answer: &f64) -> Prediction {
        let mut line = Map::new();
        line.insert("text".into(), example.text.as_str().into());
        if let Some(second) = &example.second {
            line.insert("second".into(), second.as_str().into());
        }
        if let Some(gold) = example.score {
            line.insert("gold".into(), json!(gold));
        }
        line.insert("score".into(), json!(answer));
        line
    }
}

/// The metrics of regression, from the right numbers and those that were found.
pub(crate) fn metrics(gold: &[f64], found: &[f64]) -> Metrics {
    let squares: f64 = gold.iter().zip(found).map(|(a, b)| (a - b).powi(2)).sum();
    let mut metrics = Metrics::default();
    metrics.set("pearson", pearson(found, gold));
    metrics.set("spearman", spearman(found, gold));
    metrics.set("mean_squared_error", squares / gold.len().max(1) as f64);
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::Source;

    fn example(score: f64) -> ScoredExample {
        ScoredExample {
            text: "a".into(),
            second: None,
            score: Some(score),
            source: Source::file("scores".as_ref()),
        }
    }

    #[test]
    fn predictions_are_clipped_only_where_asked() {
        let decode = |clip| SequenceRegression::new("pearson", clip).decode(&example(0.0), &[], vec![5.5]);
        assert_eq!(decode(None), 5.5);
        assert_eq!(decode(Some((0.0, 5.0))), 5.0);
        assert_eq!(decode(Some((6.0, f64::INFINITY))), 6.0);
    }

    #[test]
    fn scores_are_compared_over_the_whole_set() {
        let task = SequenceRegression::new("pearson", None);
        let answers = [(1.0, 2.0), (2.0, 4.0), (4.0, 8.0)];
        let scores = answers.map(|(gold, answer)| task.score(&example(gold), &answer).unwrap());
        let metrics = task.metrics(&scores);
        assert!((metrics.get("pearson").unwrap() - 1.0).abs() < 1e-15);
        assert!((metrics.get("spearman").unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(metrics.get("mean_squared_error"), Some((1.0 + 4.0 + 16.0) / 3.0));
    }
}
