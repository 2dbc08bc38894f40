//! What the terminal dashboard shows, as Burn's metrics.

use std::sync::{Arc, Mutex, PoisonError};

use bert_tasks::Metrics;
use burn::tensor::TensorReadError;
use burn_train::logger::MetricLogger;
use burn_train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn_train::metric::{
    Adaptor, Metric, MetricAttributes, MetricDefinition, MetricMetadata, MetricName, Numeric,
    NumericAttributes, NumericEntry, SerializedEntry, format_float,
};

use crate::run::log::StepRecord;
use crate::training::finetune::{EvalOutput, StepOutput};

/// Names of the training figures, as both renderers show them.
pub const LOSS: &str = "Loss";
/// The learning rate.
pub const RATE: &str = "Learning rate";
/// The global gradient norm before clipping.
pub const NORM: &str = "Gradient norm";
/// Real tokens a second.
pub const TOKENS: &str = "Tokens/s";
/// Texts a second.
pub const TEXTS: &str = "Texts/s";
/// The share of padding.
pub const PADDING: &str = "Padding";

impl Adaptor<Option<StepRecord>> for StepOutput {
    fn adapt(&self) -> Option<StepRecord> {
        self.record.clone()
    }
}

impl<O> Adaptor<Reported> for EvalOutput<O> {
    fn adapt(&self) -> Reported {
        Reported
    }
}

/// One figure of each training step.
#[derive(Clone)]
pub struct Gauge {
    name: MetricName,
    pick: fn(&StepRecord) -> f64,
    higher_is_better: bool,
    value: f64,
}

impl Gauge {
    /// The figure `pick` of a step, shown as `name`.
    pub fn new(name: &str, higher_is_better: bool, pick: fn(&StepRecord) -> f64) -> Self {
        Self {
            name: Arc::new(name.into()),
            pick,
            higher_is_better,
            value: f64::NAN,
        }
    }

    fn entry(&self) -> SerializedEntry {
        let value = self.value;
        SerializedEntry::new(shown(value), NumericEntry::Value(value).serialize())
    }
}

impl Metric for Gauge {
    type Input = Option<StepRecord>;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        attributes(self.higher_is_better)
    }

    fn update(
        &mut self,
        record: &Option<StepRecord>,
        _: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        if let Some(record) = record {
            self.value = (self.pick)(record);
        }
        Ok(self.entry())
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.entry())
    }

    fn clear(&mut self) {}
}

impl Numeric for Gauge {
    fn value(&self) -> Option<NumericEntry> {
        Some(NumericEntry::Value(self.value))
    }

    fn running_value(&self) -> Option<NumericEntry> {
        self.value()
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.value)
    }
}

/// Stands for an evaluated batch: its figures are known only when all batches are.
pub struct Reported;

/// Where the newest evaluation's metrics are put for the dashboard.
#[derive(Clone, Debug, Default)]
pub struct Newest(Arc<Mutex<Metrics>>);

impl Newest {
    /// Puts the metrics of an evaluation there.
    pub fn set(&self, metrics: Metrics) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = metrics;
    }

    fn get(&self, name: &str) -> Option<f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name)
    }
}

/// One metric of an evaluation, over the whole set.
#[derive(Clone)]
pub struct Scored {
    name: MetricName,
    key: String,
    newest: Newest,
    higher_is_better: bool,
    value: Option<f64>,
}

impl Scored {
    /// The metric `key` of the evaluations in `newest`, shown as `name`.
    pub fn new(name: &str, key: &str, newest: Newest, higher_is_better: bool) -> Self {
        Self {
            name: Arc::new(name.into()),
            key: key.into(),
            newest,
            higher_is_better,
            value: None,
        }
    }
}

impl Metric for Scored {
    type Input = Reported;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        attributes(self.higher_is_better)
    }

    fn update(&mut self, _: &Reported, _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        Ok(SerializedEntry::not_available(None))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        self.value = self.newest.get(&self.key);
        Ok(match self.value {
            Some(value) => SerializedEntry::new(shown(value), NumericEntry::Value(value).serialize()),
            None => SerializedEntry::not_available(None),
        })
    }

    fn clear(&mut self) {
        self.value = None;
    }
}

impl Numeric for Scored {
    fn value(&self) -> Option<NumericEntry> {
        self.value.map(NumericEntry::Value)
    }

    fn running_value(&self) -> Option<NumericEntry> {
        self.value()
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.value.unwrap_or(f64::NAN))
    }
}

fn attributes(higher_is_better: bool) -> MetricAttributes {
    NumericAttributes {
        unit: None,
        higher_is_better,
    }
    .into()
}

/// A number for people: four digits that matter, or a power of ten where it is tiny.
pub fn shown(value: f64) -> String {
    match value.abs() {
        x if x.is_nan() => "-".into(),
        x if x >= 1000.0 => format!("{value:.0}"),
        x if x >= 10.0 => format!("{value:.1}"),
        0.0 => "0".into(),
        x if x < 1e-3 => format!("{value:.2e}"),
        _ => format_float(value, 4),
    }
}

/// Burn's metric files are not part of a run folder: `log.jsonl` holds the same and more.
#[derive(Debug)]
pub struct NoMetricFiles;

impl MetricLogger for NoMetricFiles {
    fn log(&mut self, _: MetricsUpdate, _: usize, _: &Split) {}

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        Ok(vec![])
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, _: EpochSummary) {}
}
