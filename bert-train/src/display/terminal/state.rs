//! What the dashboard shows, and what its keys do.

use std::time::Instant;

use bert_tasks::lower_is_better;
use ratatui::crossterm::event::{Event as Input, KeyCode, KeyEventKind};

use super::super::eta::Eta;
use super::super::event::{Event, RunOverview};
use crate::run::log::StepRecord;

/// A curve with more points than this loses every second one.
pub(super) const POINTS: usize = 2000;

/// The name of the loss among the metrics.
pub(super) const LOSS: &str = "Loss";

/// What is shown.
#[derive(Debug)]
pub(super) struct State {
    pub(super) overview: RunOverview,
    pub(super) eta: Eta,
    pub(super) epoch: usize,
    pub(super) step: usize,
    /// The newest figures of training.
    pub(super) record: Option<StepRecord>,
    pub(super) loss: Curve,
    pub(super) metrics: Vec<Metric>,
    /// Rows done of the evaluation that is running, of how many.
    pub(super) evaluation: Option<(usize, usize)>,
    pub(super) started: Instant,
    pub(super) memory: Option<usize>,
    pub(super) asking: bool,
    pub(super) stopping: bool,
}

/// A metric of the evaluations.
#[derive(Clone, Debug)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) newest: f64,
    pub(super) values: Curve,
}

impl Metric {
    /// The best value so far.
    pub(super) fn best(&self) -> f64 {
        let values = self.values.points.iter().map(|point| point.1);
        match falls(&self.name) {
            true => values.fold(f64::NAN, f64::min),
            false => values.fold(f64::NAN, f64::max),
        }
    }
}

/// Whether the metric of this name in the table falls while a model learns.
pub(super) fn falls(name: &str) -> bool {
    name == LOSS || lower_is_better(name)
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
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
        self.points.push((step as f64, value));
    }
}

impl State {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            overview: RunOverview::default(),
            eta: Eta::default(),
            epoch: 1,
            step: 0,
            record: None,
            loss: Curve::default(),
            metrics: vec![],
            evaluation: None,
            started: now,
            memory: None,
            asking: false,
            stopping: false,
        }
    }

    /// Takes in an event that came at `now`.
    pub(super) fn update(&mut self, event: &Event, now: Instant) {
        self.eta.update(event, now);
        match event {
            Event::Start(overview) => {
                self.overview = overview.clone();
                self.epoch = overview.epoch;
                self.step = overview.taken;
                self.started = now;
            }
            Event::Step(step) => {
                self.epoch = step.epoch;
                self.step = step.step;
                if let Some(record) = &step.record {
                    self.loss.push(step.step, record.loss);
                    self.record = Some(record.clone());
                }
            }
            Event::EvaluationStart { rows } => self.evaluation = Some((0, *rows)),
            Event::EvaluationProgress { rows } => {
                if let Some((done, _)) = &mut self.evaluation {
                    *done = *rows;
                }
            }
            Event::EvaluationEnd {
                step, loss, metrics, ..
            } => {
                self.evaluation = None;
                for (name, value) in [(LOSS, *loss)].into_iter().chain(metrics.iter()) {
                    self.evaluated(*step, name, value);
                }
            }
            Event::End => {}
        }
    }

    fn evaluated(&mut self, step: usize, name: &str, value: f64) {
        if !value.is_finite() {
            return;
        }
        let index = self.metrics.iter().position(|metric| metric.name == name);
        let index = index.unwrap_or_else(|| {
            self.metrics.push(Metric {
                name: name.into(),
                newest: value,
                values: Curve::default(),
            });
            self.metrics.len() - 1
        });
        self.metrics[index].newest = value;
        self.metrics[index].values.push(step, value);
    }

    /// What a key does; `true` if the run is to stop.
    pub(super) fn key(&mut self, input: &Input) -> bool {
        let Input::Key(key) = input else {
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

    /// The share of the run that is done.
    pub(super) fn share(&self) -> f64 {
        self.overview.share(self.step)
    }
}
