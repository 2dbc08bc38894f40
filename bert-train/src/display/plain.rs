//! Progress as plain lines, for where there is no terminal: a log file, a pipe, a scheduler.

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use burn_train::LearnerSummary;
use burn_train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn_train::metric::{MetricDefinition, MetricId};
use burn_train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};

use crate::display::figures::{LOSS, NORM, RATE, TOKENS};

/// Prints a line each `every` steps and a table at each evaluation.
pub struct LineRenderer<W> {
    out: W,
    every: usize,
    names: HashMap<MetricId, String>,
    train: HashMap<String, String>,
    valid: Vec<(String, String)>,
    epochs: usize,
    epoch: usize,
    items: usize,
    done: usize,
    steps: usize,
    validating: bool,
    started: Instant,
    /// Time and items of training alone, for the rate.
    trained: (Duration, usize),
    split_started: Instant,
    header: Vec<String>,
}

impl<W: Write + Send + Sync> LineRenderer<W> {
    /// Prints to `out`.
    pub fn new(out: W, every: usize) -> Self {
        let now = Instant::now();
        Self {
            out,
            every: every.max(1),
            names: HashMap::new(),
            train: HashMap::new(),
            valid: vec![],
            epochs: 0,
            epoch: 1,
            items: 0,
            done: 0,
            steps: 0,
            validating: false,
            started: now,
            trained: (Duration::ZERO, 0),
            split_started: now,
            header: vec![],
        }
    }

    /// Counts on from `steps`, which were taken before.
    pub fn after(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    fn print(&mut self, line: &str) {
        // A closed pipe must not end a run: its results are in the run folder.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }

    fn print_step(&mut self) {
        let figure = |name: &str| self.train.get(name).cloned().unwrap_or_else(|| "-".into());
        let line = format!(
            "epoch {}/{}  step {:>5}  {:>3} %  loss {}  rate {}  norm {}  {} tokens/s  eta {}",
            self.epoch,
            self.epochs,
            self.steps,
            100 * self.done / self.items.max(1),
            figure(LOSS),
            figure(RATE),
            figure(NORM),
            figure(TOKENS),
            duration(self.left()),
        );
        self.print(&line);
    }

    /// Training time left, by the rate so far.
    fn left(&self) -> Duration {
        let (before, items_before) = self.trained;
        let spent = before + self.split_started.elapsed();
        let items = items_before + self.done;
        let all = self.items * self.epochs;
        let share = (all.saturating_sub(items)) as f64 / items.max(1) as f64;
        spent.mul_f64(share)
    }

    fn print_table(&mut self) {
        let cells: Vec<(String, String)> = std::mem::take(&mut self.valid);
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
        let line = format!("  {:>8}{}", self.epoch, row(&|cell| cell.1.clone()));
        self.print(&line);
    }

    fn take(state: MetricState) -> (MetricId, String) {
        let entry = match state {
            MetricState::Generic(entry) | MetricState::Numeric(entry, _) => entry,
        };
        (entry.metric_id, entry.serialized_entry.formatted)
    }
}

/// `1h 02m`, `3m 05s` or `7s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s:02}s"),
        (h, m, _) => format!("{h}h {m:02}m"),
    }
}

impl<W: Write + Send + Sync> MetricsRendererTraining for LineRenderer<W> {
    fn update_train(&mut self, state: MetricState) {
        let (id, shown) = Self::take(state);
        if let Some(name) = self.names.get(&id) {
            self.train.insert(name.clone(), shown);
        }
    }

    fn update_valid(&mut self, state: MetricState) {
        let (id, shown) = Self::take(state);
        if shown.contains("N/A") {
            return;
        }
        if let Some(name) = self.names.get(&id).cloned() {
            match self.valid.iter_mut().find(|(known, _)| *known == name) {
                Some(cell) => cell.1 = shown,
                None => self.valid.push((name, shown)),
            }
        }
    }

    fn on_train_end(&mut self, _: Option<LearnerSummary>) -> Result<(), Box<dyn core::error::Error>> {
        Ok(())
    }
}

impl<W: Write + Send + Sync> TrainingProgressLogger for LineRenderer<W> {
    fn start(&mut self, total_epochs: usize, starting_epoch: usize, _: Option<usize>, _: Option<&str>) {
        self.epochs = total_epochs;
        self.epoch = starting_epoch;
        self.started = Instant::now();
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch + 1;
    }

    fn start_split(&mut self, split: &str, total_items: usize) {
        self.validating = split != "train";
        self.split_started = Instant::now();
        if !self.validating {
            self.items = total_items;
            self.done = 0;
        }
    }

    fn update_split(&mut self, items_processed: usize) {
        if !self.validating {
            self.done = items_processed;
        }
    }

    fn end_split(&mut self) {
        if self.validating {
            self.print_table();
        } else {
            self.trained.0 += self.split_started.elapsed();
            self.trained.1 += self.done;
            self.done = 0;
        }
    }

    fn end(&mut self) {}

    fn log_event_training(&mut self, _: String) {
        if !self.validating {
            self.steps += 1;
            if self.steps.is_multiple_of(self.every) {
                self.print_step();
            }
        }
    }
}

impl<W: Write + Send + Sync> EvaluationProgressLogger for LineRenderer<W> {
    fn start_global_progress(&mut self, _: usize) {}

    fn start_test(&mut self, _: &str, _: usize) {}

    fn update_test_progress(&mut self, _: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

impl<W: Write + Send + Sync> MetricsRendererEvaluation for LineRenderer<W> {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl<W: Write + Send + Sync> MetricsRenderer for LineRenderer<W> {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.names
            .insert(definition.metric_id, definition.name.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_for_people() {
        let shown: Vec<String> = [0.4, 7.0, 185.0, 3725.0]
            .map(|seconds| duration(Duration::from_secs_f64(seconds)))
            .into();
        assert_eq!(shown, ["0s", "7s", "3m 05s", "1h 02m"]);
    }
}
