//! Where examples come from: a published corpus, the built-in demo, or a user's own files.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use datasets::demo::DemoCorpus;
use datasets::{DataError, Example, Examples, Labels};
use serde::{Deserialize, Serialize};

use crate::task::Task;

/// A source of examples that `bert train` knows by name.
pub struct Corpus<K: Task> {
    /// The name on the command line.
    pub name: &'static str,
    /// What is learned from it, in one sentence.
    pub about: &'static str,
    /// Which files it is read from.
    pub format: &'static str,
    /// The metric by which models are compared: the one that is published for it. (Tagging goes by the tags: `f1` where
    /// they are of entities, else `accuracy`.)
    pub main_metric: &'static str,
    /// Which of the task's options have a meaning for it, by their fields' names.
    pub options: &'static [&'static str],
    /// Settles the options that it leaves no choice of.
    pub preset: fn(&mut K::Options),
    /// What a training from nothing needs; only demos can do without a pre-trained model.
    pub demo: Option<Demo>,
    /// The labels, where the corpus names them itself; of users' files none are known before they are read.
    pub labels: Option<fn() -> Labels>,
    /// Reads what is to be learned from and what is to be judged by.
    pub splits: SplitsReader<K>,
    /// Reads what is to be judged by, alone: for evaluation.
    pub dev: DevReader<K>,
}

/// A corpus made by a small grammar, which a small model without pre-training can learn.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// All word pieces of the grammar.
    pub vocabulary: fn() -> Vec<String>,
    /// As many tokens as its longest example has.
    pub max_length: usize,
    /// Times to go through its examples.
    pub epochs: usize,
}

/// See [`Corpus::splits`].
pub type SplitsReader<K> =
    fn(&Files, &<K as Task>::Options) -> Result<Splits<<K as Task>::Example>, CorpusError>;

/// See [`Corpus::dev`].
pub type DevReader<K> =
    fn(&Files, &<K as Task>::Options) -> Result<Examples<<K as Task>::Example>, CorpusError>;

impl<K: Task> fmt::Debug for Corpus<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corpus")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<K: Task> Corpus<K> {
    /// Whether the task's option of this name has a meaning in training on this corpus.
    pub fn has_option(&self, name: &str) -> bool {
        self.options.contains(&name) || K::TRAINING_OPTIONS.contains(&name)
    }
}

/// Examples to learn from and to be judged by.
#[derive(Clone, Debug)]
pub struct Splits<E> {
    /// To learn from.
    pub train: Examples<E>,
    /// To be judged by.
    pub dev: Examples<E>,
}

impl<E> Splits<E> {
    /// The two.
    pub fn new(train: Examples<E>, dev: Examples<E>) -> Self {
        Self { train, dev }
    }
}

impl<E> From<DemoCorpus<E>> for Splits<E> {
    fn from(demo: DemoCorpus<E>) -> Self {
        Self::new(demo.train, demo.dev)
    }
}

/// Which files.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Folder of the corpus; of your own data, a file, or a folder with a train and a dev file.
    #[arg(long, value_name = "PATH")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// File to judge by [default: the corpus' own; of your own single file, every tenth example is held out].
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<PathBuf>,
}

/// Examples that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file's reason.
    #[error(transparent)]
    Data(#[from] DataError),
    /// No path was given.
    #[error("--data is missing: {0}")]
    NoData(&'static str),
    /// The folder holds no file of a known name.
    #[error("{dir}: no {what} file here; looked for {looked}", dir = .dir.display())]
    NoFile {
        /// The folder.
        dir: PathBuf,
        /// Which split.
        what: &'static str,
        /// The names that would have done.
        looked: String,
    },
    /// What was given to be answered is not what the task takes.
    #[error("{0}")]
    Inputs(String),
}

const TRAIN_STEMS: [&str; 1] = ["train"];
const DEV_STEMS: [&str; 5] = ["dev", "validation", "valid", "val", "test"];
/// Of a single file, every tenth example is held out to be judged by.
const HELD_OUT: usize = 10;

impl Files {
    /// The path of `--data`, or a sentence on what it should be.
    ///
    /// # Errors
    /// If it was not given.
    pub fn data(&self, what: &'static str) -> Result<&Path, CorpusError> {
        self.data.as_deref().ok_or(CorpusError::NoData(what))
    }

    /// A published corpus' two splits from its folder; `--dev` takes the place of its own.
    ///
    /// # Errors
    /// If the folder was not given, or a file cannot be read.
    pub fn published<E: Example>(
        &self,
        what: &'static str,
        train: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        dev: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        let dir = self.data(what)?;
        let dev = match &self.dev {
            Some(file) => read(file)?,
            None => dev(dir)?,
        };
        Ok(Splits::new(train(dir)?, dev))
    }

    /// A user's two splits: a folder with a train and a dev file, two files, or one that is divided.
    ///
    /// # Errors
    /// If nothing was given, or a file cannot be read.
    pub fn own<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Splits<E>, CorpusError> {
        let data = self.data(what)?;
        let (train, dev) = if data.is_dir() {
            let dev = match &self.dev {
                Some(dev) => dev.clone(),
                None => named(data, "dev", &DEV_STEMS, extensions)?,
            };
            (named(data, "train", &TRAIN_STEMS, extensions)?, Some(dev))
        } else {
            (data.to_path_buf(), self.dev.clone())
        };
        let train = read(&train)?;
        if let Some(dev) = dev {
            return Ok(Splits::new(train, read(&dev)?));
        }
        let all = train.len();
        let (train, dev) = train.hold_out(HELD_OUT)?;
        let held = dev.len();
        let remark = format!(
            "no --dev file was given: every {HELD_OUT}th of the {all} examples is held out to judge by ({held})"
        );
        Ok(Splits::new(train.remarked(remark), dev))
    }

    /// What a published corpus is judged by: the file of `--dev` or `--data`, or what `dev` finds in the folder of `--data`.
    ///
    /// # Errors
    /// If nothing was given, or it cannot be read.
    pub fn published_dev<E: Example>(
        &self,
        what: &'static str,
        dev: impl Fn(&Path) -> Result<Examples<E>, DataError>,
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Examples<E>, CorpusError> {
        Ok(match self.judged(what)? {
            dir if dir.is_dir() => dev(dir)?,
            file => read(file)?,
        })
    }

    /// What a user's data is judged by: the file of `--dev` or `--data`, or the dev file in the folder of `--data`.
    ///
    /// # Errors
    /// If nothing was given, or it cannot be read.
    pub fn own_dev<E: Example>(
        &self,
        what: &'static str,
        extensions: &[&str],
        read: impl Fn(&Path) -> Result<Examples<E>, DataError>,
    ) -> Result<Examples<E>, CorpusError> {
        Ok(match self.judged(what)? {
            dir if dir.is_dir() => read(&named(dir, "dev", &DEV_STEMS, extensions)?)?,
            file => read(file)?,
        })
    }

    /// The path to judge by.
    fn judged(&self, what: &'static str) -> Result<&Path, CorpusError> {
        match &self.dev {
            Some(file) => Ok(file),
            None => self.data(what),
        }
    }
}

fn named(
    dir: &Path,
    what: &'static str,
    stems: &[&str],
    extensions: &[&str],
) -> Result<PathBuf, CorpusError> {
    let names: Vec<String> = stems
        .iter()
        .flat_map(|stem| {
            extensions
                .iter()
                .map(move |extension| format!("{stem}.{extension}"))
        })
        .collect();
    names
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| CorpusError::NoFile {
            dir: dir.to_path_buf(),
            what,
            looked: names.join(", "),
        })
}
