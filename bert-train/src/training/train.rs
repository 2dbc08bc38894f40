//! One run, from encoded examples to a finished run folder.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bert_core::backend_name;
use bert_core::ops::Capabilities;
use bert_tasks::Task;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn_train::renderer::MetricsRenderer;
use burn_train::{Interrupter, Learner, SupervisedTraining, TrainingStrategy};
use datasets::Source;

use crate::data::loader::{BatchLoader, Order};
use crate::display::View;
use crate::display::figures::{
    Gauge, LOSS, NORM, Newest, NoMetricFiles, PADDING, RATE, Scored, TEXTS, TOKENS,
};
use crate::display::renderer;
use crate::interrupt::Stop;
use crate::optim::adamw::BertAdamW;
use crate::optim::non_finite::{Guard, MOST_IN_A_ROW};
use crate::optim::parameter_groups::rates;
use crate::optim::schedule::Schedule;
use crate::report::{ReportError, write_pages};
use crate::run::checkpoint::Checkpoints;
use crate::run::log::LogFile;
use crate::run::state::{Progress, State};
use crate::run::{Run, RunError, RunMetrics, RunWriter};
use crate::training::best_model::ModelSelection;
use crate::training::finetune::Finetune;
use crate::training::session::Session;
use crate::training::strategy::{Begin, FinetuneStrategy, Outcome};
use crate::training::trainee::Trainee;

/// A run that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The run folder's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The report's or the model card's reason.
    #[error("{0}; the model itself was saved")]
    Report(#[from] ReportError),
    /// Training diverged.
    #[error(
        "the {what} of step {step} is not finite, and so it was in the {MOST_IN_A_ROW} steps before, which were left \
         out: training has diverged, or an example is not what it should be. A lower --lr or a longer --warmup helps \
         against the one; step {step} had the examples of {}. The newest model and checkpoint are as they were",
        named(examples)
    )]
    NotFinite {
        /// Loss or gradient.
        what: &'static str,
        /// The optimiser step, from 1.
        step: usize,
        /// Where the step's examples are from.
        examples: Vec<Source>,
    },
    /// Burn's reason.
    #[error("training stopped: {0}")]
    Burn(String),
}

/// Trains `session`'s model and fills `run`.
///
/// Each evaluation leaves a whole `model/`, `metrics.json` and `predictions.jsonl` behind. Asked to `stop`, the loop
/// ends after the step it is in, and checkpoint and model are saved as they are then.
///
/// # Errors
/// If the loss stays not finite or the run folder cannot be written. What was there before is then as it was.
pub fn train<K: Task>(
    session: Session<K>,
    run: &Run,
    watch: View,
    stop: &Stop,
) -> Result<RunMetrics, TrainError> {
    let title = [session.name.clone(), session.task.main_metric().to_owned()];
    let every = session.recipe.logging_steps;
    let selection = session.selection.clone();
    let state = session.from.as_ref().map(|from| from.state.clone());
    let state = state.unwrap_or_default();
    let done = state.progress.clone();
    let interrupter = Interrupter::new();
    let (model, strategy) = strategy(session, state, run, stop)?;
    let outcome = strategy.outcome.clone();
    let renderer = renderer(watch, &title, &interrupter, every, &done);
    launch(model, strategy, run, &done, &interrupter, renderer)?;
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    finish(outcome.expect("the loop has come to an end"), &selection, run)
}

/// The model and the loop that trains it, from where `state` left them.
fn strategy<K: Task>(
    session: Session<K>,
    state: State,
    run: &Run,
    stop: &Stop,
) -> Result<(Finetune<K::Model>, FinetuneStrategy<K>), TrainError> {
    let backend = backend_name(&session.device.clone().inner());
    let eager = Capabilities::of(&session.device).synchronous;
    let (train, dev) = loaders(&session, eager);
    let (_, steps) = train.length(session.recipe.epochs, session.recipe.max_steps);
    let template = template(&session, steps, backend);
    let optimizer = optimizer(&session)?;
    let schedule = schedule(&session, steps, state.progress.steps);
    let Session {
        task,
        config,
        tokenizer,
        model,
        selection,
        sources,
        dev_examples,
        recipe,
        data,
        ..
    } = session;
    let guard = if eager { Guard::Skip } else { Guard::Zero };
    let model = Finetune::new(model, recipe.max_grad_norm).guarded(guard);
    let keeper = RunWriter {
        task: task.clone(),
        run: run.clone(),
        config,
        tokenizer,
        examples: Arc::new(dev_examples),
        template,
        checkpoints: (recipe.keep > 0).then(|| Checkpoints::new(run.dir(), recipe.keep)),
        log: LogFile::open(&run.path("log.jsonl"), state.log_bytes)?.with_events(run.events()?),
        data,
    };
    let begin = Begin {
        trainee: Trainee::new(model.clone(), optimizer, schedule),
        progress: state.progress,
        counts: state.counts,
        keeper,
    };
    let strategy = FinetuneStrategy {
        task,
        recipe,
        selection,
        steps,
        train,
        dev,
        sources,
        eager,
        stop: stop.clone(),
        newest: Newest::default(),
        begin: Mutex::new(Some(begin)),
        outcome: Arc::default(),
    };
    Ok((model, strategy))
}

/// Batches to learn from and to be judged by.
fn loaders<K: Task>(session: &Session<K>, eager: bool) -> (BatchLoader<K>, BatchLoader<K>) {
    let recipe = &session.recipe;
    let order = Order::Shuffled {
        seed: recipe.seed,
        by_length: recipe.group_by_length,
    };
    let pad = session.tokenizer.pad_id();
    let device = session.device.clone().inner();
    let autodiff = device.clone().autodiff();
    let multiple = recipe.pad_to_multiple.unwrap_or(if eager { 1 } else { 16 });
    let rows = session.train.clone();
    let train = BatchLoader::new(rows, order, recipe.batch_size, pad, &autodiff)
        .within(recipe.tokens_per_batch)
        .accumulating(recipe.gradient_accumulation_steps)
        .rounding(multiple, recipe.max_length)
        .packing(recipe.packing);
    let rows = session.dev.clone();
    let dev = BatchLoader::new(rows, Order::ByLength, recipe.eval_batch_size, pad, &device)
        .rounding(multiple, recipe.max_length)
        .packing(recipe.packing);
    (train, dev)
}

/// What `metrics.json` says from the first to the last.
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
        dev_examples: session.dev_examples.len(),
        train_seconds: 0.0,
        train_texts_per_second: 0.0,
        peak_memory_bytes: None,
        backend,
    }
}

/// The optimiser, with the moments of the checkpoint that the run goes on from.
fn optimizer<K: Task>(session: &Session<K>) -> Result<ModuleOptimizer, RunError> {
    let optimizer = BertAdamW::loading_on(session.recipe.weight_decay, &session.device.clone().inner());
    match &session.from {
        Some(from) => Ok(optimizer.load_record(from.optimizer()?)),
        None => Ok(optimizer),
    }
}

/// The rates of a run of `steps`, of which `done` are taken.
fn schedule<K: Task>(session: &Session<K>, steps: usize, done: usize) -> ModuleLrScheduler {
    let recipe = &session.recipe;
    let schedule = Schedule::new(recipe.schedule, recipe.lr, recipe.warmup_of(steps), steps)
        .power(recipe.schedule_power)
        .after(done);
    rates(&schedule, recipe.layer_decay, session.config.num_hidden_layers)
}

/// Runs the loop inside Burn's training, which hands its figures on to the renderer.
fn launch<K: Task>(
    model: Finetune<K::Model>,
    strategy: FinetuneStrategy<K>,
    run: &Run,
    done: &Progress,
    interrupter: &Interrupter,
    renderer: Box<dyn MetricsRenderer>,
) -> Result<(), TrainError> {
    let (train, dev) = (strategy.train.clone(), strategy.dev.clone());
    let (epochs, _) = train.length(strategy.recipe.epochs, strategy.recipe.max_steps);
    let (names, newest) = (strategy.task.metric_names(), strategy.newest.clone());
    // The loop has the optimiser and the schedule; the Learner asks for some all the same.
    let learner = Learner::new(model, BertAdamW::for_model(0.0), 0.0);
    let mut training = SupervisedTraining::new(run.dir(), Arc::new(train), Arc::new(dev))
        .num_epochs(epochs)
        .checkpoint(done.epoch)
        .with_interrupter(interrupter.clone())
        .with_application_logger(None)
        .with_metric_logger(NoMetricFiles)
        .renderer(renderer)
        .with_training_strategy(TrainingStrategy::Custom(Arc::new(strategy)))
        .metric_train_numeric(Gauge::new(LOSS, false, |record| record.loss))
        .metric_train_numeric(Gauge::new(RATE, false, |record| record.learning_rate))
        .metric_train_numeric(Gauge::new(NORM, false, |record| record.grad_norm))
        .metric_train_numeric(Gauge::new(TOKENS, true, |record| record.tokens_per_second))
        .metric_train_numeric(Gauge::new(TEXTS, true, |record| record.texts_per_second))
        .metric_train_numeric(Gauge::new(PADDING, false, |record| record.padding))
        .metric_valid_numeric(Scored::new(LOSS, "loss", newest.clone(), false));
    for name in names {
        let higher_is_better = !name.ends_with("error");
        training = training.metric_valid_numeric(Scored::new(name, name, newest.clone(), higher_is_better));
    }
    // The dashboard gives the terminal back when the result is dropped.
    catch_unwind(AssertUnwindSafe(|| training.launch(learner)))
        .map(drop)
        .map_err(|_| TrainError::Burn("an internal error, told above".into()))
}

/// Writes what a run has in its folder at its end.
fn finish<K: Task>(
    outcome: Outcome<K>,
    selection: &ModelSelection,
    run: &Run,
) -> Result<RunMetrics, TrainError> {
    if let Some(error) = outcome.error {
        return Err(error);
    }
    let mut progress = outcome.progress;
    let state = if progress.stopped { "stopped" } else { "finished" };
    if progress.stopped && !(selection.keeps_best && progress.model_step.is_some()) {
        outcome.keeper.model(&outcome.trainee.model().valid().model)?;
        progress.model_step = Some(progress.steps);
    }
    let metrics = outcome.keeper.metrics(&progress, state)?;
    write_pages(run)?;
    Ok(metrics)
}

/// `reviews.csv, lines 3, 17 and 20`: the files and lines of some examples.
fn named(examples: &[Source]) -> String {
    let mut by_file: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
    for source in examples {
        let lines = by_file.entry(&source.file).or_default();
        lines.push(source.line.to_string());
    }
    let files = by_file.iter().map(|(file, lines)| {
        let lines = match lines.as_slice() {
            [line] => format!("line {line}"),
            [before @ .., last] => format!("lines {} and {last}", before.join(", ")),
            [] => "no line".into(),
        };
        format!("{}, {lines}", file.display())
    });
    files.collect::<Vec<_>>().join("; ")
}
