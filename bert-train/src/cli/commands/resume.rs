//! `bert resume`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::parse_device;
use bert_tasks::{Corpus, Entry, Files, Task, TaskVisitor, visit_tasks};
use bert_train::interrupt::Stop;
use bert_train::report::write_pages;
use bert_train::run::RunConfig;
use bert_train::{Checkpoints, Run, RunError, Session};

use super::train::{self, End};
use super::{CommandError, seeds};
use crate::cli::{Resume, Show};

/// What may be another than it was when the run began.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The device.
    pub device: Option<String>,
    /// Where the data lies by now; what it holds must be the same.
    pub files: Files,
    /// Where encoded texts are kept.
    pub cache: Option<PathBuf>,
}

/// Goes on with a run, as asked.
pub fn run(args: &Resume) -> Result<ExitCode, CommandError> {
    struct Chosen<'a>(&'a Resume, &'a str);
    impl TaskVisitor for Chosen<'_> {
        type Output = Result<ExitCode, CommandError>;
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
            let Some(corpus) = entry.corpus(self.1) else {
                return ControlFlow::Continue(());
            };
            let changes = Changes {
                device: self.0.device.clone(),
                files: self.0.files.clone(),
                cache: None,
            };
            ControlFlow::Break(all(corpus, &self.0.run, &changes, &self.0.show))
        }
    }
    let (_, config) = Run::open(&args.run)?.ok_or_else(|| RunError::NoRun(args.run.clone()))?;
    visit_tasks(&mut Chosen(args, &config.task)).unwrap_or_else(|| {
        Err(CommandError::Option(format!(
            "{}: this run was trained on `{}`, a corpus that this version does not know",
            args.run.display(),
            config.task
        )))
    })
}

/// Goes on with the run in `dir`, or with the runs of all its seeds.
pub(super) fn all<K: Task>(
    corpus: &Corpus<K>,
    dir: &Path,
    changes: &Changes,
    show: &Show,
) -> Result<ExitCode, CommandError> {
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let (run, config) = Run::resume(dir)?;
    match config.recipe.seeds.is_empty() {
        true => Ok(go_on(corpus, &run, config, changes, show, &stop)?.code()),
        false => seeds::each(corpus, &run, &config, changes, show, &stop),
    }
}

/// Goes on with one run from its newest whole checkpoint; without one, from the beginning.
pub(super) fn go_on<K: Task>(
    corpus: &Corpus<K>,
    run: &Run,
    mut config: RunConfig,
    changes: &Changes,
    show: &Show,
    stop: &Stop,
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
        eprintln!("passed over {reason}");
    }
    let files = Files {
        data: changes.files.data.clone().or(config.files.data.clone()),
        dev: changes.files.dev.clone().or(config.files.dev.clone()),
    };
    config.recipe.cache = changes.cache.clone().or(config.recipe.cache);
    let options = config.options::<K>(&run.path("run.toml"))?;
    let splits = (corpus.splits)(&files, &options)?;
    let start = match &found.newest {
        Some(checkpoint) => checkpoint.start()?,
        None => train::start(corpus, config.model.as_deref())?,
    };
    let task = K::from_data(&corpus.facts(), &splits.train, &options)?;
    let example = train::example(corpus, config.pairs());
    let mut session = Session::new(task, corpus.name, start, splits, config.recipe, &device)?;
    session = match found.newest {
        Some(checkpoint) => session.resume(checkpoint)?,
        None => {
            session.notes.push("no whole checkpoint: beginning anew".into());
            session
        }
    };
    for note in &session.notes {
        eprintln!("{note}");
    }
    train::finish(session, run, example, show, stop)
}
