//! `log.jsonl`: one line a logging step and one an evaluation, for programs to read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use bert_tasks::Metrics;
use serde::{Deserialize, Serialize};

use crate::run::RunError;
use crate::tensorboard::EventFile;

/// What there is to tell of a training step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Optimiser steps taken, this one included.
    pub step: usize,
    /// Parts of the data seen so far, in epochs.
    pub epoch: f64,
    /// The mean loss since the line before.
    pub loss: f64,
    /// The learning rate of this step.
    pub learning_rate: f64,
    /// The global gradient norm of this step, before clipping.
    pub grad_norm: f64,
    /// Real tokens a second since the line before: padding does not count.
    pub tokens_per_second: f64,
    /// Texts a second since the line before.
    pub texts_per_second: f64,
    /// The share of padding since the line before.
    pub padding: f64,
    /// Seconds since the start.
    pub seconds: f64,
}

/// What there is to tell of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvalRecord {
    /// Optimiser steps taken before it.
    pub step: usize,
    /// Epochs finished before it.
    pub epoch: usize,
    /// The mean loss over the texts.
    pub loss: f64,
    /// The task's metrics.
    #[serde(flatten)]
    pub metrics: Metrics,
    /// Texts a second.
    pub texts_per_second: f64,
    /// Seconds since the start.
    pub seconds: f64,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LogLine {
    /// A training step.
    Train(StepRecord),
    /// An evaluation.
    Evaluation(EvalRecord),
}

/// Writes `log.jsonl`; every line is on its way to the disk before the next step.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: BufWriter<File>,
    events: Option<EventFile>,
}

impl LogFile {
    /// A new, empty log at `path`.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, RunError> {
        let file = File::create(path).map_err(|e| RunError::io(path, e))?;
        Ok(Self {
            path: path.to_path_buf(),
            file: BufWriter::new(file),
            events: None,
        })
    }

    /// Writes each line to `events` too.
    pub fn with_events(mut self, events: Option<EventFile>) -> Self {
        self.events = events;
        self
    }

    /// Adds a line.
    ///
    /// # Errors
    /// If the disk is full, or fails.
    pub fn write(&mut self, line: &LogLine) -> Result<(), RunError> {
        let text = serde_json::to_string(line).expect("a log line is always JSON");
        writeln!(self.file, "{text}")
            .and_then(|()| self.file.flush())
            .map_err(|e| RunError::io(&self.path, e))?;
        match &mut self.events {
            Some(events) => events.log(line),
            None => Ok(()),
        }
    }
}

/// Adds up steps between two lines of the log.
#[derive(Debug)]
pub struct Meter {
    start: Instant,
    since: Instant,
    loss: f64,
    steps: usize,
    texts: usize,
    tokens: usize,
    places: usize,
}

impl Meter {
    /// A meter that starts now.
    pub fn start() -> Self {
        let now = Instant::now();
        Self {
            start: now,
            since: now,
            loss: 0.0,
            steps: 0,
            texts: 0,
            tokens: 0,
            places: 0,
        }
    }

    /// Counts a step's texts, real tokens and places.
    pub fn count(&mut self, texts: usize, tokens: usize, places: usize) {
        self.steps += 1;
        self.texts += texts;
        self.tokens += tokens;
        self.places += places;
    }

    /// Adds losses that were read from the device.
    pub fn add_loss(&mut self, sum: f64) {
        self.loss += sum;
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// What was counted since the start or the last [`restart`](Self::restart).
    pub fn record(&self, step: usize, epoch: f64, learning_rate: f64, grad_norm: f64) -> StepRecord {
        let elapsed = self.since.elapsed().as_secs_f64().max(1e-9);
        StepRecord {
            step,
            epoch,
            loss: self.loss / self.steps.max(1) as f64,
            learning_rate,
            grad_norm,
            tokens_per_second: self.tokens as f64 / elapsed,
            texts_per_second: self.texts as f64 / elapsed,
            padding: 1.0 - self.tokens as f64 / self.places.max(1) as f64,
            seconds: self.seconds(),
        }
    }

    /// Starts the counts anew: after a line of the log, and after an evaluation, whose time is not training's.
    pub fn restart(&mut self) {
        *self = Self {
            start: self.start,
            ..Self::start()
        };
    }
}
