//! What the dashboard shows, and what its keys do.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use burn_train::metric::MetricId;
use burn_train::renderer::MetricState;
use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind};

/// A curve of more points than this loses every second one.
pub(super) const POINTS: usize = 2000;

/// What is shown.
#[derive(Debug)]
pub(super) struct State {
    pub(super) title: String,
    pub(super) main: String,
    pub(super) names: HashMap<MetricId, Known>,
    pub(super) train: Vec<(String, f64)>,
    pub(super) valid: Vec<Judged>,
    pub(super) loss: Curve,
    pub(super) epoch: usize,
    pub(super) epochs: usize,
    pub(super) step: usize,
    pub(super) done: usize,
    pub(super) items: usize,
    pub(super) validating: bool,
    pub(super) judged: (usize, usize),
    pub(super) started: Instant,
    pub(super) split_started: Instant,
    /// Time and items of training alone, for the time left.
    pub(super) trained: (Duration, usize),
    /// Whether the next items are the first ones after those of an earlier process.
    pub(super) resumed: bool,
    pub(super) memory: Option<usize>,
    pub(super) asking: bool,
    pub(super) stopping: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) higher_is_better: bool,
}

/// A metric of the evaluations.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) name: String,
    pub(super) higher_is_better: bool,
    pub(super) newest: f64,
    pub(super) values: Curve,
}

/// Values by step.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    pub(super) points: Vec<(f64, f64)>,
}

impl Curve {
    pub(super) fn push(&mut self, step: usize, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.points.len() >= POINTS {
            let mut place = 0;
            self.points.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        self.points.push((step as f64, value));
    }
}

impl State {
    pub(super) fn new(title: &str, main: &str) -> Self {
        let now = Instant::now();
        Self {
            title: title.into(),
            main: main.into(),
            names: HashMap::new(),
            train: vec![],
            valid: vec![],
            loss: Curve::default(),
            epoch: 1,
            epochs: 1,
            step: 0,
            done: 0,
            items: 0,
            validating: false,
            judged: (0, 0),
            started: now,
            split_started: now,
            trained: (Duration::ZERO, 0),
            resumed: false,
            memory: None,
            asking: false,
            stopping: false,
        }
    }

    /// What a key does; `true` where the run is to stop.
    pub(super) fn key(&mut self, event: &Event) -> bool {
        let Event::Key(key) = event else {
            return false;
        };
        if key.kind == KeyEventKind::Release {
            return false;
        }
        match (self.asking, key.code) {
            (true, KeyCode::Char('y' | 'Y')) => {
                self.asking = false;
                self.stopping = true;
                true
            }
            (true, _) => {
                self.asking = false;
                false
            }
            (false, KeyCode::Char('q' | 'Q')) => {
                self.asking = !self.stopping;
                false
            }
            (false, _) => false,
        }
    }

    pub(super) fn share(&self) -> f64 {
        let all = (self.items * self.epochs).max(1);
        let before = self.items * self.epoch.saturating_sub(1);
        ((before + self.done) as f64 / all as f64).clamp(0.0, 1.0)
    }

    /// Training time left, by the rate so far; `None` before there is one.
    pub(super) fn left(&self) -> Option<Duration> {
        let (before, items) = self.trained;
        let spent = match self.validating {
            true => before,
            false => before + self.split_started.elapsed(),
        };
        let ahead = (self.items * self.epochs) as f64 * (1.0 - self.share());
        (items > 0).then(|| spent.mul_f64(ahead / items as f64))
    }

    /// The metric's name and its value, if it has one.
    pub(super) fn value(&self, state: MetricState) -> Option<(Known, f64)> {
        let MetricState::Numeric(entry, value) = state else {
            return None;
        };
        let value = value?.current();
        let known = self.names.get(&entry.metric_id)?.clone();
        value.is_finite().then_some((known, value))
    }
}
