//! One run, from encoded examples to a finished run folder.

use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bert_core::backend_name;
use bert_tasks::Task;
use burn::module::Module;
use burn_train::renderer::MetricsRenderer;
use burn_train::{Interrupter, Learner, SupervisedTraining, TrainingStrategy};

use crate::dashboard::{Gauge, LOSS, NORM, Newest, NoMetricFiles, PADDING, RATE, Scored, TEXTS, TOKENS};
use crate::evaluate::Evaluation;
use crate::finetune::Finetune;
use crate::interrupt::Stop;
use crate::lines::LineRenderer;
use crate::loader::{BatchLoader, Order};
use crate::log::LogFile;
use crate::memory;
use crate::optimizer::BertAdamW;
use crate::report::ReportError;
use crate::run::{Run, RunError, RunMetrics};
use crate::screen::Screen;
use crate::session::Session;
use crate::strategy::{FinetuneStrategy, Outcome, Progress};
use crate::warmup::LinearWarmup;

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
        "the {what} of step {step} is not finite: training diverged; a lower --lr or a longer --warmup helps. \
         The model of the last finished epoch, if there is one, is as it was"
    )]
    NotFinite {
        /// Loss or gradient norm.
        what: &'static str,
        /// The optimiser step, from 1.
        step: usize,
    },
    /// Burn's reason.
    #[error("training stopped: {0}")]
    Burn(String),
}

/// Trains `session`'s model and fills `run`.
///
/// Each evaluation leaves a whole `model/`, `metrics.json` and `predictions.jsonl` behind. Asked to `stop`, the loop
/// ends after the step it is in, and the model is saved as it is then.
///
/// # Errors
/// If the loss is not finite or the run folder cannot be written. What was there before is then as it was.
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
        train_examples,
        train,
        dev_examples,
        dev,
        recipe,
        device,
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
    let train = BatchLoader::new(Arc::new(train), order, recipe.batch_size, pad, &autodiff);
    let dev = BatchLoader::new(
        Arc::new(dev),
        Order::ByLength,
        recipe.eval_batch_size,
        pad,
        &device,
    );
    let steps = train.batches() * recipe.epochs;
    let schedule = LinearWarmup::new(recipe.lr, recipe.warmup_steps(steps), steps);
    let backend = backend_name(&device);
    let report = {
        let template = RunMetrics {
            task: name,
            state: String::new(),
            steps: 0,
            steps_planned: steps,
            main_metric: task.main_metric().into(),
            last: None,
            best: None,
            best_epoch: None,
            train_examples,
            dev_examples: dev_examples.len(),
            train_seconds: 0.0,
            train_texts_per_second: 0.0,
            peak_memory_bytes: None,
            backend: backend.clone(),
        };
        move |progress: &Progress, state: &str| RunMetrics {
            state: state.into(),
            steps: progress.steps,
            last: progress.last.as_ref().map(|record| record.metrics.clone()),
            best: progress.best.as_ref().map(|record| record.metrics.clone()),
            best_epoch: progress.best.as_ref().map(|record| record.epoch),
            train_seconds: progress.train_seconds,
            train_texts_per_second: progress.texts as f64 / progress.train_seconds.max(1e-9),
            peak_memory_bytes: memory::peak(),
            ..template.clone()
        }
    };
    let dev_examples = Arc::new(dev_examples);
    let after = {
        let (task, run, report) = (task.clone(), run.clone(), report.clone());
        let (config, tokenizer) = (config.clone(), tokenizer.clone());
        let examples = dev_examples.clone();
        move |model: &K::Model, evaluation: &Evaluation<K>, progress: &Progress| {
            run.write_model(model, &config, &tokenizer)?;
            let lines = examples.iter().zip(&evaluation.answers);
            run.write_predictions(lines.map(|(example, answer)| task.line(example, answer)))?;
            for (name, content) in task.files(&examples, &evaluation.answers) {
                run.write_file(name, &content)?;
            }
            run.write_metrics(&report(progress, "running"))
        }
    };

    let interrupter = Interrupter::new();
    let learner_model = Finetune::new(model, recipe.max_grad_norm);
    let newest = Newest::default();
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let strategy = FinetuneStrategy {
        task: task.clone(),
        train: train.clone(),
        dev: dev.clone(),
        logging_steps: recipe.logging_steps,
        eager: matches!(backend.as_str(), "flex" | "ndarray"),
        stop: stop.clone(),
        newest: newest.clone(),
        norm: learner_model.grad_norm(),
        dev_examples,
        log: Mutex::new(LogFile::create(&run.path("log.jsonl"))?.with_events(run.events()?)),
        after: Box::new(after),
        outcome: outcome.clone(),
    };
    let learner = Learner::new(learner_model, BertAdamW::for_model(recipe.weight_decay), schedule);
    let mut training = SupervisedTraining::new(run.dir(), Arc::new(train), Arc::new(dev))
        .num_epochs(recipe.epochs)
        .with_interrupter(interrupter.clone())
        .with_application_logger(None)
        .with_metric_logger(NoMetricFiles)
        .renderer(renderer(watch, &title, &interrupter, recipe.logging_steps))
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
    let model = {
        drop(result.renderer);
        result.model
    };
    let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = outcome.error.take() {
        return Err(error);
    }
    let progress = &outcome.progress;
    let state = if progress.stopped { "stopped" } else { "finished" };
    if progress.stopped {
        run.write_model(&model.valid().model, &config, &tokenizer)?;
    }
    let metrics = report(progress, state);
    run.write_metrics(&metrics)?;
    run.write_pages()?;
    Ok(metrics)
}

fn renderer(
    watch: Watch,
    title: &[String; 2],
    interrupter: &Interrupter,
    every: usize,
) -> Box<dyn MetricsRenderer> {
    match watch {
        Watch::Dashboard => match Screen::open(&title[0], &title[1], interrupter) {
            Ok(screen) => Box::new(screen),
            Err(error) => {
                eprintln!("no dashboard, lines instead: {error}");
                renderer(Watch::Lines, title, interrupter, every)
            }
        },
        Watch::Lines => Box::new(LineRenderer::new(std::io::stderr(), every)),
        Watch::Quiet => Box::new(LineRenderer::new(std::io::sink(), every)),
    }
}
