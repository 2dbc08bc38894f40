//! One run, from encoded examples to a finished run folder.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bert_core::backend_name;
use bert_core::ops::Capabilities;
use bert_tasks::Task;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;

use super::error::TrainError;
use super::session::{Session, own};
use super::step_schedule::StepSchedule;
use super::throughput::Throughput;
use super::trainer::Trainer;
use super::training_loop::TrainingLoop;
use crate::data::{BatchLoader, Order};
use crate::display::View;
use crate::optim::adamw::BertAdamW;
use crate::optim::lr_schedule::LrSchedule;
use crate::optim::non_finite::Guard;
use crate::optim::parameter_groups::rates;
use crate::report::write_pages;
use crate::run::checkpoint::Checkpoints;
use crate::run::log::LogFile;
use crate::run::state::State;
use crate::run::{Run, RunMetrics, RunWriter};
use crate::system::interrupt::Stop;

/// Trains `session`'s model and fills `run`.
///
/// Each evaluation leaves a complete `model/`, `metrics.json` and `predictions.jsonl` behind. Asked to `stop`, the loop
/// ends after the current step and saves checkpoint and model.
///
/// # Errors
/// If the loss stays non-finite, or the run folder cannot be written. Existing files then stay unchanged.
pub fn train<K: Task>(
    session: Session<K>,
    run: &Run,
    view: View,
    stop: &Stop,
) -> Result<RunMetrics, TrainError> {
    let mut training = prepare(session, run, view, stop)?;
    // A panic is reported by its hook; here the terminal is given back, and the run ends like any that failed.
    catch_unwind(AssertUnwindSafe(move || {
        training.run()?;
        finish(training, run)
    }))
    .unwrap_or_else(|_| Err(TrainError::Internal))
}

/// The loop, at the session's checkpoint or at the beginning.
fn prepare<K: Task>(
    session: Session<K>,
    run: &Run,
    view: View,
    stop: &Stop,
) -> Result<TrainingLoop<K>, TrainError> {
    let state = session.from.as_ref().map(|from| from.state.clone());
    let state: State = state.unwrap_or_default();
    let backend = backend_name(&session.device.clone().inner());
    let synchronous = Capabilities::of(&session.device).synchronous;
    let (train, dev) = loaders(&session, synchronous);
    let recipe = &session.recipe;
    // With a maximum number of tokens per batch this takes time, and there is nothing to save meanwhile.
    let ends = stop.while_preparing(|| train.epoch_ends(recipe.epochs, recipe.max_steps));
    let schedule = StepSchedule::new(recipe, ends);
    let template = template(&session, schedule.steps(), backend);
    let optimizer = BertAdamW::loading_on(recipe.weight_decay, &session.device.clone().inner());
    let rates = learning_rates(&session, schedule.steps(), state.progress.steps);
    let mut trainer = Trainer::new(session.model, optimizer, rates)
        .clipping(recipe.max_grad_norm)
        .guarded(if synchronous { Guard::Skip } else { Guard::Zero });
    if let Some(from) = &session.from {
        trainer = trainer.with_optimizer(from.optimizer()?);
    }
    let writer = RunWriter {
        task: session.task.clone(),
        run: run.clone(),
        config: session.config,
        tokenizer: session.tokenizer,
        examples: Arc::new(session.dev_examples),
        template,
        checkpoints: (recipe.keep > 0).then(|| Checkpoints::new(run.dir(), recipe.keep)),
        log: LogFile::open(&run.path("log.jsonl"), state.log_bytes)?.with_events(run.events()?),
        data: session.data,
    };
    let progress = state.progress;
    let (step, steps) = (progress.step_of_epoch, train.steps(progress.epoch));
    if step > 0 && step >= steps {
        return Err(TrainError::Position { step, steps });
    }
    let seen = train.epoch_steps(progress.epoch, progress.step_of_epoch).share();
    Ok(TrainingLoop {
        task: session.task,
        schedule,
        selection: session.selection,
        trainer,
        train,
        dev,
        sources: session.sources,
        synchronous,
        stop: stop.clone(),
        display: view.open(stop),
        throughput: Throughput::start(state.counts),
        unread: vec![],
        epochs_seen: progress.epoch as f64 + seen,
        progress,
        writer,
    })
}

/// Batches to train and to evaluate on.
fn loaders<K: Task>(session: &Session<K>, synchronous: bool) -> (BatchLoader<K>, BatchLoader<K>) {
    let recipe = &session.recipe;
    let order = Order::Shuffled {
        seed: recipe.seed,
        by_length: recipe.group_by_length,
    };
    let (task, tokenizer) = (&session.task, &session.tokenizer);
    let device = session.device.clone().inner();
    let autodiff = device.clone().autodiff();
    let multiple = recipe.pad_to_multiple.unwrap_or(if synchronous { 1 } else { 16 });
    let rows = session.train.clone();
    let train = BatchLoader::new(task, rows, order, recipe.batch_size, tokenizer, &autodiff)
        .max_tokens(recipe.tokens_per_batch)
        .keeping_together(recipe.keep_together)
        .accumulating(recipe.gradient_accumulation_steps)
        .rounding(multiple, recipe.max_length)
        .packing(recipe.packing);
    let rows = session.dev.clone();
    let dev = BatchLoader::new(
        task,
        rows,
        Order::ByLength,
        recipe.eval_batch_size,
        tokenizer,
        &device,
    )
    .rounding(multiple, recipe.max_length)
    .packing(recipe.packing);
    (train, dev)
}

/// What `metrics.json` says throughout the run.
fn template<K: Task>(session: &Session<K>, steps: usize, backend: String) -> RunMetrics {
    RunMetrics {
        task: session.name.clone(),
        state: String::new(),
        steps: 0,
        steps_planned: steps,
        main_metric: session.task.main_metric().into(),
        best_by: session.selection.metric().into(),
        last: None,
        best: None,
        best_epoch: None,
        best_step: None,
        model_step: None,
        skipped_steps: 0,
        train_examples: session.train_examples,
        dev_examples: own(&session.dev_examples, &session.dev),
        head_init: session.head_init.clone(),
        train_seconds: 0.0,
        train_texts_per_second: 0.0,
        peak_memory_bytes: None,
        backend,
    }
}

/// The learning rate schedules of a run of `steps` steps, after `done` of them.
fn learning_rates<K: Task>(session: &Session<K>, steps: usize, done: usize) -> ModuleLrScheduler {
    let recipe = &session.recipe;
    let schedule = LrSchedule::new(recipe.schedule, recipe.lr, recipe.warmup_of(steps), steps)
        .power(recipe.schedule_power)
        .after(done);
    rates(&schedule, recipe.layer_decay, &session.config)
}

/// Writes what a run has in its folder at its end.
fn finish<K: Task>(training: TrainingLoop<K>, run: &Run) -> Result<RunMetrics, TrainError> {
    let TrainingLoop {
        trainer,
        mut progress,
        selection,
        writer,
        ..
    } = training;
    let state = if progress.stopped { "stopped" } else { "finished" };
    if progress.stopped && !(selection.keeps_best && progress.model_step.is_some()) {
        writer.model(&trainer.valid())?;
        progress.model_step = Some(progress.steps);
    }
    let metrics = writer.metrics(&progress, state)?;
    write_pages(run)?;
    Ok(metrics)
}
