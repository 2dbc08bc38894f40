//! `bert train`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::{BertConfig, parse_device};
use bert_tasks::{Corpus, Entry, Files, Options, Task, TaskVisitor, visit_tasks};
use bert_train::hub::resolve;
use bert_train::run::RunConfig;
use bert_train::{Recipe, Run};
use datasets::Message;

use crate::cli::corpus::TrainCorpus;
use crate::cli::error::CommandError;
use crate::cli::flags::{Flags, Show};
use crate::cli::input::{data_files, hub_data};
use crate::cli::run::{Changes, RunContext, check_options};
use crate::cli::seeds;

/// Trains on a corpus.
pub fn run(given: TrainCorpus) -> Result<ExitCode, CommandError> {
    struct Chosen(Option<TrainCorpus>);
    impl TaskVisitor for Chosen {
        type Output = Result<ExitCode, CommandError>;
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
            let name = self.0.as_ref().map(|given| given.name.as_str());
            match (name.and_then(|name| entry.corpus(name)), self.0.take()) {
                (Some(corpus), Some(given)) => ControlFlow::Break(train_on(entry, corpus, given)),
                (_, given) => {
                    self.0 = given;
                    ControlFlow::Continue(())
                }
            }
        }
    }
    visit_tasks(&mut Chosen(Some(given))).expect("clap has checked the name")
}

fn train_on<K: Task>(
    entry: &Entry<K>,
    corpus: &Corpus<K>,
    mut given: TrainCorpus,
) -> Result<ExitCode, CommandError> {
    given.read_config(entry, corpus)?;
    train_as(entry, corpus, &given).map_err(|error| given.located(error))
}

fn train_as<K: Task>(
    entry: &Entry<K>,
    corpus: &Corpus<K>,
    given: &TrainCorpus,
) -> Result<ExitCode, CommandError> {
    let run = given.run();
    let mut show = Show::default();
    given.args.show.apply(&mut show);
    let output = match &run.output {
        Some(output) => output.clone(),
        None => PathBuf::from("runs").join(corpus.name),
    };
    if run.resume
        && let Some((_, config)) = Run::find(&output)?
    {
        let config = config.typed::<K>()?;
        check_same_run(corpus, given, &config)?;
        let changes = Changes {
            device: given.args.run.device.clone(),
            files: given.files(),
            cache: given.recipe.cache.as_deref().map(absolute),
        };
        return Ok(seeds::resume(corpus, &output, &changes, &RunContext::new(show)?)?.code());
    }
    let config = config(entry, corpus, &output, given)?;
    let context = RunContext::new(show)?;
    Ok(seeds::begin(corpus, &output, &config, given.args.overwrite, &context)?.code())
}

/// The settings of a new run. Everything that can be checked without model and data has been checked.
fn config<K: Task>(
    entry: &Entry<K>,
    corpus: &Corpus<K>,
    output: &Path,
    given: &TrainCorpus,
) -> Result<RunConfig<K::Options>, CommandError> {
    let run = given.run();
    let options = given.options(corpus);
    let mut recipe = given.recipe(corpus);
    recipe.cache = recipe.cache.as_deref().map(absolute);
    check_options(corpus, &recipe, &options)?;
    parse_device(&run.device)?;
    Run::check_new(output, given.args.overwrite).map_err(CommandError::about_output)?;
    let new_model = options.new_model();
    check_needed(entry, corpus, given, new_model.is_some())?;
    let files = given.files();
    data_files::check(corpus.name, &files)?;
    let is_published = corpus.demo.is_none() && entry.own != Some(corpus.name);
    if is_published && run.model.as_deref().is_some_and(|model| !model.exists()) {
        // A folder that is not this corpus is refused before a model is downloaded.
        (corpus.dev)(&files, &options).map_err(|error| data_files::about(error, &files))?;
    }
    let about_model = |error: CommandError| error.about("model");
    let model = run.model.as_deref().map(resolve).transpose();
    let model = model.map_err(|error| about_model(error.into()))?;
    if let (Some((dir, _)), Some(given)) = (&model, &run.model)
        && *dir == given.join("model")
    {
        eprintln!(
            "{}: this is a run; training starts from its model, {}",
            given.display(),
            dir.display()
        );
    }
    let longest = match (&model, new_model) {
        (Some((dir, _)), _) => {
            let config = BertConfig::from_dir(dir).map_err(|error| about_model(error.into()))?;
            Some(config.max_tokens())
        }
        (None, Some(model)) => Some(model.positions),
        (None, None) => None,
    };
    if let (Some(longest), None) = (longest, given.recipe.max_length) {
        recipe.max_length = recipe.max_length.min(longest);
    }
    let data = files.data.as_deref();
    let data = data
        .map(|data| hub_data::lasting(corpus.name, data))
        .transpose()?;
    Ok(RunConfig {
        version: env!("CARGO_PKG_VERSION").into(),
        task: corpus.name.into(),
        model: model.map(|(_, name)| name.into()),
        device: run.device,
        files: Files {
            data,
            dev: files.dev.as_deref().map(absolute),
            // Published corpora and demos have evaluation data of their own.
            hold_out: files.hold_out.filter(|_| entry.own == Some(corpus.name)),
        },
        recipe,
        options,
    })
}

/// Checks that a model to start from is given, and only one, and the data; `new` says whether the options describe a new model.
fn check_needed<K: Task>(
    entry: &Entry<K>,
    corpus: &Corpus<K>,
    given: &TrainCorpus,
    new: bool,
) -> Result<(), CommandError> {
    let refused = |reason: Message| Err(CommandError::option(reason));
    let option = |name| Message::default().option(name);
    let has_model = given.run().model.is_some();
    if has_model && new {
        let reason = option("model")
            .text(" is a model to start from, and ")
            .option("vocabulary");
        return refused(reason.text(" describes a new one; give one of them"));
    }
    if corpus.demo.is_some() {
        return Ok(());
    }
    if !has_model && !new {
        let reason = option("model").text(" is missing: give the folder or the name of a pre-trained BERT");
        return refused(match entry.has_option(corpus, "vocabulary") {
            true => reason.text(", or ").option("vocabulary").text(" for a new one"),
            false => reason,
        });
    }
    match given.args.files.data {
        Some(_) => Ok(()),
        None => refused(option("data").text(format!(" is missing: give {}", corpus.format))),
    }
}

/// Whether the given options match those of the run to resume.
fn check_same_run<K: Task>(
    corpus: &Corpus<K>,
    given: &TrainCorpus,
    config: &RunConfig<K::Options>,
) -> Result<(), CommandError> {
    let differs = |what: Message| {
        Err(CommandError::option(what.text(
            " differs from the run to resume (see its run.toml); a run keeps its options: leave it out, or train a new \
             run into another --output",
        )))
    };
    let option = |name| Message::default().option(name);
    if config.task != corpus.name {
        return differs(format!("the corpus {}", corpus.name).into());
    }
    if let Some(model) = &given.args.run.model {
        let resolved = resolve(model).map_err(|error| CommandError::from(error).about("model"))?;
        if Some(PathBuf::from(resolved.1)) != config.model {
            return differs(option("model"));
        }
    }
    let files = given.files();
    let data = files.data.as_deref();
    let data = data
        .map(|data| hub_data::lasting(corpus.name, data))
        .transpose()?;
    let paths = [
        ("data", data, &config.files.data),
        ("dev", files.dev.as_deref().map(absolute), &config.files.dev),
    ];
    for (name, new, old) in paths {
        if new.is_some() && new != *old {
            return differs(option(name));
        }
    }
    if given.args.files.hold_out.is_some() && files.hold_out != config.files.hold_out {
        return differs(option("hold_out"));
    }
    // The folder for encoded texts may change: it does not change the result.
    let recipe = Recipe {
        cache: given.recipe.cache.clone(),
        ..config.recipe.clone()
    };
    let flags = given.options.as_ref();
    let changed = given.recipe.changed(&recipe);
    match changed.or_else(|| flags.and_then(|flags| flags.changed_in(&config.options))) {
        Some(name) => differs(option(name)),
        None => Ok(()),
    }
}

/// A path that stays right when the program is started elsewhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}
