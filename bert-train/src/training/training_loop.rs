//! The training loop: epochs, steps, evaluations, checkpoints, and in which order.

use std::time::Instant;

use bert_tasks::{EncodedRow, ModelInput, Task};
use burn::data::dataloader::{self, DataLoaderIterator};
use burn::module::Module;
use burn::tensor::Tensor;
use burn_train::{EventProcessorTraining, InferenceStep, Interrupter, LearnerEvent, TrainingItem};
use datasets::Source;

use crate::data::step_batches::StepBatches;
use crate::run::RunWriter;
use crate::run::log::{EvalRecord, LogLine, StepRecord};
use crate::run::state::Progress;
use crate::training::evaluator::{Evaluation, Outputs};
use crate::training::finetune::StepOutput;
use crate::training::strategy::{Begin, FinetuneStrategy, Processor};
use crate::training::throughput::Meter;
use crate::training::train::TrainError;
use crate::training::trainee::{StepFigures, Trainee};

/// What a run carries along from step to step.
pub(crate) struct Loop<'a, K: Task> {
    strategy: &'a FinetuneStrategy<K>,
    pub(crate) trainee: Trainee<K::Model>,
    pub(crate) events: Processor<K::Model>,
    interrupter: Interrupter,
    meter: Meter,
    /// Steps whose figures have not been read from the device, with their rows.
    unread: Vec<(StepFigures, Vec<usize>)>,
    pub(crate) progress: Progress,
    /// Parts of the data seen so far, in epochs.
    place: f64,
    pub(crate) keeper: RunWriter<K>,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Go {
    On,
    /// Somebody asked to stop.
    Stopped,
}

/// What is to be done after a step.
#[derive(Clone, Copy, Debug)]
struct Due {
    logging: bool,
    evaluation: bool,
    /// Besides that of a new best evaluation.
    checkpoint: bool,
    end_of_epoch: bool,
}

impl<'a, K: Task> Loop<'a, K> {
    /// A run that begins, or goes on, with `begin`.
    pub(crate) fn new(
        strategy: &'a FinetuneStrategy<K>,
        begin: Begin<K>,
        events: Processor<K::Model>,
        interrupter: Interrupter,
    ) -> Self {
        let Progress {
            epoch, step_of_epoch, ..
        } = begin.progress;
        Self {
            strategy,
            trainee: begin.trainee,
            events,
            interrupter,
            meter: Meter::start(begin.counts),
            unread: vec![],
            place: epoch as f64 + strategy.train.epoch_steps(epoch, step_of_epoch).share(),
            progress: begin.progress,
            keeper: begin.keeper,
        }
    }

    /// The whole run, or what is left of it. Stopped, it leaves a checkpoint behind.
    pub(crate) fn run(&mut self) -> Result<(), TrainError> {
        let mut go = Go::On;
        if self.progress.owes_evaluation {
            go = self.evaluate()?;
            if go == Go::On {
                self.checkpoint()?;
            }
        }
        while go == Go::On && !self.is_over() {
            go = self.epoch()?;
        }
        if go == Go::Stopped {
            self.progress.stopped = true;
            self.read_figures()?;
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Whether all steps are taken, or no better evaluation is to be hoped for.
    fn is_over(&self) -> bool {
        self.progress.steps >= self.strategy.steps || self.strategy.selection.gives_up(&self.progress)
    }

    /// Trains to the end of the epoch, with the evaluations and checkpoints that are due on the way.
    fn epoch(&mut self) -> Result<Go, TrainError> {
        let epoch = self.progress.epoch;
        self.start_training_split(epoch)?;
        let mut windows = self
            .strategy
            .train
            .epoch_steps(epoch, self.progress.step_of_epoch);
        while let Some(window) = windows.next() {
            let started = Instant::now();
            let Some(loss) = self.step(window) else {
                self.end_training_split(epoch)?;
                return Ok(Go::Stopped);
            };
            self.place = epoch as f64 + windows.share();
            let due = self.count_step(windows.is_done());
            self.tell_step(loss, due, started, windows.progress())?;
            let best = self.best_step();
            self.progress.owes_evaluation = due.evaluation;
            if due.evaluation || due.end_of_epoch {
                self.end_training_split(epoch)?;
            }
            if self.stopping() || (due.evaluation && self.evaluate()? == Go::Stopped) {
                return Ok(Go::Stopped);
            }
            let new_best = self.strategy.selection.keeps_best && self.best_step() != best;
            if due.checkpoint || new_best {
                self.read_figures()?;
                self.checkpoint()?;
            }
            if self.is_over() {
                break;
            }
            if due.evaluation && !due.end_of_epoch {
                self.start_training_split(epoch)?;
            }
        }
        self.events(|events| events.process_train(LearnerEvent::EndEpoch(epoch + 1)))?;
        self.events(|events| events.flush())?;
        Ok(Go::On)
    }

    /// Counts a step that was taken, and says what is due after it.
    fn count_step(&mut self, end_of_epoch: bool) -> Due {
        let recipe = &self.strategy.recipe;
        let progress = &mut self.progress;
        progress.steps += 1;
        progress.step_of_epoch += 1;
        if end_of_epoch {
            progress.epoch += 1;
            progress.step_of_epoch = 0;
        }
        let steps = progress.steps;
        let last = steps >= self.strategy.steps;
        let hits = |every: Option<usize>| every.is_some_and(|every| steps.is_multiple_of(every));
        Due {
            logging: last || end_of_epoch || hits(Some(recipe.logging_steps)),
            evaluation: last || hits(recipe.eval_every) || (end_of_epoch && recipe.eval_every.is_none()),
            checkpoint: last || end_of_epoch || hits(recipe.save_every),
            end_of_epoch,
        }
    }

    /// Logs and shows the step that began at `started`, as far as its figures are at hand or due.
    fn tell_step(
        &mut self,
        loss: Tensor<1>,
        due: Due,
        started: Instant,
        split: dataloader::Progress,
    ) -> Result<(), TrainError> {
        let known = due.logging || self.strategy.eager;
        if known {
            self.read_figures()?;
        }
        let seconds = started.elapsed().as_secs_f64();
        self.meter.add_seconds(seconds);
        self.progress.train_seconds += seconds;
        let record = known.then(|| self.record());
        if let Some(record) = record.as_ref().filter(|_| due.logging) {
            self.keeper.line(&LogLine::Train(record.clone()))?;
            self.meter.restart();
        }
        self.show(StepOutput { loss, record }, split)
    }

    fn best_step(&self) -> Option<usize> {
        self.progress.best.as_ref().map(|best| best.step)
    }

    /// One optimiser step; its loss, unless it was stopped before it was whole.
    fn step(&mut self, window: StepBatches<K::Input, K::Target>) -> Option<Tensor<1>> {
        let (stop, interrupter) = (&self.strategy.stop, &self.interrupter);
        let asked = || stop.asked() || interrupter.should_stop();
        let figures = self.trainee.step(&window, asked)?;
        let loss = figures.loss.clone();
        let rows = window.rows();
        self.progress.texts += rows.len();
        let places = window
            .batches
            .iter()
            .map(|batch| batch.input.computed_tokens())
            .sum();
        let tokens = window.batches.iter().map(|batch| batch.tokens).sum();
        self.meter.count(rows.len(), tokens, places);
        self.unread.push((figures, rows));
        Some(loss)
    }

    /// Reads from the device what the steps since the last reading gave.
    ///
    /// # Errors
    /// If too many in a row were not finite.
    fn read_figures(&mut self) -> Result<(), TrainError> {
        let value = |tensor: Tensor<1>| tensor.into_scalar::<f64>();
        let first = self.progress.steps - self.unread.len();
        for (index, (figures, rows)) in std::mem::take(&mut self.unread).into_iter().enumerate() {
            let loss = value(figures.loss);
            let norm = figures.norm.map_or(0.0, value);
            let finite = loss.is_finite() && norm.is_finite();
            if finite {
                self.meter.add(loss, norm);
            }
            if self.progress.skipped.count(finite) {
                let what = if loss.is_finite() { "gradient" } else { "loss" };
                let step = first + index + 1;
                let examples = self.name(&rows);
                return Err(TrainError::NotFinite { what, step, examples });
            }
        }
        Ok(())
    }

    /// Where the examples of `rows` are from.
    fn name(&self, rows: &[usize]) -> Vec<Source> {
        let all = self.strategy.train.rows();
        let mut examples: Vec<usize> = rows.iter().map(|&row| all.get(row).example()).collect();
        examples.sort_unstable();
        examples.dedup();
        let source = |&example: &usize| self.strategy.sources.get(example).cloned();
        examples.iter().filter_map(source).collect()
    }

    fn record(&self) -> StepRecord {
        let rate = self.trainee.rate().base();
        let skipped = self.progress.skipped.total;
        self.meter.record(self.progress.steps, self.place, rate, skipped)
    }

    fn show(&mut self, step: StepOutput, split: dataloader::Progress) -> Result<(), TrainError> {
        let rate = Some(self.trainee.rate().clone());
        let item = TrainingItem::new(step, split, Some(self.progress.steps), rate);
        self.events(|events| events.process_train(LearnerEvent::ProcessedItem(item)))
    }

    /// Judges the model by dev, and keeps it if it is to be kept.
    fn evaluate(&mut self) -> Result<Go, TrainError> {
        let strategy = self.strategy;
        let epoch = self.progress.epoch.max(1);
        let total_items = strategy.dev.len();
        self.events(|events| {
            events.process_valid(LearnerEvent::StartSplit {
                epoch_number: epoch,
                total_items,
            })
        })?;
        let model = self.trainee.model().valid();
        let mut outputs = Outputs::new(strategy.dev.rows());
        let mut batches = strategy.dev.epoch(0);
        while let Some(batch) = batches.next() {
            let batch = batch.map_err(|e| TrainError::Burn(e.to_string()))?;
            let rows = batch.rows.clone();
            let output = model.step(batch);
            outputs.add(
                &strategy.task,
                &rows,
                output.output.clone(),
                Some(output.loss.clone()),
                output.count,
            );
            let item = TrainingItem::new(output, batches.progress(), Some(self.progress.steps), None);
            self.events(|events| events.process_valid(LearnerEvent::ProcessedItem(item)))?;
            if self.stopping() {
                return Ok(Go::Stopped);
            }
        }
        let evaluation = outputs.finish(&strategy.task, &self.keeper.examples);
        let mut metrics = evaluation.metrics.clone();
        metrics.set("loss", evaluation.loss);
        strategy.newest.set(metrics);
        self.events(|events| events.process_valid(LearnerEvent::EndSplit(epoch)))?;
        self.judge(&model.model, &evaluation)?;
        Ok(Go::On)
    }

    fn judge(&mut self, model: &K::Model, evaluation: &Evaluation<K>) -> Result<(), TrainError> {
        let strategy = self.strategy;
        let record = EvalRecord {
            step: self.progress.steps,
            epoch: self.place,
            loss: evaluation.loss,
            metrics: evaluation.metrics.clone(),
            texts_per_second: strategy.dev.len() as f64 / evaluation.seconds.max(1e-9),
            seconds: self.meter.seconds(),
        };
        self.keeper.line(&LogLine::Evaluation(record.clone()))?;
        let best = strategy.selection.take(&mut self.progress, &record);
        self.progress.last = Some(record);
        self.progress.owes_evaluation = false;
        if best || !strategy.selection.keeps_best {
            self.keeper.evaluated(model, evaluation)?;
            self.progress.model_step = Some(self.progress.steps);
        }
        self.keeper.metrics(&self.progress, "running")?;
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), TrainError> {
        let counts = self.meter.counts();
        Ok(self.keeper.checkpoint(&self.trainee, &self.progress, counts)?)
    }

    fn start_training_split(&mut self, epoch: usize) -> Result<(), TrainError> {
        let total_items = self.strategy.train.len();
        self.events(|events| {
            events.process_train(LearnerEvent::StartSplit {
                epoch_number: epoch + 1,
                total_items,
            })
        })
    }

    fn end_training_split(&mut self, epoch: usize) -> Result<(), TrainError> {
        self.events(|events| events.process_train(LearnerEvent::EndSplit(epoch + 1)))
    }

    fn stopping(&self) -> bool {
        self.strategy.stop.asked() || self.interrupter.should_stop()
    }

    fn events<E: std::fmt::Display>(
        &mut self,
        event: impl FnOnce(&mut Processor<K::Model>) -> Result<(), E>,
    ) -> Result<(), TrainError> {
        event(&mut self.events).map_err(|e| TrainError::Burn(e.to_string()))
    }
}
