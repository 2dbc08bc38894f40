//! Confidence intervals of metrics: percentile bootstrap over the evaluation examples (Efron and Tibshirani 1993,
//! chapter 13).

use bert_tasks::analysis::Scorer;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many times the examples are resampled.
pub const RESAMPLES: usize = 1000;

/// A fixed seed, so that an interval depends on the predictions alone.
const SEED: u64 = 1993;

/// A metric with its 95 % confidence interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// The metric's name.
    pub name: String,
    /// Its value over all examples.
    pub value: f64,
    /// Its 2.5th percentile over the resamples.
    pub low: f64,
    /// Its 97.5th percentile over the resamples.
    pub high: f64,
}

/// The metrics of `scorer` over all of its examples, each with its interval; empty if it has no examples.
///
/// The unit of resampling is the example: a sentence with all its words, a question with all its answers.
pub fn bootstrap(scorer: &Scorer) -> Vec<Interval> {
    let count = scorer.examples;
    let all: Vec<usize> = (0..count).collect();
    let Some(whole) = scorer.score(&all).filter(|_| count > 0) else {
        return vec![];
    };
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn = vec![0; count];
    let mut values: Vec<Vec<f64>> = vec![Vec::with_capacity(RESAMPLES); whole.iter().count()];
    for _ in 0..RESAMPLES {
        drawn.fill_with(|| random.random_range(0..count));
        if let Some(metrics) = scorer.score(&drawn) {
            for (values, (name, _)) in values.iter_mut().zip(whole.iter()) {
                values.extend(metrics.get(name).filter(|value| value.is_finite()));
            }
        }
    }
    let interval = |((name, value), mut values): ((&str, f64), Vec<f64>)| {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * values.len() as f64) as usize;
            values.get(place.min(values.len().saturating_sub(1))).copied()
        };
        Interval {
            name: name.into(),
            value,
            low: at(0.025).unwrap_or(value),
            high: at(0.975).unwrap_or(value),
        }
    };
    whole.iter().zip(values).map(interval).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_tasks::Metrics;

    fn accuracy(right: usize, of: usize) -> Interval {
        let scorer = Scorer::new(of, move |numbers| {
            let hits = numbers.iter().filter(|&&number| number < right).count();
            let mut metrics = Metrics::default();
            metrics.set("accuracy", hits as f64 / numbers.len() as f64);
            metrics
        });
        bootstrap(&scorer).remove(0)
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_the_binomial() {
        // 80 of 100: the standard error is sqrt(.8 * .2 / 100) = .04, so the interval is about .72 to .88.
        let found = accuracy(80, 100);
        assert_eq!(found.value, 0.8);
        assert!((found.low - 0.72).abs() <= 0.015, "{found:?}");
        assert!((found.high - 0.88).abs() <= 0.015, "{found:?}");
        // With a hundred times the examples it is a tenth as wide.
        let many = accuracy(8000, 10000);
        assert!(
            (many.high - many.low) < 0.02 && (many.high - many.low) > 0.01,
            "{many:?}"
        );
    }

    #[test]
    fn intervals_are_reproducible_and_empty_without_examples() {
        assert_eq!(accuracy(3, 7), accuracy(3, 7));
        assert_eq!(bootstrap(&Scorer::default()), []);
        let perfect = accuracy(5, 5);
        assert_eq!((perfect.low, perfect.high), (1.0, 1.0));
    }
}
