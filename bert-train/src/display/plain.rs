//! Progress as plain lines, for log files, pipes and schedulers.

use std::io::Write;
use std::time::{Duration, Instant};

use bert_tasks::Metrics;

use super::event::{Event, RunOverview, Step};
use super::{Display, Eta};
use crate::progress::format::{duration, number};
use crate::run::log::StepRecord;

/// The least time between two lines about steps.
const PAUSE: Duration = Duration::from_secs(5);
/// The least share of the run's steps between them, in percent.
const SHARE: usize = 1;

/// Prints lines about steps and a table row for each evaluation.
///
/// Between two lines about steps are at least five seconds and one percent of the run: at most a hundred lines, whatever
/// the length of the run. [`every_step`](Self::every_step) prints one for each line of the log.
#[derive(Debug)]
pub struct PlainView<W> {
    out: W,
    overview: RunOverview,
    eta: Eta,
    /// The newest figures.
    record: Option<StepRecord>,
    /// The columns of the current table.
    header: Vec<String>,
    every_step: bool,
    /// The newest line about a step: when it was printed, and its step.
    printed: Option<(Instant, usize)>,
}

impl<W: Write> PlainView<W> {
    /// Prints to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            overview: RunOverview::default(),
            eta: Eta::default(),
            record: None,
            header: vec![],
            every_step: false,
            printed: None,
        }
    }

    /// The same, with a line for each line of the log.
    pub fn every_step(mut self) -> Self {
        self.every_step = true;
        self
    }

    /// Whether a step gets a line.
    fn is_due(&self, step: usize, now: Instant) -> bool {
        let logged = step.is_multiple_of(self.overview.logging_steps.max(1));
        let paused = self.printed.is_none_or(|(at, before)| {
            let steps = step.saturating_sub(before).saturating_mul(100);
            now.saturating_duration_since(at) >= PAUSE && steps >= SHARE.saturating_mul(self.overview.steps)
        });
        logged && (self.every_step || paused)
    }

    fn print(&mut self, line: &str) {
        // A closed pipe must not end a run: its results are in the run folder.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }

    fn print_step(&mut self, step: &Step, now: Instant) {
        let figure = |pick: fn(&StepRecord) -> f64| {
            let record = self.record.as_ref();
            record.map_or("-".into(), |record| number(pick(record)))
        };
        let RunOverview { epochs, steps, .. } = &self.overview;
        let (epochs, steps) = (epochs.to_string(), steps.to_string());
        let line = format!(
            "epoch {:>e$}/{epochs}  step {:>s$}/{steps}  {:>3.0} %  loss {}  rate {}  norm {}  {} tokens/s  eta {}",
            step.epoch,
            step.step,
            100.0 * self.overview.share(step.step),
            figure(|record| record.loss),
            figure(|record| record.learning_rate),
            figure(|record| record.grad_norm),
            figure(|record| record.tokens_per_second),
            self.eta.left(now).map_or("-".into(), duration),
            e = epochs.len(),
            s = steps.len(),
        );
        self.print(&line);
    }

    fn print_evaluation(&mut self, step: usize, epoch: f64, loss: f64, metrics: &Metrics) {
        let figures = [("Loss", loss)].into_iter().chain(metrics.iter());
        let figures = figures
            .filter(|(_, value)| value.is_finite())
            .map(|(name, value)| (name.to_owned(), number(value)));
        let when = [("step", step.to_string()), ("epoch", format!("{epoch:.2}"))];
        let when = when.map(|(name, value)| (name.to_owned(), value));
        let cells: Vec<(String, String)> = when.into_iter().chain(figures).collect();
        let width = |(name, value): &(String, String)| name.len().max(value.len()).max(8);
        let row = |pick: &dyn Fn(&(String, String)) -> String| -> String {
            cells
                .iter()
                .map(|cell| format!("  {:>w$}", pick(cell), w = width(cell)))
                .collect()
        };
        let names: Vec<String> = cells.iter().map(|(name, _)| name.clone()).collect();
        if names != self.header {
            self.print(&row(&|cell| cell.0.clone()));
            self.header = names;
        }
        self.print(&row(&|cell| cell.1.clone()));
    }
}

impl<W: Write> Display for PlainView<W> {
    fn show(&mut self, event: &Event, now: Instant) {
        self.eta.update(event, now);
        match event {
            Event::Start(overview) => self.overview = overview.clone(),
            Event::Step(step) => {
                if step.record.is_some() {
                    self.record.clone_from(&step.record);
                }
                if self.is_due(step.step, now) {
                    self.print_step(step, now);
                    self.printed = Some((now, step.step));
                }
            }
            Event::EvaluationEnd {
                step,
                epoch,
                loss,
                metrics,
            } => self.print_evaluation(*step, *epoch, *loss, metrics),
            Event::EvaluationStart { .. } | Event::EvaluationProgress { .. } | Event::End => {}
        }
    }
}
