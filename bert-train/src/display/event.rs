//! What a run reports while it trains: one event, which every view understands.

use std::time::Duration;

use bert_tasks::Metrics;

use crate::run::log::StepRecord;

/// What the views know of a run before its first step.
#[derive(Clone, Debug, Default)]
pub struct RunOverview {
    /// The run's name.
    pub name: String,
    /// The metric that compares models.
    pub main_metric: String,
    /// Epochs of the whole run, the last of them perhaps cut short by `--max-steps`.
    pub epochs: usize,
    /// Optimiser steps of the whole run.
    pub steps: usize,
    /// Optimiser steps that earlier processes took.
    pub taken: usize,
    /// Rows that earlier processes trained on.
    pub trained: usize,
    /// How long they trained.
    pub train_time: Duration,
    /// The epoch that comes next, from 1.
    pub epoch: usize,
    /// Evaluations ahead.
    pub evaluations_left: usize,
    /// The optimiser step after which the next one is, if there is one.
    pub next_evaluation: Option<usize>,
    /// Rows of an evaluation.
    pub evaluation_rows: usize,
    /// How long an evaluation takes, where an earlier process has measured it.
    pub evaluation_time: Option<Duration>,
    /// Optimiser steps from one line of the log to the next.
    pub logging_steps: usize,
}

impl RunOverview {
    /// The share of the run that `taken` optimiser steps are, 0 to 1.
    pub fn share(&self, taken: usize) -> f64 {
        (taken as f64 / self.steps.max(1) as f64).min(1.0)
    }
}

/// An optimiser step that was taken.
#[derive(Clone, Debug)]
pub struct Step {
    /// Optimiser steps taken in the whole run, this one included.
    pub step: usize,
    /// The epoch, from 1.
    pub epoch: usize,
    /// Rows that this step was trained on.
    pub trained: usize,
    /// How long it took.
    pub time: Duration,
    /// Its figures, where they have been read from the device.
    pub record: Option<StepRecord>,
    /// Evaluations ahead, one that is due now included.
    pub evaluations_left: usize,
}

/// What a run reports, in the order in which it happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run starts, or resumes.
    Start(RunOverview),
    /// A step was taken.
    Step(Step),
    /// An evaluation starts, on this number of rows.
    EvaluationStart {
        /// All rows.
        rows: usize,
    },
    /// So many of its rows are done.
    EvaluationProgress {
        /// Rows done.
        rows: usize,
    },
    /// It is done.
    EvaluationEnd {
        /// Optimiser steps taken before it.
        step: usize,
        /// Epochs trained before it, with their fraction.
        epoch: f64,
        /// The mean loss.
        loss: f64,
        /// The task's metrics.
        metrics: Metrics,
    },
    /// The run has ended.
    End,
}
