//! What came of a run.

use bert_tasks::Metrics;
use serde::{Deserialize, Serialize};

/// The outcome of a run: `metrics.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunMetrics {
    /// What was trained for.
    pub task: String,
    /// `finished`, `running` between epochs, or `stopped` before the last epoch.
    pub state: String,
    /// Optimiser steps taken.
    pub steps: usize,
    /// Optimiser steps planned.
    pub steps_planned: usize,
    /// The metric by which models of this task are compared.
    pub main_metric: String,
    /// The newest evaluation; absent before the first.
    #[serde(rename = "final", skip_serializing_if = "Option::is_none")]
    pub last: Option<Metrics>,
    /// The metric by which the best evaluation is chosen.
    #[serde(default)]
    pub best_by: String,
    /// The best evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<Metrics>,
    /// Where the best evaluation was made, in epochs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<f64>,
    /// The optimiser steps taken before the best evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_step: Option<usize>,
    /// The optimiser steps that `model/` has seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_step: Option<usize>,
    /// Steps left out since their loss or gradient was not finite.
    #[serde(default)]
    pub skipped_steps: usize,
    /// Examples trained on.
    pub train_examples: usize,
    /// Examples judged by.
    pub dev_examples: usize,
    /// Training time, evaluation left out, in seconds.
    pub train_seconds: f64,
    /// Rows a second in training: texts, or parts of texts that are too long to be read at once.
    pub train_texts_per_second: f64,
    /// The most memory the program has held on the host; absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<usize>,
    /// The backend that did the work.
    pub backend: String,
}
