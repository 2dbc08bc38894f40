//! The results of a run.

use bert_tasks::Metrics;
use serde::{Deserialize, Serialize};

/// The results of a run: `metrics.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunMetrics {
    /// The name of the corpus.
    pub task: String,
    /// `finished`, `running` between evaluations, or `stopped` before the last step.
    pub state: String,
    /// Optimiser steps taken.
    pub steps: usize,
    /// Optimiser steps planned.
    pub steps_planned: usize,
    /// The main metric of the corpus.
    pub main_metric: String,
    /// The last evaluation; absent before the first.
    #[serde(rename = "final", skip_serializing_if = "Option::is_none")]
    pub last: Option<Metrics>,
    /// The metric that selects the best evaluation.
    #[serde(default)]
    pub best_by: String,
    /// The best evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<Metrics>,
    /// The epochs trained before the best evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<f64>,
    /// The optimiser steps taken before the best evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_step: Option<usize>,
    /// The optimiser steps taken by the model in `model/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_step: Option<usize>,
    /// Steps skipped because their loss or gradient was not finite.
    #[serde(default)]
    pub skipped_steps: usize,
    /// Number of training examples.
    pub train_examples: usize,
    /// Number of evaluation examples.
    pub dev_examples: usize,
    /// What the new head started at, if the training data said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_init: Option<String>,
    /// Training time without evaluation, in seconds.
    pub train_seconds: f64,
    /// Rows per second in training: texts, or windows of texts that are too long to be read at once.
    pub train_texts_per_second: f64,
    /// The peak host memory of the program; absent if the system does not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<usize>,
    /// The backend of the training.
    pub backend: String,
}
