//! The time that a run still needs.

use std::time::{Duration, Instant};

use super::event::Event;

/// Estimates the time to the end of the whole run from its events: steps left times the time of a step in this process,
/// and evaluations left times the time of one.
///
/// Time outside of steps counts too: what follows an evaluation, such as writing the model, to the evaluations; what
/// follows a step, such as writing a checkpoint, to the steps. Until the first evaluation none is counted.
///
/// ```
/// use std::time::{Duration, Instant};
/// use bert_train::display::event::{Event, Plan};
/// use bert_train::display::eta::Eta;
/// let now = Instant::now();
/// let mut eta = Eta::default();
/// eta.update(&Event::Start(Plan { steps: 10, ..Plan::default() }), now);
/// // Nothing is known yet.
/// assert_eq!(eta.left(now), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Eta {
    steps: usize,
    taken: usize,
    evaluations_left: usize,
    stepping: Measured,
    evaluating: Measured,
    /// When the newest event came, and what has been going on since.
    since: Option<(Instant, Doing)>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Steps,
    Evaluation,
    AfterEvaluation,
}

impl Eta {
    /// Takes in an event that came at `now`.
    pub fn update(&mut self, event: &Event, now: Instant) {
        let doing = match event {
            Event::Start(plan) => {
                self.steps = plan.steps;
                self.taken = plan.taken;
                self.evaluations_left = plan.evaluations_left;
                Doing::Steps
            }
            Event::Step(step) => {
                let elapsed = self.elapsed(now);
                match self.since {
                    Some((_, Doing::AfterEvaluation)) => {
                        self.stepping.time += step.time.min(elapsed);
                        self.evaluating.time += elapsed.saturating_sub(step.time);
                    }
                    _ => self.stepping.time += elapsed,
                }
                self.stepping.parts += 1;
                self.taken = step.step;
                self.evaluations_left = step.evaluations_left;
                Doing::Steps
            }
            Event::EvaluationStart { .. } => Doing::Evaluation,
            Event::EvaluationProgress { .. } | Event::End => return,
            Event::EvaluationEnd { .. } => {
                self.evaluating.time += self.elapsed(now);
                self.evaluating.parts += 1;
                self.evaluations_left = self.evaluations_left.saturating_sub(1);
                Doing::AfterEvaluation
            }
        };
        self.since = Some((now, doing));
    }

    /// The time from `now` to the end of the run; `None` before a step was measured.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let step = self.stepping.mean()?;
        let evaluation = self.evaluating.mean().unwrap_or_default();
        let part = |time: Duration, count: usize| time.mul_f64(count as f64);
        let left =
            part(step, self.steps.saturating_sub(self.taken)) + part(evaluation, self.evaluations_left);
        // What is going on now is counted as whole above.
        let usual = match self.since {
            Some((_, Doing::Evaluation)) => evaluation,
            _ => step,
        };
        Some(left.saturating_sub(self.elapsed(now).min(usual)))
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.since
            .map_or(Duration::ZERO, |(since, _)| now.saturating_duration_since(since))
    }
}
