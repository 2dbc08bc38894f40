//! Starting, resuming and finishing one run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::{BertConfig, parse_device};
use bert_tasks::{Corpus, Files, Metrics, Options, Task, find_corpus};
use bert_train::hub::resolve;
use bert_train::report::model_card::{use_arguments, use_command};
use bert_train::report::write_pages;
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::system::interrupt::{STOPPED, Stop};
use bert_train::system::shell::quoted;
use bert_train::training::best_model::ModelSelection;
use bert_train::training::session::check_recipe;
use bert_train::{Checkpoints, Recipe, Run, Session, Start, View, train};
use datasets::counted;

use super::error::CommandError;
use super::flag::flag;
use super::flags::{LogName, Show};
use super::input::{data_files, hub_data};

/// What surrounds a run: how it is shown, and who can stop it.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// What is shown and logged of it.
    pub show: Show,
    /// Whether somebody asked it to stop.
    pub stop: Stop,
}

impl RunContext {
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
    /// A stop was requested.
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

/// Checks the recipe and the task's options, as far as that takes no model and no data.
pub fn check_options<K: Task>(
    corpus: &Corpus<K>,
    recipe: &Recipe,
    options: &K::Options,
) -> Result<(), CommandError> {
    recipe.check()?;
    ModelSelection::new(recipe, corpus.main_metric, K::METRICS)?;
    options.check()?;
    Ok(options.check_length(recipe.max_length)?)
}

/// Reads model and data for a new run.
pub fn prepare<K: Task>(
    corpus: &Corpus<K>,
    config: &RunConfig<K::Options>,
) -> Result<Session<K>, CommandError> {
    let device = parse_device(&config.device)?;
    let start = start(corpus, config)?;
    // Reading the data may take long: what does not fit the model is refused before.
    check_recipe(&config.recipe, &start.config)?;
    let files = hub_data::local(corpus.name, &config.files)?;
    let splits =
        (corpus.splits)(&files, &config.options).map_err(|error| data_files::about(error, &files))?;
    let task = K::from_data(&corpus.facts(), &splits.train, &config.options)?;
    let recipe = config.recipe.clone();
    Ok(Session::new(task, corpus.name, start, splits, recipe, &device)?)
}

/// Starts a run in the new folder `output`, and trains it to its end.
pub fn begin<K: Task>(
    corpus: &Corpus<K>,
    output: &Path,
    config: &RunConfig<K::Options>,
    overwrite: bool,
    context: &RunContext,
) -> Result<End, CommandError> {
    let session = context.stop.while_preparing(|| prepare(corpus, config))?;
    // Nothing is written before everything else is known to be in order.
    print_notes(&session);
    let run = Run::create(output, config, overwrite).map_err(CommandError::about_output)?;
    let example = example(corpus, &config.options, &session.config);
    finish(session, &run, example, context)
}

/// Resumes a run from its newest undamaged checkpoint; without one, from the beginning.
pub fn resume<K: Task>(
    corpus: &Corpus<K>,
    run: &Run,
    mut config: RunConfig<K::Options>,
    changes: &Changes,
    context: &RunContext,
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
    data_files::check(corpus.name, &files)?;
    config.recipe.cache = changes.cache.clone().or(config.recipe.cache);
    let options = config.options.clone();
    let session = context.stop.while_preparing(|| {
        let start = match &found.newest {
            Some(checkpoint) => checkpoint.start()?,
            None => start(corpus, &config)?,
        };
        check_recipe(&config.recipe, &start.config)?;
        let files = hub_data::local(corpus.name, &files)?;
        let splits =
            (corpus.splits)(&files, &config.options).map_err(|error| data_files::about(error, &files))?;
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
    let example = example(corpus, &options, &session.config);
    finish(session, run, example, context)
}

/// The command that uses the run's model, and what it takes after it.
fn example<K: Task>(corpus: &Corpus<K>, options: &K::Options, model: &BertConfig) -> [String; 2] {
    let card = find_corpus(corpus.name).map(|corpus| corpus.card);
    let card = card.unwrap_or_default();
    let mask = model.architecture().tokenizer.mask;
    [
        use_command(card).into(),
        use_arguments(card, options.reads_pairs(), mask),
    ]
}

/// What training starts from: a pre-trained model, a new one that the options describe, or the new model of a demo.
fn start<K: Task>(corpus: &Corpus<K>, config: &RunConfig<K::Options>) -> Result<Start, CommandError> {
    let about_model = |error: CommandError| error.about("model");
    if let Some(model) = &config.model {
        let dir = resolve(model).map_err(|error| about_model(error.into()))?.0;
        return Start::pretrained(&dir).map_err(|error| about_model(error.into()));
    }
    if let Some(model) = config.options.new_model() {
        return Start::new_model(&model).map_err(|error| CommandError::from(error).about("vocabulary"));
    }
    match &corpus.demo {
        Some(demo) => Ok(Start::of_demo(demo)?),
        None => Err(about_model(CommandError::option(
            "a pre-trained BERT is missing: give its folder or its name; only demos can train without one",
        ))),
    }
}

fn print_notes<K: Task>(session: &Session<K>) {
    session
        .notes
        .iter()
        .for_each(|note| eprintln!("{}", note.render(flag)));
}

/// Trains to the end, and prints how it ended; `example` is a command for its model.
fn finish<K: Task>(
    session: Session<K>,
    run: &Run,
    example: [String; 2],
    context: &RunContext,
) -> Result<End, CommandError> {
    let RunContext { show, stop } = context;
    let mut run = run.clone();
    if show.log.contains(&LogName::Tensorboard) {
        run = run.with_event_files();
    }
    let view = show.watch.unwrap_or_else(View::by_terminal);
    let metrics = train(session, &run, view, stop)?;
    summarise(&metrics, &run, example);
    Ok(match metrics.state.as_str() {
        "finished" => End::Finished,
        _ => End::Stopped,
    })
}

fn summarise(metrics: &RunMetrics, run: &Run, [command, arguments]: [String; 2]) {
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
        let steps = counted(metrics.steps, "step");
        eprintln!("finished: {main} {last} after {steps}{best}");
    } else {
        let saved = if best.is_empty() {
            "; the model of this step was saved"
        } else {
            ""
        };
        let at_last = match metrics.last {
            Some(_) => format!(" ({main} {last} at the last evaluation)"),
            None => String::new(),
        };
        eprintln!(
            "stopped after {} of {}{saved}{at_last}{best}; to resume: bert resume {word}",
            metrics.steps,
            counted(metrics.steps_planned, "step"),
        );
    }
    if metrics.skipped_steps > 0 {
        eprintln!(
            "{} skipped: the loss or the gradient was not finite",
            counted(metrics.skipped_steps, "step")
        );
    }
    let files = [
        "report.html",
        "model",
        "metrics.json",
        "predictions.jsonl",
        "log.jsonl",
        "run.toml",
    ];
    let files = files.into_iter().filter(|name| run.path(name).exists());
    let files: Vec<&str> = files
        .map(|name| if name == "model" { "model/" } else { name })
        .collect();
    eprintln!("{dir}: {}", files.join(", "));
    eprintln!("try: bert {command} {word} {arguments}");
}
