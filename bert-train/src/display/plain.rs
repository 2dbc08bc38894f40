//! Progress as plain lines, for log files, pipes and schedulers.

use std::io::Write;
use std::time::Instant;

use bert_tasks::Metrics;

use super::event::{Event, Plan, Step};
use super::format::{duration, number};
use super::{Display, Eta};
use crate::run::log::StepRecord;

/// Prints a line every few steps and a table row for each evaluation.
#[derive(Debug)]
pub struct PlainLines<W> {
    out: W,
    plan: Plan,
    eta: Eta,
    /// The newest figures.
    record: Option<StepRecord>,
    /// The columns of the current table.
    header: Vec<String>,
}

impl<W: Write> PlainLines<W> {
    /// Prints to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            plan: Plan::default(),
            eta: Eta::default(),
            record: None,
            header: vec![],
        }
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
        let (done, all) = step.rows;
        let line = format!(
            "epoch {}/{}  step {:>5}  {:>3} %  loss {}  rate {}  norm {}  {} tokens/s  eta {}",
            step.epoch,
            self.plan.epochs,
            step.step,
            100 * done / all.max(1),
            figure(|record| record.loss),
            figure(|record| record.learning_rate),
            figure(|record| record.grad_norm),
            figure(|record| record.tokens_per_second),
            self.eta.left(now).map_or("-".into(), duration),
        );
        self.print(&line);
    }

    fn print_evaluation(&mut self, epoch: usize, loss: f64, metrics: &Metrics) {
        let all = [("Loss", loss)].into_iter().chain(metrics.iter());
        let cells: Vec<(String, String)> = all
            .filter(|(_, value)| value.is_finite())
            .map(|(name, value)| (name.to_owned(), number(value)))
            .collect();
        let width = |(name, value): &(String, String)| name.len().max(value.len()).max(8);
        let row = |pick: &dyn Fn(&(String, String)) -> String| -> String {
            cells
                .iter()
                .map(|cell| format!("  {:>w$}", pick(cell), w = width(cell)))
                .collect()
        };
        let names: Vec<String> = cells.iter().map(|(name, _)| name.clone()).collect();
        if names != self.header {
            let line = format!("  {:>8}{}", "epoch", row(&|cell| cell.0.clone()));
            self.print(&line);
            self.header = names;
        }
        let line = format!("  {epoch:>8}{}", row(&|cell| cell.1.clone()));
        self.print(&line);
    }
}

impl<W: Write> Display for PlainLines<W> {
    fn show(&mut self, event: &Event, now: Instant) {
        self.eta.update(event, now);
        match event {
            Event::Start(plan) => self.plan = plan.clone(),
            Event::Step(step) => {
                if step.record.is_some() {
                    self.record.clone_from(&step.record);
                }
                if step.step.is_multiple_of(self.plan.logging_steps.max(1)) {
                    self.print_step(step, now);
                }
            }
            Event::EvaluationEnd { epoch, loss, metrics } => self.print_evaluation(*epoch, *loss, metrics),
            Event::EvaluationStart { .. } | Event::EvaluationProgress { .. } | Event::End => {}
        }
    }
}
