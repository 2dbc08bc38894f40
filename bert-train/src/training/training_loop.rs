//! The training loop: epochs, steps, evaluations, checkpoints, and in which order.

use std::time::Instant;

use bert_tasks::{EncodedRow, Task};
use burn::tensor::Tensor;
use datasets::Source;

use super::best_model::ModelSelection;
use super::error::TrainError;
use super::evaluator::{Answered, Evaluation, Evaluator};
use super::events;
use super::step_schedule::{Due, StepSchedule};
use super::throughput::Throughput;
use super::trainer::{StepMetrics, Trainer};
use crate::data::{BatchLoader, EpochSteps, Sources, StepBatches};
use crate::display::{Display, Event, RunOverview};
use crate::optim::lora;
use crate::run::log::{EvalRecord, LogLine, StepRecord};
use crate::run::state::RunProgress;
use crate::run::{Predictions, RunError, RunWriter};
use crate::system::interrupt::Stop;

/// A run that is being trained.
pub(super) struct TrainingLoop<K: Task> {
    pub(super) task: K,
    pub(super) schedule: StepSchedule,
    pub(super) selection: ModelSelection,
    pub(super) trainer: Trainer<K::Model>,
    pub(super) train: BatchLoader<K>,
    pub(super) dev: BatchLoader<K>,
    /// Where each example of `train` is from.
    pub(super) sources: Sources,
    /// Whether reading a loss from the device costs nothing.
    pub(super) synchronous: bool,
    pub(super) stop: Stop,
    pub(super) display: Box<dyn Display>,
    pub(super) throughput: Throughput,
    pub(super) progress: RunProgress,
    pub(super) writer: RunWriter<K>,
    /// Steps whose metrics have not been read from the device, with their rows.
    pub(super) unread: Vec<(StepMetrics, Vec<usize>)>,
    /// Parts of the data seen so far, in epochs.
    pub(super) epochs_seen: f64,
}

/// Whether to continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Continue,
    /// A stop was requested.
    Stopped,
}

impl<K: Task> TrainingLoop<K> {
    /// Trains to the end of the run. Stopped before that, it leaves a checkpoint behind.
    pub(super) fn run(&mut self) -> Result<(), TrainError> {
        self.start();
        let mut flow = Flow::Continue;
        if self.progress.evaluation_due {
            flow = self.evaluate()?;
            if flow == Flow::Continue {
                self.checkpoint()?;
            }
        }
        while flow == Flow::Continue && !self.is_over() {
            flow = self.epoch()?;
        }
        if flow == Flow::Stopped {
            self.progress.stopped = true;
            self.read_metrics()?;
            self.checkpoint()?;
        }
        self.show(Event::End);
        Ok(())
    }

    fn start(&mut self) {
        let overview = RunOverview {
            name: self.writer.template.task.clone(),
            main_metric: self.task.main_metric().into(),
            ..events::overview(&self.schedule, &self.progress, self.dev.len())
        };
        self.show(Event::Start(overview));
    }

    /// Whether all steps are taken, or the patience is used up.
    fn is_over(&self) -> bool {
        self.progress.steps >= self.schedule.steps() || self.selection.stops_early(&self.progress)
    }

    /// Trains to the end of the epoch, with the evaluations and checkpoints that are due on the way.
    fn epoch(&mut self) -> Result<Flow, TrainError> {
        let epoch = self.progress.epoch;
        let loader = self.train.clone();
        let mut steps = loader.epoch_steps(epoch, self.progress.step_of_epoch);
        while let Some(batches) = steps.next() {
            let started = Instant::now();
            let trained = self.progress.texts;
            if !self.step(batches) {
                return Ok(Flow::Stopped);
            }
            self.epochs_seen = epoch as f64 + steps.share();
            let end_of_epoch = self.count_step(&mut steps);
            let due = self.schedule.due(self.progress.steps, end_of_epoch);
            let trained = self.progress.texts - trained;
            self.report_step(due, started, trained)?;
            let best = self.best_step();
            self.progress.evaluation_due = due.evaluation;
            if self.stop.is_requested() || (due.evaluation && self.evaluate()? == Flow::Stopped) {
                return Ok(Flow::Stopped);
            }
            let new_best = self.selection.keeps_best && self.best_step() != best;
            if due.checkpoint || new_best {
                self.read_metrics()?;
                self.checkpoint()?;
            }
            if self.is_over() {
                break;
            }
        }
        Ok(Flow::Continue)
    }

    /// One optimiser step; `false` if it was stopped before it was complete, and nothing has changed.
    fn step(&mut self, batches: StepBatches<K::Input, K::Target>) -> bool {
        let rows = batches.rows();
        let (tokens, computed) = (batches.tokens(), batches.computed_tokens());
        let Some(metrics) = self.trainer.step(batches, || self.stop.is_requested()) else {
            return false;
        };
        self.progress.texts += rows.len();
        self.throughput.count(rows.len(), tokens, computed);
        self.unread.push((metrics, rows));
        true
    }

    /// Counts a step that was taken; whether it was the epoch's last.
    fn count_step(&mut self, steps: &mut EpochSteps<'_, K>) -> bool {
        let end_of_epoch = steps.is_done();
        let progress = &mut self.progress;
        progress.steps += 1;
        progress.step_of_epoch += 1;
        if end_of_epoch {
            progress.epoch += 1;
            progress.step_of_epoch = 0;
        }
        end_of_epoch
    }

    /// Logs and shows the step that began at `started`, as soon as its loss is known, or a line is due.
    fn report_step(&mut self, due: Due, started: Instant, trained: usize) -> Result<(), TrainError> {
        // Reading waits for the device. Steps that it has not computed yet would count to the time of an evaluation.
        let known = due.logging || due.evaluation || self.synchronous;
        if known {
            self.read_metrics()?;
        }
        let time = started.elapsed();
        self.throughput.add_seconds(time.as_secs_f64());
        self.progress.train_seconds += time.as_secs_f64();
        let record = known.then(|| self.record());
        if let Some(record) = record.as_ref().filter(|_| due.logging) {
            self.writer.line(&LogLine::Train(record.clone()))?;
            self.throughput.restart();
        }
        let step = events::step(&self.schedule, &self.progress, trained, time, record);
        self.show(Event::Step(step));
        Ok(())
    }

    fn best_step(&self) -> Option<usize> {
        self.progress.best.as_ref().map(|best| best.step)
    }

    /// Reads from the device the metrics of the steps since the last reading.
    ///
    /// # Errors
    /// If too many in a row were not finite.
    fn read_metrics(&mut self) -> Result<(), TrainError> {
        let value = |tensor: Tensor<1>| tensor.into_scalar::<f64>();
        let first = self.progress.steps - self.unread.len();
        for (index, (metrics, rows)) in std::mem::take(&mut self.unread).into_iter().enumerate() {
            let loss = value(metrics.loss);
            let norm = metrics.norm.map_or(0.0, value);
            let finite = loss.is_finite() && norm.is_finite();
            if finite {
                self.throughput.add(loss, norm);
            }
            if self.progress.skipped.count(finite) {
                let what = if loss.is_finite() { "gradient" } else { "loss" };
                let step = first + index + 1;
                let examples = self.sources_of(&rows);
                return Err(TrainError::NotFinite { what, step, examples });
            }
        }
        Ok(())
    }

    /// Where the examples of `rows` are from.
    fn sources_of(&self, rows: &[usize]) -> Vec<Source> {
        let all = self.train.rows();
        let mut examples: Vec<usize> = rows.iter().map(|&row| all.get(row).example()).collect();
        examples.sort_unstable();
        examples.dedup();
        let source = |&example: &usize| self.sources.get(example);
        examples.iter().filter_map(source).collect()
    }

    fn record(&self) -> StepRecord {
        let rate = self.trainer.rate().base();
        let skipped = self.progress.skipped.total;
        self.throughput
            .record(self.progress.steps, self.epochs_seen, rate, skipped)
    }

    /// Evaluates the model on dev and saves it. A run that keeps its best model saves it only if it is the best so far.
    fn evaluate(&mut self) -> Result<Flow, TrainError> {
        self.show(Event::EvaluationStart { rows: self.dev.len() });
        // Merged once, LoRA's updates cost an evaluation nothing, and what is evaluated is what is saved.
        let model = lora::merge(self.trainer.valid());
        let mut predictions = self.writer.predictions()?;
        let (task, display, stop) = (&self.task, &mut self.display, &self.stop);
        let evaluation = Evaluator::new(task, &model, &*self.writer.examples).evaluate(
            &self.dev,
            |rows| {
                display.show(&Event::EvaluationProgress { rows }, Instant::now());
                !stop.is_requested()
            },
            |answered: Answered<'_, K>| {
                let Answered {
                    index,
                    example,
                    answer,
                } = answered;
                predictions.add(task, index, example, &answer)
            },
        );
        let evaluation =
            evaluation.map_err(|e| RunError::io(&self.writer.run.path("predictions.jsonl"), e))?;
        let Some(evaluation) = evaluation else {
            return Ok(Flow::Stopped);
        };
        self.show(Event::EvaluationEnd {
            step: self.progress.steps,
            epoch: self.epochs_seen,
            loss: evaluation.loss,
            metrics: evaluation.metrics.clone(),
        });
        self.keep(&model, evaluation, predictions)?;
        Ok(Flow::Continue)
    }

    /// Logs an evaluation, and saves the model with its predictions, unless the run keeps its best model and this is not it.
    fn keep(
        &mut self,
        model: &K::Model,
        evaluation: Evaluation,
        predictions: Predictions,
    ) -> Result<(), TrainError> {
        let record = EvalRecord {
            step: self.progress.steps,
            epoch: self.epochs_seen,
            loss: evaluation.loss,
            metrics: evaluation.metrics,
            texts_per_second: self.dev.len() as f64 / evaluation.seconds.max(1e-9),
            seconds: self.throughput.seconds(),
        };
        self.writer.line(&LogLine::Evaluation(record.clone()))?;
        let best = self.selection.is_best(&mut self.progress, &record);
        self.progress.last = Some(record);
        self.progress.evaluation_due = false;
        if best || !self.selection.keeps_best {
            self.writer.evaluated(model, predictions)?;
            self.progress.model_step = Some(self.progress.steps);
        }
        self.writer.metrics(&self.progress, "running")?;
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), TrainError> {
        let counts = self.throughput.counts();
        Ok(self
            .writer
            .checkpoint(&mut self.trainer, &self.progress, counts)?)
    }

    fn show(&mut self, event: Event) {
        self.display.show(&event, Instant::now());
    }
}
