//! `log.jsonl`: one line per logging step and one per evaluation, for programs to read.

pub mod tensorboard;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bert_tasks::Metrics;
use serde::{Deserialize, Serialize};

use super::error::RunError;
use tensorboard::EventFile;

/// The numbers of a logging step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Optimiser steps taken, this one included.
    pub step: usize,
    /// Epochs trained so far, with their fraction.
    pub epoch: f64,
    /// The mean loss of the steps since the previous line; if all of them were skipped, the last loss before them.
    pub loss: f64,
    /// The learning rate of this step.
    pub learning_rate: f64,
    /// The global gradient norm of the last step that was not skipped, before clipping.
    pub grad_norm: f64,
    /// Tokens per second since the previous line, without padding.
    pub tokens_per_second: f64,
    /// Rows per second since the previous line.
    pub texts_per_second: f64,
    /// The share of padding since the previous line.
    pub padding: f64,
    /// Steps skipped so far because their loss or gradient was not finite.
    pub skipped: usize,
    /// Seconds since the start, without interruptions of the run.
    pub seconds: f64,
}

/// The results of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvalRecord {
    /// Optimiser steps taken before it.
    pub step: usize,
    /// Epochs trained before it, with their fraction.
    pub epoch: f64,
    /// The mean loss.
    pub loss: f64,
    /// The task's metrics.
    #[serde(flatten)]
    pub metrics: Metrics,
    /// Rows per second.
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

/// Writes `log.jsonl`; every line is handed to the system before the next step.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    events: Option<EventFile>,
}

impl LogFile {
    /// The log at `path`, cut after its first `bytes` bytes, where new lines follow: 0 starts a new log.
    ///
    /// # Errors
    /// If the file cannot be created, or is shorter.
    pub fn open(path: &Path, bytes: u64) -> Result<Self, RunError> {
        let open = || -> std::io::Result<File> {
            let mut file = File::options()
                .create(true)
                .write(true)
                .truncate(false)
                .open(path)?;
            let found = file.metadata()?.len();
            if found < bytes {
                let reason =
                    format!("it has {found} bytes, but had {bytes} at the checkpoint: it was changed since");
                return Err(std::io::Error::other(reason));
            }
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes))?;
            Ok(file)
        };
        Ok(Self {
            path: path.to_path_buf(),
            file: open().map_err(|e| RunError::io(path, e))?,
            bytes,
            events: None,
        })
    }

    /// The same log, which writes each line to `events` as well.
    pub fn with_events(mut self, events: Option<EventFile>) -> Self {
        self.events = events;
        self
    }

    /// Adds a line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, line: &LogLine) -> Result<(), RunError> {
        let mut text = serde_json::to_string(line).expect("a log line is always JSON");
        text.push('\n');
        self.file
            .write_all(text.as_bytes())
            .map_err(|e| RunError::io(&self.path, e))?;
        self.bytes += text.len() as u64;
        match &mut self.events {
            Some(events) => {
                let (step, scalars) = scalars(line);
                events.scalars(step, &scalars)
            }
            None => Ok(()),
        }
    }

    /// Waits until all lines are on the disk, and returns their length in bytes.
    ///
    /// # Errors
    /// If the system reports an error.
    pub fn sync(&mut self) -> Result<u64, RunError> {
        self.file.sync_data().map_err(|e| RunError::io(&self.path, e))?;
        Ok(self.bytes)
    }
}

/// The step of a line and its numbers by name, as `train/loss`, `evaluation/accuracy` and so on.
fn scalars(line: &LogLine) -> (u64, Vec<(String, f64)>) {
    let line = serde_json::to_value(line).expect("a log line is always JSON");
    let kind = line["type"].as_str().unwrap_or("log");
    let fields = line.as_object().into_iter().flatten();
    let scalars = fields
        .filter(|(name, _)| !matches!(name.as_str(), "type" | "step" | "seconds"))
        .filter_map(|(name, value)| Some((format!("{kind}/{name}"), value.as_f64()?)));
    (line["step"].as_u64().unwrap_or_default(), scalars.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_of_a_line_but_step_and_time_are_scalars() {
        let mut metrics = Metrics::default();
        metrics.set("accuracy", 0.5);
        let line = LogLine::Evaluation(EvalRecord {
            step: 10,
            epoch: 0.5,
            loss: 0.7,
            metrics,
            texts_per_second: 10.0,
            seconds: 1.0,
        });
        let (step, scalars) = scalars(&line);
        let names: Vec<&str> = scalars.iter().map(|(name, _)| name.as_str()).collect();
        let expected =
            ["epoch", "loss", "accuracy", "texts_per_second"].map(|name| format!("evaluation/{name}"));
        assert_eq!((step, names), (10, expected.iter().map(String::as_str).collect()));
    }
}
