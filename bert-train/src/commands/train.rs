//! `bert train`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::parse_device;
use bert_tasks::{Corpus, Files, Metrics, Options, Task, TaskVisitor, visit_tasks};
use bert_train::fine_tuned::corpus;
use bert_train::hub::resolve;
use bert_train::interrupt::{STOPPED, Stop};
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::{Recipe, Run, Session, Start, Watch, train};

use clap::parser::ValueSource;

use super::CommandError;
use crate::cli::{LogName, TrainCorpus, WatchName, overlay};

/// Trains, as asked.
pub fn run(asked: &TrainCorpus) -> Result<ExitCode, CommandError> {
    struct Chosen<'a>(&'a TrainCorpus);
    impl TaskVisitor for Chosen<'_> {
        type Output = Result<ExitCode, CommandError>;
        fn visit<K: Task>(&mut self) -> ControlFlow<Self::Output> {
            match corpus::<K>(&self.0.name) {
                Some(corpus) => ControlFlow::Break(train_on(corpus, self.0)),
                None => ControlFlow::Continue(()),
            }
        }
    }
    visit_tasks(&mut Chosen(asked)).expect("clap has checked the name")
}

fn train_on<K: Task>(corpus: &Corpus<K>, asked: &TrainCorpus) -> Result<ExitCode, CommandError> {
    let args = &asked.args;
    let mut options = K::Options::defaults();
    (corpus.preset)(&mut options);
    let options = overlay(&options, &asked.matches);
    let base = match (&corpus.demo, &args.model) {
        (Some(demo), None) => Recipe::demo(demo.epochs, demo.max_length),
        _ => Recipe::of_task::<K>(),
    };
    let mut recipe: Recipe = overlay(&base, &asked.matches);
    recipe.check().map_err(CommandError::Option)?;
    let device = parse_device(&args.device.device)?;
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let model = args.model.as_deref().map(resolve).transpose()?;
    let start = || match (&model, &corpus.demo) {
        (Some((dir, _)), _) => Ok(Start::pretrained(dir)?),
        (None, Some(demo)) => Ok(Start::compact((demo.vocabulary)())?),
        (None, None) => Err(CommandError::Option(
            "--model is missing: give a pre-trained BERT, its folder or its name; only demos can do without"
                .into(),
        )),
    };
    let splits = (corpus.splits)(&args.files, &options)?;
    let start = start()?;
    if asked.matches.value_source("max_length") != Some(ValueSource::CommandLine) {
        recipe.max_length = recipe.max_length.min(start.config.max_position_embeddings);
    }
    let task = K::from_data(corpus, &splits.train, &options)?;
    let session = Session::new(task, corpus.name, start, splits, recipe.clone(), &device)?;
    for note in &session.notes {
        eprintln!("{note}");
    }
    let config = RunConfig {
        version: env!("CARGO_PKG_VERSION").into(),
        task: corpus.name.into(),
        model: model.map(|(_, name)| name.into()),
        device: args.device.device.clone(),
        files: Files {
            data: args.files.data.as_deref().map(absolute),
            dev: args.files.dev.as_deref().map(absolute),
        },
        recipe,
        options: RunConfig::table(&options),
    };
    let output = match &args.output {
        Some(output) => output.clone(),
        None => PathBuf::from("runs").join(corpus.name),
    };
    // Only now, when all else is known to be in order, is something written.
    let mut run = Run::create(&output, &config, args.overwrite)?;
    if args.log.contains(&LogName::Tensorboard) {
        run = run.with_event_files();
    }
    let watch = match args.watch {
        Some(WatchName::Dashboard) => Watch::Dashboard,
        Some(WatchName::Lines) => Watch::Lines,
        Some(WatchName::Quiet) => Watch::Quiet,
        None => Watch::by_terminal(),
    };
    let metrics = train(session, &run, watch, &stop)?;
    summarise(&metrics, &run, K::CARD.example);
    Ok(match metrics.state.as_str() {
        "finished" => ExitCode::SUCCESS,
        _ => ExitCode::from(STOPPED as u8),
    })
}

fn summarise(metrics: &RunMetrics, run: &Run, example: &str) {
    let main = &metrics.main_metric;
    let score = |metrics: &Option<Metrics>| {
        let value = metrics.as_ref().and_then(|metrics| metrics.get(main));
        value.map_or("none yet".into(), |value| format!("{value:.4}"))
    };
    let dir = run.dir().display();
    if metrics.state == "finished" {
        eprintln!(
            "finished: {main} {} after {} steps",
            score(&metrics.last),
            metrics.steps
        );
    } else {
        eprintln!(
            "stopped after {} of {} steps; the model was saved as it was then ({main} {} at the last evaluation)",
            metrics.steps,
            metrics.steps_planned,
            score(&metrics.last)
        );
    }
    eprintln!("{dir}: report.html, model/, metrics.json, predictions.jsonl, log.jsonl, run.toml");
    eprintln!("try: bert predict {dir} {example}");
}

/// A path that stays right when the program is started elsewhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}
