//! The same recipe with several seeds: how much of a result is chance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::metrics::RunMetrics;

/// Mean and spread of a metric over runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The sample standard deviation (with n - 1); 0 for a single run.
    pub deviation: f64,
    /// The value of each run, in the order of the seeds.
    pub values: Vec<f64>,
}

impl Spread {
    /// The spread of `values`, which must not be empty.
    ///
    /// ```
    /// use bert_train::run::seeds::Spread;
    /// let spread = Spread::of(vec![1.0, 2.0, 6.0]);
    /// // statistics.stdev([1, 2, 6])
    /// assert_eq!((spread.mean, spread.deviation), (3.0, 7f64.sqrt()));
    /// assert_eq!(Spread::of(vec![1.0]).deviation, 0.0);
    /// ```
    pub fn of(values: Vec<f64>) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            deviation: (squares / values.len().saturating_sub(1).max(1) as f64).sqrt(),
            values,
        }
    }
}

/// The metrics of the models of several runs, with their spread: `seeds.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The spread of each metric that all runs have.
    pub metrics: BTreeMap<String, Spread>,
    /// The seeds.
    pub seeds: Vec<u64>,
}

impl Summary {
    /// The summary of the runs with these seeds.
    pub fn of(seeds: &[u64], runs: &[RunMetrics]) -> Self {
        let of_model = |run: &RunMetrics| match run.model_step == run.best_step {
            true => run.best.clone(),
            false => run.last.clone(),
        };
        let all: Vec<_> = runs.iter().filter_map(of_model).collect();
        let names = all.first().into_iter().flat_map(|metrics| metrics.iter());
        let metrics = names.filter_map(|(name, _)| {
            let values: Option<Vec<f64>> = all.iter().map(|metrics| metrics.get(name)).collect();
            Some((name.to_owned(), Spread::of(values?)))
        });
        Self {
            seeds: seeds.into(),
            metrics: metrics.collect(),
        }
    }
}
