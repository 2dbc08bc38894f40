//! Starting, resuming and finishing one run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::parse_device;
use bert_tasks::{Corpus, CorpusError, Files, Metrics, Options, Task, find_corpus};
use bert_train::hub::resolve;
use bert_train::interrupt::{STOPPED, Stop};
use bert_train::report::model_card::predict_arguments;
use bert_train::report::write_pages;
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::shell::quoted;
use bert_train::training::session::check_recipe;
use bert_train::{Checkpoints, Run, Session, Start, View, train};
use datasets::DataError;

use super::error::CommandError;
use super::flag::flag;
use super::flags::{LogName, Show, WatchName};
use super::hub_data;

/// What surrounds a run: how it is shown, and who can stop it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// What is shown and logged of it.
    pub show: Show,
    /// Whether somebody asked it to stop.
    pub stop: Stop,
}

impl Surroundings {
    /// A run that is shown as `show` says, and that Ctrl-C and SIGTERM stop.
    ///
    /// # Errors
    /// If the system refuses to hand over the signals.
    pub fn new(show: Show) -> Result<Self, CommandError> {
        let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
        Ok(Self { show, stop })
    }
}

/// What may differ from the settings of the run that is resumed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The device.
    pub device: Option<String>,
    /// Where the data is now; its content must be the same.
    pub files: Files,
    /// The folder for encoded texts.
    pub cache: Option<PathBuf>,
}

impl Changes {
    /// The names of the options that differ.
    pub fn names(&self) -> Vec<&'static str> {
        let changed = [
            ("device", self.device.is_some()),
            ("data", self.files.data.is_some()),
            ("dev", self.files.dev.is_some()),
            ("cache", self.cache.is_some()),
        ];
        let changed = changed.into_iter().filter(|(_, changed)| *changed);
        changed.map(|(name, _)| name).collect()
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It took all its steps.
    Finished,
    /// Somebody asked it to stop.
    Stopped,
}

impl End {
    /// The exit code of the program.
    pub fn code(self) -> ExitCode {
        match self {
            End::Finished => ExitCode::SUCCESS,
            End::Stopped => ExitCode::from(STOPPED as u8),
        }
    }
}

/// Checks what can be checked without model and data.
pub fn check_options<O: Options>(config: &RunConfig<O>) -> Result<(), CommandError> {
    config.recipe.check()?;
    config.options.check()?;
    Ok(config.options.check_length(config.recipe.max_length)?)
}

/// Reads model and data for a new run.
pub fn prepare<K: Task>(
    corpus: &Corpus<K>,
    config: &RunConfig<K::Options>,
) -> Result<Session<K>, CommandError> {
    let device = parse_device(&config.device)?;
    let start = start(corpus, config.model.as_deref()).map_err(|error| error.about("model"))?;
    // Reading the data may take long: what does not fit the model is refused before.
    check_recipe(&config.recipe, &start.config)?;
    let files = hub_data::local(corpus.name, &config.files)?;
    let splits = (corpus.splits)(&files, &config.options).map_err(|error| about_files(error, &files))?;
    let task = K::from_data(&corpus.facts(), &splits.train, &config.options)?;
    let recipe = config.recipe.clone();
    Ok(Session::new(task, corpus.name, start, splits, recipe, &device)?)
}

/// The same error, as one about `--data` or `--dev` if it is about the path and not about the file's content.
fn about_files(error: CorpusError, files: &Files) -> CommandError {
    let path = match &error {
        CorpusError::NoFile { dir, .. } => Some(dir.as_path()),
        CorpusError::Data(
            data @ (DataError::Io { .. }
            | DataError::NoFile { .. }
            | DataError::Several { .. }
            | DataError::Format { .. }),
        ) => data.file(),
        _ => None,
    };
    let given = |file: &Option<PathBuf>| {
        path.zip(file.as_deref())
            .is_some_and(|(path, file)| path.starts_with(file))
    };
    let option = match (given(&files.dev), given(&files.data)) {
        (true, _) => Some("dev"),
        (false, true) => Some("data"),
        (false, false) => None,
    };
    let error = CommandError::from(error);
    match option {
        Some(option) => error.about(option),
        None => error,
    }
}

/// Starts a run in the new folder `output`, and trains it to its end.
pub fn begin<K: Task>(
    corpus: &Corpus<K>,
    output: &Path,
    config: &RunConfig<K::Options>,
    overwrite: bool,
    surroundings: &Surroundings,
) -> Result<End, CommandError> {
    let session = surroundings.stop.while_preparing(|| prepare(corpus, config))?;
    // Nothing is written before everything else is known to be in order.
    print_notes(&session);
    let run = Run::create(output, config, overwrite)?;
    finish(session, &run, example(corpus, &config.options), surroundings)
}

/// Resumes a run from its newest undamaged checkpoint; without one, from the beginning.
pub fn resume<K: Task>(
    corpus: &Corpus<K>,
    run: &Run,
    mut config: RunConfig<K::Options>,
    changes: &Changes,
    surroundings: &Surroundings,
) -> Result<End, CommandError> {
    let dir = run.dir();
    if run.metrics().is_some_and(|metrics| metrics.state == "finished") {
        eprintln!(
            "{}: this run is finished; there is nothing left to do",
            dir.display()
        );
        // It may have been cut off before they were written.
        write_pages(run)?;
        return Ok(End::Finished);
    }
    let device = parse_device(changes.device.as_deref().unwrap_or(&config.device))?;
    let found = Checkpoints::new(dir, config.recipe.keep).newest()?;
    for reason in &found.skipped {
        eprintln!("warning: skipped {reason}");
    }
    let files = Files {
        data: changes.files.data.clone().or(config.files.data.clone()),
        dev: changes.files.dev.clone().or(config.files.dev.clone()),
        hold_out: config.files.hold_out,
    };
    config.recipe.cache = changes.cache.clone().or(config.recipe.cache);
    let example = example(corpus, &config.options);
    let session = surroundings.stop.while_preparing(|| {
        let start = match &found.newest {
            Some(checkpoint) => checkpoint.start()?,
            None => start(corpus, config.model.as_deref()).map_err(|error| error.about("model"))?,
        };
        check_recipe(&config.recipe, &start.config)?;
        let files = hub_data::local(corpus.name, &files)?;
        let splits = (corpus.splits)(&files, &config.options).map_err(|error| about_files(error, &files))?;
        let task = K::from_data(&corpus.facts(), &splits.train, &config.options)?;
        let mut session = Session::new(task, corpus.name, start, splits, config.recipe, &device)?;
        Ok::<_, CommandError>(match found.newest {
            Some(checkpoint) => session.resume(checkpoint)?,
            None => {
                let note = "no undamaged checkpoint: starting from the beginning";
                session.notes.push(note.into());
                session
            }
        })
    })?;
    print_notes(&session);
    finish(session, run, example, surroundings)
}

/// The arguments of a prediction with the run's model.
fn example<K: Task>(corpus: &Corpus<K>, options: &K::Options) -> &'static str {
    let card = find_corpus(corpus.name).map(|corpus| corpus.card);
    predict_arguments(card.unwrap_or_default(), options.reads_pairs())
}

/// What training starts from: a pre-trained model, or, for demos, a new one.
fn start<K: Task>(corpus: &Corpus<K>, model: Option<&Path>) -> Result<Start, CommandError> {
    match (model, &corpus.demo) {
        (Some(model), _) => Ok(Start::pretrained(&resolve(model)?.0)?),
        (None, Some(demo)) if demo.structure => Ok(Start::compact_for_structure((demo.vocabulary)())?),
        (None, Some(demo)) => Ok(Start::compact((demo.vocabulary)())?),
        (None, None) => Err(CommandError::option(
            "a pre-trained BERT is missing: give its folder or its name; only demos can train without one",
        )),
    }
}

fn print_notes<K: Task>(session: &Session<K>) {
    session
        .notes
        .iter()
        .for_each(|note| eprintln!("{}", note.render(flag)));
}

/// Trains to the end, and prints how it ended; `example` is what `bert predict` takes.
fn finish<K: Task>(
    session: Session<K>,
    run: &Run,
    example: &str,
    surroundings: &Surroundings,
) -> Result<End, CommandError> {
    let Surroundings { show, stop } = surroundings;
    let mut run = run.clone();
    if show.log.contains(&LogName::Tensorboard) {
        run = run.with_event_files();
    }
    let watch = match show.watch {
        Some(WatchName::Dashboard) => View::Dashboard,
        Some(WatchName::Lines) => View::Lines,
        Some(WatchName::Steps) => View::Steps,
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

fn summarise(metrics: &RunMetrics, run: &Run, example: &str) {
    let main = &metrics.main_metric;
    let score = |metrics: &Option<Metrics>| {
        let value = metrics.as_ref().and_then(|metrics| metrics.get(main));
        value.map_or("not known".into(), |value| format!("{value:.4}"))
    };
    let dir = run.dir().display();
    let word = quoted(&dir.to_string());
    let best = match metrics.model_step {
        Some(step) if step != metrics.steps => {
            let score = score(&metrics.best);
            format!("; model/ holds the best model, of step {step} ({main} {score})")
        }
        _ => String::new(),
    };
    let last = score(&metrics.last);
    if metrics.state == "finished" {
        eprintln!("finished: {main} {last} after {} steps{best}", metrics.steps);
    } else {
        let saved = if best.is_empty() {
            "; the model of this step was saved"
        } else {
            ""
        };
        eprintln!(
            "stopped after {} of {} steps{saved} ({main} {last} at the last evaluation){best}; to resume: bert resume {word}",
            metrics.steps, metrics.steps_planned,
        );
    }
    if metrics.skipped_steps > 0 {
        eprintln!(
            "{} steps were skipped, because their loss or gradient was not finite",
            metrics.skipped_steps
        );
    }
    eprintln!("{dir}: report.html, model/, metrics.json, predictions.jsonl, log.jsonl, run.toml");
    eprintln!("try: bert predict {word} {example}");
}
