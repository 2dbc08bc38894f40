//! `bert train`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::{BertConfig, parse_device};
use bert_tasks::{Corpus, Entry, Files, Metrics, Options, Task, TaskVisitor, find_corpus, visit_tasks};
use bert_train::hub::resolve;
use bert_train::interrupt::{STOPPED, Stop};
use bert_train::report::model_card::predict_arguments;
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::{Recipe, Run, Session, Start, View, train};

use clap::parser::ValueSource;

use super::resume::{self, Changes};
use super::{CommandError, seeds};
use crate::cli::{LogName, Show, TrainCorpus, WatchName, changed, overlay};

/// Trains, as asked.
pub fn run(asked: &TrainCorpus) -> Result<ExitCode, CommandError> {
    struct Chosen<'a>(&'a TrainCorpus);
    impl TaskVisitor for Chosen<'_> {
        type Output = Result<ExitCode, CommandError>;
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
            match entry.corpus(&self.0.name) {
                Some(corpus) => ControlFlow::Break(train_on(corpus, self.0)),
                None => ControlFlow::Continue(()),
            }
        }
    }
    visit_tasks(&mut Chosen(asked)).expect("clap has checked the name")
}

fn train_on<K: Task>(corpus: &Corpus<K>, asked: &TrainCorpus) -> Result<ExitCode, CommandError> {
    let args = &asked.args;
    let output = match &args.output {
        Some(output) => output.clone(),
        None => PathBuf::from("runs").join(corpus.name),
    };
    if args.resume
        && let Some((_, config)) = Run::open(&output)?
    {
        same_run(corpus, asked, &config)?;
        let device = asked.matches.value_source("device") == Some(ValueSource::CommandLine);
        let changes = Changes {
            device: device.then(|| args.device.device.clone()),
            files: args.files.clone(),
            cache: said_cache(asked),
        };
        return resume::all(corpus, &output, &changes, &args.show);
    }
    let mut options = K::Options::defaults();
    (corpus.preset)(&mut options);
    let options = overlay(&options, &asked.matches);
    let base = match (&corpus.demo, &args.model) {
        (Some(demo), None) => Recipe::demo(demo.epochs, demo.max_length),
        _ => Recipe::of_task::<K>(),
    };
    let mut recipe: Recipe = overlay(&base, &asked.matches);
    recipe.cache = recipe.cache.as_deref().map(absolute);
    // Before a model is fetched.
    recipe.check().map_err(CommandError::Option)?;
    parse_device(&args.device.device)?;
    let model = args.model.as_deref().map(resolve).transpose()?;
    let said = asked.matches.value_source("max_length") == Some(ValueSource::CommandLine);
    if let (Some((dir, _)), false) = (&model, said) {
        let positions = BertConfig::from_dir(dir)?.max_position_embeddings;
        recipe.max_length = recipe.max_length.min(positions);
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
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    if config.recipe.seeds.is_empty() {
        return Ok(begin(corpus, &output, &config, args.overwrite, &args.show, &stop)?.code());
    }
    // Before anything is written, all must be known to be in order.
    drop(prepare(corpus, &seeds::single(&config, 0))?);
    let run = Run::create(&output, &config, args.overwrite)?;
    seeds::each(corpus, &run, &config, &Changes::default(), &args.show, &stop)
}

/// Reads data and model for a new run.
fn prepare<K: Task>(corpus: &Corpus<K>, config: &RunConfig) -> Result<Session<K>, CommandError> {
    config.recipe.check().map_err(CommandError::Option)?;
    let device = parse_device(&config.device)?;
    let options = config.options::<K>(Path::new("run.toml"))?;
    let splits = (corpus.splits)(&config.files, &options)?;
    let start = start(corpus, config.model.as_deref())?;
    let task = K::from_data(&corpus.facts(), &splits.train, &options)?;
    let recipe = config.recipe.clone();
    Ok(Session::new(task, corpus.name, start, splits, recipe, &device)?)
}

/// Begins a run in the new folder `output`, and trains it to its end.
pub(super) fn begin<K: Task>(
    corpus: &Corpus<K>,
    output: &Path,
    config: &RunConfig,
    overwrite: bool,
    show: &Show,
    stop: &Stop,
) -> Result<End, CommandError> {
    let session = prepare(corpus, config)?;
    for note in &session.notes {
        eprintln!("{note}");
    }
    // Only now, when all else is known to be in order, is something written.
    let run = Run::create(output, config, overwrite)?;
    finish(session, &run, example(corpus, config.pairs()), show, stop)
}

/// What the run's model can be given.
pub(super) fn example<K: Task>(corpus: &Corpus<K>, pairs: bool) -> &'static str {
    let card = find_corpus(corpus.name).map(|corpus| corpus.card);
    predict_arguments(card.unwrap_or_default(), pairs)
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All was done.
    Finished,
    /// Somebody asked it to stop.
    Stopped,
}

impl End {
    pub(super) fn code(self) -> ExitCode {
        match self {
            End::Finished => ExitCode::SUCCESS,
            End::Stopped => ExitCode::from(STOPPED as u8),
        }
    }
}

/// Trains to the end, and says how it ended, and what the model can be given: for `example`.
pub(super) fn finish<K: Task>(
    session: Session<K>,
    run: &Run,
    example: &str,
    show: &Show,
    stop: &Stop,
) -> Result<End, CommandError> {
    let mut run = run.clone();
    if show.log.contains(&LogName::Tensorboard) {
        run = run.with_event_files();
    }
    let watch = match show.watch {
        Some(WatchName::Dashboard) => View::Dashboard,
        Some(WatchName::Lines) => View::Lines,
        Some(WatchName::Quiet) => View::Quiet,
        None => View::by_terminal(),
    };
    let metrics = train(session, &run, watch, stop)?;
    summarise(&metrics, &run, example);
    Ok(match metrics.state.as_str() {
        "finished" => End::Finished,
        _ => End::Stopped,
    })
}

/// What training starts from: a pre-trained model, or, for demos, a new one.
pub(super) fn start<K: Task>(corpus: &Corpus<K>, model: Option<&Path>) -> Result<Start, CommandError> {
    match (model, &corpus.demo) {
        (Some(model), _) => Ok(Start::pretrained(&resolve(model)?.0)?),
        (None, Some(demo)) => Ok(Start::compact((demo.vocabulary)())?),
        (None, None) => Err(CommandError::Option(
            "--model is missing: give a pre-trained BERT, its folder or its name; only demos can do without"
                .into(),
        )),
    }
}

/// Where encoded texts are to be kept, as far as the command line says.
fn said_cache(asked: &TrainCorpus) -> Option<PathBuf> {
    let recipe: Recipe = overlay(&Recipe::default(), &asked.matches);
    recipe.cache.as_deref().map(absolute)
}

/// Whether what was said on the command line is what the run to go on with was begun with.
fn same_run<K: Task>(
    corpus: &Corpus<K>,
    asked: &TrainCorpus,
    config: &RunConfig,
) -> Result<(), CommandError> {
    let differs = |what: &str| {
        Err(CommandError::Option(format!(
            "{what} is not what the run was begun with (see its run.toml); a run goes on as it began: leave it out, or \
             train anew into another --output"
        )))
    };
    if config.task != corpus.name {
        return differs(&format!("the corpus {}", corpus.name));
    }
    let args = &asked.args;
    if let Some(model) = &args.model
        && Some(PathBuf::from(resolve(model)?.1)) != config.model
    {
        return differs("--model");
    }
    let paths = [
        ("--data", &args.files.data, &config.files.data),
        ("--dev", &args.files.dev, &config.files.dev),
    ];
    for (name, said, kept) in paths {
        if said.as_deref().is_some_and(|said| Some(absolute(said)) != *kept) {
            return differs(name);
        }
    }
    let options: K::Options = config.options::<K>(Path::new("run.toml"))?;
    // Where encoded texts are kept changes nothing.
    let kept = Recipe {
        cache: overlay(&config.recipe, &asked.matches).cache,
        ..config.recipe.clone()
    };
    let changed = changed(&kept, &asked.matches).or_else(|| changed(&options, &asked.matches));
    match changed {
        Some(name) => differs(&format!("--{}", name.replace('_', "-"))),
        None => Ok(()),
    }
}

fn summarise(metrics: &RunMetrics, run: &Run, example: &str) {
    let main = &metrics.main_metric;
    let score = |metrics: &Option<Metrics>| {
        let value = metrics.as_ref().and_then(|metrics| metrics.get(main));
        value.map_or("none yet".into(), |value| format!("{value:.4}"))
    };
    let dir = run.dir().display();
    let whose = match metrics.model_step {
        Some(step) if step != metrics.steps => {
            format!(
                "; model/ is the best one, of step {step}: {main} {}",
                score(&metrics.best)
            )
        }
        _ => String::new(),
    };
    if metrics.state == "finished" {
        eprintln!(
            "finished: {main} {} after {} steps{whose}",
            score(&metrics.last),
            metrics.steps
        );
    } else {
        let saved = if whose.is_empty() {
            "; the model was saved as it was then"
        } else {
            ""
        };
        eprintln!(
            "stopped after {} of {} steps{saved} ({main} {} at the last evaluation){whose}; bert resume {dir} goes on",
            metrics.steps,
            metrics.steps_planned,
            score(&metrics.last),
        );
    }
    if metrics.skipped_steps > 0 {
        eprintln!(
            "{} steps were left out: their loss or gradient was not finite",
            metrics.skipped_steps
        );
    }
    eprintln!("{dir}: report.html, model/, metrics.json, predictions.jsonl, log.jsonl, run.toml");
    eprintln!("try: bert predict {dir} {example}");
}

/// A path that stays right when the program is started elsewhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}
