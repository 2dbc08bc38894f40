//! The training loop: epochs, steps, evaluations, and what happens between them.
//!
//! It takes the place of Burn's own loop inside `SupervisedTraining`, since that one shows nothing between batches, asks
//! for every loss at once, and cannot stop in the middle of an epoch with the model saved.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bert_tasks::Task;
use burn::data::dataloader::DataLoaderIterator;
use burn::module::Module;
use burn::tensor::Tensor;
use burn_train::{
    EventProcessorTraining, InferenceStep, Interrupter, Learner, LearnerEvent, SupervisedLearningStrategy,
    SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, TrainingItem, ValidLoader,
};

use crate::dashboard::Newest;
use crate::evaluate::{Evaluation, Outputs};
use crate::finetune::{Finetune, GradNorm, StepOutput};
use crate::interrupt::Stop;
use crate::loader::BatchLoader;
use crate::log::{EvalRecord, LogFile, LogLine, Meter, StepRecord};
use crate::run::RunError;
use crate::train::TrainError;

/// Called after each evaluation, with the model in inference form: saves it.
pub type AfterEvaluation<K> =
    dyn Fn(&<K as Task>::Model, &Evaluation<K>, &Progress) -> Result<(), RunError> + Send + Sync;

/// How far a run has come.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Epochs finished.
    pub epoch: usize,
    /// Optimiser steps taken.
    pub steps: usize,
    /// Texts gone through.
    pub texts: usize,
    /// Time spent in training steps, in seconds.
    pub train_seconds: f64,
    /// Whether the run was stopped before its end.
    pub stopped: bool,
    /// The newest evaluation.
    pub last: Option<EvalRecord>,
    /// The best evaluation by the task's main metric.
    pub best: Option<EvalRecord>,
}

/// The loop of one run.
pub struct FinetuneStrategy<K: Task> {
    pub(crate) task: K,
    pub(crate) train: BatchLoader<K>,
    pub(crate) dev: BatchLoader<K>,
    pub(crate) logging_steps: usize,
    /// Whether reading a loss costs nothing, as where the device is the processor itself.
    pub(crate) eager: bool,
    pub(crate) stop: Stop,
    pub(crate) newest: Newest,
    pub(crate) norm: GradNorm,
    pub(crate) log: Mutex<LogFile>,
    /// What `dev` was made of.
    pub(crate) dev_examples: Arc<Vec<K::Example>>,
    pub(crate) after: Box<AfterEvaluation<K>>,
    pub(crate) outcome: Arc<Mutex<Outcome>>,
}

/// What the loop leaves behind.
#[derive(Debug, Default)]
pub struct Outcome {
    pub(crate) progress: Progress,
    pub(crate) error: Option<TrainError>,
}

type Processor<M> = SupervisedTrainingEventProcessor<Finetune<M>>;

/// What one `fit` carries along.
struct Loop<'a, K: Task> {
    strategy: &'a FinetuneStrategy<K>,
    learner: Learner<Finetune<K::Model>>,
    events: Processor<K::Model>,
    interrupter: Interrupter,
    meter: Meter,
    losses: Vec<Tensor<1>>,
    progress: Progress,
}

impl<K: Task> SupervisedLearningStrategy<Finetune<K::Model>> for FinetuneStrategy<K> {
    fn fit(
        &self,
        components: TrainingComponents<Finetune<K::Model>>,
        learner: Learner<Finetune<K::Model>>,
        _: TrainLoader<Finetune<K::Model>>,
        _: ValidLoader<Finetune<K::Model>>,
        first_epoch: usize,
    ) -> (Finetune<K::Model>, Processor<K::Model>) {
        let mut state = Loop {
            strategy: self,
            learner,
            events: components.event_processor,
            interrupter: components.interrupter,
            meter: Meter::start(),
            losses: vec![],
            progress: Progress::default(),
        };
        let mut error = None;
        for epoch in first_epoch..=components.num_epochs {
            match state.epoch(epoch) {
                Ok(true) => {}
                Ok(false) => {
                    state.progress.stopped = true;
                    break;
                }
                Err(e) => {
                    error = Some(e);
                    break;
                }
            }
        }
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.progress = state.progress;
        outcome.error = error;
        (state.learner.model(), state.events)
    }
}

impl<K: Task> Loop<'_, K> {
    /// Trains for one epoch and evaluates; `false` where it was stopped before its end.
    fn epoch(&mut self, epoch: usize) -> Result<bool, TrainError> {
        let trained = self.train(epoch)?;
        if !trained || !self.evaluate(epoch)? {
            return Ok(false);
        }
        self.check(|events| events.process_train(LearnerEvent::EndEpoch(epoch)))?;
        self.check(|events| events.flush())?;
        Ok(true)
    }

    fn train(&mut self, epoch: usize) -> Result<bool, TrainError> {
        let strategy = self.strategy;
        let total_items = strategy.train.len();
        self.check(|events| {
            events.process_train(LearnerEvent::StartSplit {
                epoch_number: epoch,
                total_items,
            })
        })?;
        self.meter.restart();
        let started = Instant::now();
        let mut batches = strategy.train.epoch(epoch - 1);
        let mut finished = true;
        while let Some(batch) = batches.next() {
            let batch = batch.map_err(|e| TrainError::Burn(e.to_string()))?;
            let (texts, tokens, places) = (batch.rows.len(), batch.tokens, batch.places());
            let output = self.learner.train_step(batch);
            self.learner.lr_step();
            self.learner.optimizer_step(output.grads);
            self.losses.push(output.item.loss.clone());
            self.meter.count(texts, tokens, places);
            self.progress.steps += 1;
            self.progress.texts += texts;

            let done = batches.progress();
            let logging = self.progress.steps.is_multiple_of(strategy.logging_steps) || done.is_completed();
            let record = if logging || strategy.eager {
                let share = done.items_processed as f64 / done.items_total as f64;
                Some(self.record((epoch - 1) as f64 + share, logging)?)
            } else {
                None
            };
            let item = StepOutput {
                record,
                ..output.item
            };
            let rate = Some(self.learner.lr_current());
            let item = TrainingItem::new(item, done, Some(self.progress.steps), rate);
            self.check(|events| events.process_train(LearnerEvent::ProcessedItem(item)))?;
            if self.stopping() {
                finished = false;
                break;
            }
        }
        self.progress.train_seconds += started.elapsed().as_secs_f64();
        self.check(|events| events.process_train(LearnerEvent::EndSplit(epoch)))?;
        Ok(finished)
    }

    /// The step's record, from what the device has computed by now; at logging steps it goes into the log.
    fn record(&mut self, epoch: f64, logging: bool) -> Result<StepRecord, TrainError> {
        let step = self.progress.steps;
        for loss in self.losses.drain(..) {
            let value = loss.into_scalar::<f64>();
            if !value.is_finite() {
                return Err(TrainError::NotFinite { what: "loss", step });
            }
            self.meter.add_loss(value);
        }
        let norm = self.strategy.norm.take();
        let norm = norm.map_or(f64::NAN, |norm| norm.into_scalar::<f64>());
        if !norm.is_finite() {
            let what = "gradient norm";
            return Err(TrainError::NotFinite { what, step });
        }
        let rate = self.learner.lr_current().base();
        let record = self.meter.record(step, epoch, rate, norm);
        if logging {
            self.write(&LogLine::Train(record.clone()))?;
            self.meter.restart();
        }
        Ok(record)
    }

    fn evaluate(&mut self, epoch: usize) -> Result<bool, TrainError> {
        let strategy = self.strategy;
        let total_items = strategy.dev.len();
        self.check(|events| {
            events.process_valid(LearnerEvent::StartSplit {
                epoch_number: epoch,
                total_items,
            })
        })?;
        let model = self.learner.model().valid();
        let mut outputs = Outputs::new(strategy.dev.rows());
        let mut batches = strategy.dev.epoch(0);
        while let Some(batch) = batches.next() {
            let batch = batch.map_err(|e| TrainError::Burn(e.to_string()))?;
            let rows = batch.rows.clone();
            let output = model.step(batch);
            outputs.add(
                &rows,
                output.logits.clone(),
                Some(output.loss.clone()),
                output.count,
            );
            let item = TrainingItem::new(output, batches.progress(), Some(self.progress.steps), None);
            self.check(|events| events.process_valid(LearnerEvent::ProcessedItem(item)))?;
            if self.stopping() {
                return Ok(false);
            }
        }
        let evaluation = outputs.finish(&strategy.task, &strategy.dev_examples);
        let mut metrics = evaluation.metrics.clone();
        metrics.set("loss", evaluation.loss);
        strategy.newest.set(metrics);
        self.check(|events| events.process_valid(LearnerEvent::EndSplit(epoch)))?;

        self.progress.epoch = epoch;
        let record = EvalRecord {
            step: self.progress.steps,
            epoch,
            loss: evaluation.loss,
            metrics: evaluation.metrics.clone(),
            texts_per_second: total_items as f64 / evaluation.seconds.max(1e-9),
            seconds: self.meter.seconds(),
        };
        self.write(&LogLine::Evaluation(record.clone()))?;
        let main = |record: &EvalRecord| record.metrics.get(strategy.task.main_metric());
        let better = match &self.progress.best {
            Some(best) => main(&record) > main(best),
            None => true,
        };
        if better {
            self.progress.best = Some(record.clone());
        }
        self.progress.last = Some(record);
        (strategy.after)(&model.model, &evaluation, &self.progress)?;
        Ok(true)
    }

    fn stopping(&self) -> bool {
        self.strategy.stop.asked() || self.interrupter.should_stop()
    }

    fn write(&self, line: &LogLine) -> Result<(), TrainError> {
        let mut log = self.strategy.log.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(log.write(line)?)
    }

    fn check<E: std::fmt::Display>(
        &mut self,
        event: impl FnOnce(&mut Processor<K::Model>) -> Result<(), E>,
    ) -> Result<(), TrainError> {
        event(&mut self.events).map_err(|e| TrainError::Burn(e.to_string()))
    }
}
