//! `log.jsonl`: one line a logging step and one an evaluation, for programs to read.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bert_tasks::Metrics;
use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::tensorboard::EventFile;

/// What there is to tell of a training step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Optimiser steps taken, this one included.
    pub step: usize,
    /// Parts of the data seen so far, in epochs.
    pub epoch: f64,
    /// The mean loss of the steps since the line before; where all of them were skipped, the newest loss before.
    pub loss: f64,
    /// The learning rate of this step.
    pub learning_rate: f64,
    /// The global gradient norm of the newest step that was not skipped, before clipping.
    pub grad_norm: f64,
    /// Real tokens a second since the line before: padding does not count.
    pub tokens_per_second: f64,
    /// Texts a second since the line before.
    pub texts_per_second: f64,
    /// The share of padding since the line before.
    pub padding: f64,
    /// Steps left out so far, since their loss or gradient was not finite.
    pub skipped: usize,
    /// Seconds since the start, without those in which the run stood still.
    pub seconds: f64,
}

/// What there is to tell of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvalRecord {
    /// Optimiser steps taken before it.
    pub step: usize,
    /// Parts of the data seen before it, in epochs.
    pub epoch: f64,
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
    file: File,
    bytes: u64,
    events: Option<EventFile>,
}

impl LogFile {
    /// The log at `path` with its first `bytes` bytes, behind which it goes on: 0 begins a new one.
    ///
    /// # Errors
    /// If the file cannot be made, or is shorter.
    pub fn open(path: &Path, bytes: u64) -> Result<Self, RunError> {
        let open = || -> std::io::Result<File> {
            let mut file = File::options()
                .create(true)
                .write(true)
                .truncate(false)
                .open(path)?;
            let found = file.metadata()?.len();
            if found < bytes {
                let reason = format!("{found} bytes, where the checkpoint knows of {bytes}: it was changed");
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
        let mut text = serde_json::to_string(line).expect("a log line is always JSON");
        text.push('\n');
        self.file
            .write_all(text.as_bytes())
            .map_err(|e| RunError::io(&self.path, e))?;
        self.bytes += text.len() as u64;
        match &mut self.events {
            Some(events) => events.log(line),
            None => Ok(()),
        }
    }

    /// Waits until all lines are on the disk; gives their length in bytes.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn sync(&mut self) -> Result<u64, RunError> {
        self.file.sync_data().map_err(|e| RunError::io(&self.path, e))?;
        Ok(self.bytes)
    }
}
