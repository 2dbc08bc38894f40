//! One run, from encoded examples to a finished run folder.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bert_core::backend_name;
use bert_tasks::Task;
use burn::module::Module;
use burn_train::renderer::MetricsRenderer;
use burn_train::{Interrupter, Learner, SupervisedTraining, TrainingStrategy};
use datasets::Source;

use crate::checkpoint::Checkpoints;
use crate::dashboard::{Gauge, LOSS, NORM, Newest, NoMetricFiles, PADDING, RATE, Scored, TEXTS, TOKENS};
use crate::finetune::Finetune;
use crate::finite::{Guard, MOST_IN_A_ROW};
use crate::groups::rates;
use crate::interrupt::Stop;
use crate::keeper::Keeper;
use crate::lines::LineRenderer;
use crate::loader::{BatchLoader, Order};
use crate::log::LogFile;
use crate::optimizer::BertAdamW;
use crate::progress::Progress;
use crate::report::ReportError;
use crate::run::{Run, RunError, RunMetrics};
use crate::schedule::Schedule;
use crate::screen::Screen;
use crate::session::Session;
use crate::strategy::{Begin, FinetuneStrategy, Outcome};
use crate::trainee::Trainee;

/// How a run is shown while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The dashboard, on the terminal.
    Dashboard,
    /// Lines on standard error.
    Lines,
    /// Not at all.
    Quiet,
}

impl Watch {
    /// The dashboard where both ends are a terminal, else lines.
    pub fn by_terminal() -> Self {
        if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
            Watch::Dashboard
        } else {
            Watch::Lines
        }
    }
}

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
    watch: Watch,
    stop: &Stop,
) -> Result<RunMetrics, TrainError> {
    let Session {
        task,
        name,
        config,
        tokenizer,
        model,
        judge,
        train_examples,
        train,
        sources,
        dev_examples,
        dev,
        recipe,
        device,
        data,
        from,
        notes: _,
    } = session;
    let device = device.inner();
    let title = [name.clone(), task.main_metric().to_owned()];
    let order = Order::Shuffled {
        seed: recipe.seed,
        by_length: recipe.group_by_length,
    };
    let pad = tokenizer.pad_id();
    let autodiff = device.clone().autodiff();
    let backend = backend_name(&device);
    let eager = matches!(backend.as_str(), "flex" | "ndarray");
    let multiple = recipe.pad_to_multiple.unwrap_or(if eager { 1 } else { 16 });
    let train = BatchLoader::new(Arc::new(train), order, recipe.batch_size, pad, &autodiff)
        .within(recipe.tokens_per_batch)
        .accumulating(recipe.gradient_accumulation_steps)
        .rounding(multiple, recipe.max_length);
    let dev = BatchLoader::new(
        Arc::new(dev),
        Order::ByLength,
        recipe.eval_batch_size,
        pad,
        &device,
    )
    .rounding(multiple, recipe.max_length);
    let (epochs, steps) = train.length(recipe.epochs, recipe.max_steps);
    let guard = if eager { Guard::Skip } else { Guard::Zero };
    let state = from.as_ref().map(|from| from.state.clone()).unwrap_or_default();
    let schedule = Schedule::new(recipe.schedule, recipe.lr, recipe.warmup_of(steps), steps)
        .power(recipe.schedule_power)
        .after(state.progress.steps);
    let schedule = rates(&schedule, recipe.layer_decay, config.num_hidden_layers);
    let mut optimizer = BertAdamW::for_model(recipe.weight_decay);
    if let Some(from) = &from {
        optimizer = optimizer.load_record(from.optimizer()?);
    }
    let model = Finetune::new(model, recipe.max_grad_norm).guarded(guard);
    let trainee = Trainee::new(model.clone(), optimizer, schedule);
    let template = RunMetrics {
        task: name,
        state: String::new(),
        steps: 0,
        steps_planned: steps,
        main_metric: task.main_metric().into(),
        best_by: judge.metric().into(),
        last: None,
        best: None,
        best_epoch: None,
        best_step: None,
        model_step: None,
        skipped_steps: 0,
        train_examples,
        dev_examples: dev_examples.len(),
        train_seconds: 0.0,
        train_texts_per_second: 0.0,
        peak_memory_bytes: None,
        backend,
    };
    let keeper = Keeper {
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

    let interrupter = Interrupter::new();
    let newest = Newest::default();
    let outcome = Arc::new(Mutex::new(None));
    let renderer = renderer(watch, &title, &interrupter, recipe.logging_steps, &state.progress);
    let epochs_done = state.progress.epoch;
    let strategy = FinetuneStrategy {
        task: task.clone(),
        recipe,
        judge: judge.clone(),
        steps,
        train: train.clone(),
        dev: dev.clone(),
        sources,
        eager,
        stop: stop.clone(),
        newest: newest.clone(),
        begin: Mutex::new(Some(Begin {
            trainee,
            progress: state.progress,
            counts: state.counts,
            keeper,
        })),
        outcome: outcome.clone(),
    };
    // The loop has the optimiser and the schedule; the Learner asks for some all the same.
    let learner = Learner::new(model, BertAdamW::for_model(0.0), 0.0);
    let mut training = SupervisedTraining::new(run.dir(), Arc::new(train), Arc::new(dev))
        .num_epochs(epochs)
        .checkpoint(epochs_done)
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
    for name in task.metric_names() {
        let higher_is_better = !name.ends_with("error");
        training = training.metric_valid_numeric(Scored::new(name, name, newest.clone(), higher_is_better));
    }

    let result = catch_unwind(AssertUnwindSafe(|| training.launch(learner)))
        .map_err(|_| TrainError::Burn("an internal error, told above".into()))?;
    // The dashboard gives the terminal back when it is dropped.
    drop(result);
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    let outcome: Outcome<K> = outcome.expect("the loop has come to an end");
    if let Some(error) = outcome.error {
        return Err(error);
    }
    let mut progress = outcome.progress;
    let state = if progress.stopped { "stopped" } else { "finished" };
    if progress.stopped && !(judge.keeps_best && progress.model_step.is_some()) {
        outcome.keeper.model(&outcome.trainee.model().valid().model)?;
        progress.model_step = Some(progress.steps);
    }
    let metrics = outcome.keeper.metrics(&progress, state)?;
    run.write_pages()?;
    Ok(metrics)
}

fn renderer(
    watch: Watch,
    title: &[String; 2],
    interrupter: &Interrupter,
    every: usize,
    done: &Progress,
) -> Box<dyn MetricsRenderer> {
    match watch {
        Watch::Dashboard => match Screen::open(&title[0], &title[1], interrupter) {
            Ok(screen) => Box::new(screen.after(done.steps)),
            Err(error) => {
                eprintln!("no dashboard, lines instead: {error}");
                renderer(Watch::Lines, title, interrupter, every, done)
            }
        },
        Watch::Lines => Box::new(LineRenderer::new(std::io::stderr(), every).after(done.steps)),
        Watch::Quiet => Box::new(LineRenderer::new(std::io::sink(), every)),
    }
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
