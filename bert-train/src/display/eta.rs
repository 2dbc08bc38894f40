//! The time that a run still needs.

use std::time::{Duration, Instant};

use super::event::Event;

/// Estimates the time to the end of the whole run from its events: steps left times the time of a step in this process,
/// and evaluations left times the time of one. It is an upper bound under `--patience`, which may end the run earlier.
///
/// Time outside of steps counts too: what follows an evaluation, such as writing the model, to the evaluations; what
/// follows a step, such as writing a checkpoint, to the steps. Until a step has been taken in this process, one is expected
/// to take as long as before the resume. Until an evaluation has ended in this process, one is expected to take as long as
/// the run's last one before the resume; without that, as long as the rows done of the one that is running suggest; without
/// those, a third of the time that training on as many rows takes.
///
/// ```
/// use std::time::{Duration, Instant};
/// use bert_train::display::event::{Event, RunOverview};
/// use bert_train::display::eta::Eta;
/// let now = Instant::now();
/// let mut eta = Eta::default();
/// eta.update(&Event::Start(RunOverview { steps: 10, ..RunOverview::default() }), now);
/// // Nothing is known yet.
/// assert_eq!(eta.left(now), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Eta {
    steps: usize,
    taken: usize,
    evaluations_left: usize,
    stepping: Training,
    /// The steps of earlier processes.
    stepping_before: Training,
    evaluating: Measured,
    /// The time of the evaluation that is running, up to the newest event.
    running: Duration,
    evaluation_rows: usize,
    /// The time of an evaluation before this process.
    evaluation_before: Option<Duration>,
    /// When the newest event came, and what has been going on since.
    since: Option<(Instant, Activity)>,
}

/// The time that some equal parts took.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    time: Duration,
    parts: u32,
}

impl Measured {
    fn mean(self) -> Option<Duration> {
        (self.parts > 0).then(|| self.time / self.parts)
    }
}

/// Steps that were taken.
#[derive(Clone, Copy, Debug, Default)]
struct Training {
    steps: Measured,
    /// Rows trained on in that time.
    rows: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    Steps,
    /// An evaluation on `rows` rows, `done` of which are done.
    Evaluation {
        rows: usize,
        done: usize,
    },
    AfterEvaluation,
    Nothing,
}

impl Eta {
    /// Takes in an event that came at `now`.
    pub fn update(&mut self, event: &Event, now: Instant) {
        let activity = match event {
            Event::Start(overview) => {
                self.steps = overview.steps;
                self.taken = overview.taken;
                self.evaluations_left = overview.evaluations_left;
                self.evaluation_rows = overview.evaluation_rows;
                self.evaluation_before = overview.evaluation_time;
                self.stepping_before = Training {
                    steps: Measured {
                        time: overview.train_time,
                        parts: overview.taken.try_into().unwrap_or(u32::MAX),
                    },
                    rows: overview.trained,
                };
                Activity::Steps
            }
            Event::Step(step) => {
                let elapsed = self.elapsed(now);
                match self.since {
                    Some((_, Activity::AfterEvaluation)) => {
                        self.stepping.steps.time += step.time.min(elapsed);
                        self.evaluating.time += elapsed.saturating_sub(step.time);
                    }
                    _ => self.stepping.steps.time += elapsed,
                }
                self.stepping.steps.parts += 1;
                self.stepping.rows += step.trained;
                self.taken = step.step;
                self.evaluations_left = step.evaluations_left;
                Activity::Steps
            }
            Event::EvaluationStart { rows } => {
                self.running = Duration::ZERO;
                Activity::Evaluation { rows: *rows, done: 0 }
            }
            Event::EvaluationProgress { rows: done } => {
                let Some((_, Activity::Evaluation { rows, .. })) = self.since else {
                    return;
                };
                self.running += self.elapsed(now);
                Activity::Evaluation {
                    rows,
                    done: rows.min(*done),
                }
            }
            Event::EvaluationEnd { .. } => {
                self.evaluating.time += std::mem::take(&mut self.running) + self.elapsed(now);
                self.evaluating.parts += 1;
                self.evaluations_left = self.evaluations_left.saturating_sub(1);
                Activity::AfterEvaluation
            }
            Event::End => Activity::Nothing,
        };
        self.since = Some((now, activity));
    }

    /// The time from `now` to the end of the run, zero after [`Event::End`]; `None` while nothing is known yet.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let activity = self.since?.1;
        if activity == Activity::Nothing {
            return Some(Duration::ZERO);
        }
        // Zero if no parts are left, even where the time of one is unknown.
        let part = |time: Option<Duration>, count: usize| match count {
            0 => Some(Duration::ZERO),
            count => Some(time?.mul_f64(count as f64)),
        };
        let (step, evaluation) = (self.training().steps.mean(), self.evaluation());
        let left =
            part(step, self.steps.saturating_sub(self.taken))? + part(evaluation, self.evaluations_left)?;
        // What is going on now is counted as whole above.
        let gone = match activity {
            Activity::Evaluation { rows, done } => {
                let whole = evaluation.unwrap_or_default();
                let gone = whole.mul_f64(share(done, rows));
                gone + self.elapsed(now).min(whole.saturating_sub(gone))
            }
            _ => self.elapsed(now).min(step.unwrap_or_default()),
        };
        Some(left.saturating_sub(gone))
    }

    /// The steps of this process, or of earlier processes until this one has taken its first.
    fn training(&self) -> Training {
        match self.stepping.steps.parts {
            0 => self.stepping_before,
            _ => self.stepping,
        }
    }

    /// The time of an evaluation.
    fn evaluation(&self) -> Option<Duration> {
        self.evaluating
            .mean()
            .or(self.evaluation_before)
            .or_else(|| match self.since {
                Some((_, Activity::Evaluation { rows, done })) if done > 0 => {
                    Some(self.running.div_f64(share(done, rows)))
                }
                _ => self.estimated_evaluation(),
            })
    }

    /// The time of an evaluation, estimated from the time of training. An evaluation is the forward pass alone, and the backward
    /// pass of training takes about twice as long: a row takes a third of its time in training.
    fn estimated_evaluation(&self) -> Option<Duration> {
        let Training { steps, rows } = self.training();
        let per_row = self.evaluation_rows as f64 / rows as f64 / 3.0;
        (rows > 0).then(|| steps.time.mul_f64(per_row))
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.since
            .map_or(Duration::ZERO, |(since, _)| now.saturating_duration_since(since))
    }
}

fn share(done: usize, all: usize) -> f64 {
    done as f64 / all.max(1) as f64
}
