//! What a run reports while it trains: one event, which every view understands.

use std::time::Duration;

use bert_tasks::Metrics;

use crate::run::log::StepRecord;

/// What the views know of a run before its first step.
#[derive(Clone, Debug, Default)]
pub struct Plan {
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
    /// Rows of an evaluation.
    pub evaluation_rows: usize,
    /// How long an evaluation takes, where an earlier process has measured it.
    pub evaluation_time: Option<Duration>,
    /// Optimiser steps from one line of the log to the next.
    pub logging_steps: usize,
}

/// An optimiser step that was taken.
#[derive(Clone, Debug)]
pub struct Step {
    /// Optimiser steps taken in the whole run, this one included.
    pub step: usize,
    /// The epoch, from 1.
    pub epoch: usize,
    /// Rows of the epoch that were trained on, of how many.
    pub rows: (usize, usize),
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
    Start(Plan),
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
        /// The epoch, from 1.
        epoch: usize,
        /// The mean loss.
        loss: f64,
        /// The task's metrics.
        metrics: Metrics,
    },
    /// The run has ended.
    End,
}
