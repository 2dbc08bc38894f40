//! Metrics over whole datasets, on the host, in f64.

mod confusion;
mod correlation;
mod entities;
mod retrieval;
mod squad;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use confusion::Confusion;
pub use correlation::{pearson, spearman};
pub use entities::{Counts, Entity, EntityCounts, SentenceCounts, entities};
pub use retrieval::{QueriesWithoutRanking, RankingMetric, query_metrics, retrieval_metrics};
pub use squad::{AnswerScores, normalize, squad_metrics};

/// Named values, in the order in which they were set.
///
/// ```
/// let mut metrics = bert_tasks::Metrics::default();
/// metrics.set("accuracy", 0.75);
/// assert_eq!(metrics.get("accuracy"), Some(0.75));
/// assert_eq!(metrics.iter().collect::<Vec<_>>(), [("accuracy", 0.75)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metrics(Map<String, Value>);

impl Metrics {
    /// Adds a metric, or replaces it.
    pub fn set(&mut self, name: &str, value: f64) {
        self.0.insert(name.into(), value.into());
    }

    /// The metric's value, if it is present and a number.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).and_then(Value::as_f64)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_f64().unwrap_or(f64::NAN)))
    }
}

/// Whether a lower value of this metric is better: of losses, of errors such as `mean_squared_error`, and of perplexity.
pub fn lower_is_better(metric: &str) -> bool {
    metric == "loss" || metric == "perplexity" || metric.ends_with("error")
}

impl<'a> FromIterator<(&'a str, f64)> for Metrics {
    fn from_iter<I: IntoIterator<Item = (&'a str, f64)>>(values: I) -> Self {
        let mut metrics = Metrics::default();
        for (name, value) in values {
            metrics.set(name, value);
        }
        metrics
    }
}
