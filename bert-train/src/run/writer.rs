//! Writes the files of a run during training.

use std::collections::BTreeMap;
use std::sync::Arc;

use bert_core::{BertConfig, BertTokenizer};
use bert_tasks::Task;
use datasets::Examples;

use super::checkpoint::{Checkpoints, Snapshot};
use super::error::RunError;
use super::folder::Run;
use super::log::{LogFile, LogLine};
use super::metrics::RunMetrics;
use super::predictions::Predictions;
use super::state::{Counts, RunProgress, State};
use crate::optim::lora;
use crate::system::memory;

/// Writes the log, `model/`, `metrics.json`, `predictions.jsonl` and the checkpoints of one run.
#[derive(Debug)]
pub struct RunWriter<K: Task> {
    pub(crate) task: K,
    pub(crate) run: Run,
    pub(crate) config: BertConfig,
    pub(crate) tokenizer: BertTokenizer,
    pub(crate) examples: Arc<Examples<K::Example>>,
    /// The fields of `metrics.json` that do not change during training.
    pub(crate) template: RunMetrics,
    /// `None` if no checkpoints are kept.
    pub(crate) checkpoints: Option<Checkpoints>,
    pub(crate) log: LogFile,
    pub(crate) data: BTreeMap<String, String>,
}

impl<K: Task> RunWriter<K> {
    /// Adds a line to the log.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn line(&mut self, line: &LogLine) -> Result<(), RunError> {
        self.log.write(line)
    }

    /// Writes `model/`. LoRA's updates are merged into the weights.
    ///
    /// # Errors
    /// If it cannot be written; the old one is then unchanged.
    pub fn model(&self, model: &K::Model) -> Result<(), RunError> {
        let merged = lora::merge(model.clone());
        self.run.write_model(&merged, &self.config, &self.tokenizer)
    }

    /// Collects the predictions of an evaluation.
    ///
    /// # Errors
    /// If the run folder cannot be written to.
    pub fn predictions(&self) -> Result<Predictions, RunError> {
        let path = self.run.path("predictions.jsonl");
        Predictions::new(&self.task, &path).map_err(|e| RunError::io(&path, e))
    }

    /// Writes `model/` and its predictions.
    ///
    /// # Errors
    /// If they cannot be written; the old ones are then unchanged.
    pub fn evaluated(&self, model: &K::Model, predictions: Predictions) -> Result<(), RunError> {
        self.model(model)?;
        predictions.write()
    }

    /// Writes `metrics.json`.
    ///
    /// # Errors
    /// If it cannot be written; the old one is then unchanged.
    pub fn metrics(&self, progress: &RunProgress, state: &str) -> Result<RunMetrics, RunError> {
        let metrics = RunMetrics {
            state: state.into(),
            steps: progress.steps,
            last: progress.last.as_ref().map(|record| record.metrics.clone()),
            best: progress.best.as_ref().map(|record| record.metrics.clone()),
            best_epoch: progress.best.as_ref().map(|record| record.epoch),
            best_step: progress.best.as_ref().map(|record| record.step),
            model_step: progress.model_step,
            skipped_steps: progress.skipped.total,
            train_seconds: progress.train_seconds,
            train_texts_per_second: progress.texts as f64 / progress.train_seconds.max(1e-9),
            peak_memory_bytes: memory::peak(),
            ..self.template.clone()
        };
        self.run.write_metrics(&metrics)?;
        Ok(metrics)
    }

    /// Writes a checkpoint, if checkpoints are kept.
    ///
    /// # Errors
    /// If it cannot be written; the old ones are then unchanged.
    pub fn checkpoint(
        &mut self,
        training: &mut impl Snapshot,
        progress: &RunProgress,
        counts: Counts,
    ) -> Result<(), RunError> {
        let Some(checkpoints) = &self.checkpoints else {
            return Ok(());
        };
        let state = State {
            progress: progress.clone(),
            counts,
            log_bytes: self.log.sync()?,
            head_init: self.template.head_init.clone(),
            data: self.data.clone(),
        };
        checkpoints.save(training, &self.config, &self.tokenizer, &state)
    }
}
