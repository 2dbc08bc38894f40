//! What the training loop tells the display about the run and its steps.

use std::time::Duration;

use super::step_schedule::StepSchedule;
use crate::display::{RunOverview, Step};
use crate::run::log::StepRecord;
use crate::run::state::RunProgress;

/// A run before its next step, with evaluations on `evaluation_rows` rows; without its name and its metric.
pub(crate) fn overview(
    schedule: &StepSchedule,
    progress: &RunProgress,
    evaluation_rows: usize,
) -> RunOverview {
    let taken = progress.steps;
    // An evaluation that is still due belongs to a step that was taken.
    let evaluated = taken.saturating_sub(usize::from(progress.evaluation_due));
    RunOverview {
        epochs: schedule.epochs(),
        steps: schedule.steps(),
        taken,
        trained: progress.texts,
        train_time: Duration::try_from_secs_f64(progress.train_seconds).unwrap_or_default(),
        epoch: (progress.epoch + 1).min(schedule.epochs()),
        evaluations_left: schedule.evaluations_after(evaluated),
        next_evaluation: schedule.next_evaluation(evaluated),
        evaluation_rows,
        evaluation_time: progress.last.as_ref().and_then(|last| {
            let seconds = evaluation_rows as f64 / last.texts_per_second;
            Duration::try_from_secs_f64(seconds).ok()
        }),
        logging_steps: schedule.logging_steps,
        ..RunOverview::default()
    }
}

/// The step that was just taken, on `trained` rows and in the time `time`.
pub(crate) fn step(
    schedule: &StepSchedule,
    progress: &RunProgress,
    trained: usize,
    time: Duration,
    record: Option<StepRecord>,
) -> Step {
    Step {
        step: progress.steps,
        // The step that ends an epoch belongs to it.
        epoch: progress.epoch + usize::from(progress.step_of_epoch > 0),
        trained,
        time,
        record,
        evaluations_left: schedule.evaluations_after(progress.steps - 1),
    }
}
