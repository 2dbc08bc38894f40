//! Where labelled texts come from: a published corpus, the built-in demo, or a user's own files.

use std::path::{Path, PathBuf};

use datasets::demo::DemoConfig;
use datasets::{Cola, DataError, Labels, Sst2, TextDataset, TextFile};
use serde::{Deserialize, Serialize};

/// The corpora that `bert train` knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Corpus {
    /// The Corpus of Linguistic Acceptability (Warstadt, Singh and Bowman 2019).
    Cola,
    /// The Stanford Sentiment Treebank with two labels, as in GLUE.
    Sst2,
    /// Sentences this program makes itself.
    Demo,
    /// CSV, TSV or JSON-lines files with a column of texts and a column of labels.
    Classify,
}

/// Labelled texts to learn from and to be judged by.
#[derive(Clone, Debug)]
pub struct Splits {
    /// To learn from.
    pub train: TextDataset,
    /// To be judged by.
    pub dev: TextDataset,
    /// Every label, in the order of their numbers.
    pub labels: Labels,
    /// What there is to say about how the splits were made.
    pub note: Option<String>,
}

/// Which files, and which of their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Files {
    /// A corpus' folder, or a user's file, or a folder with `train` and `dev` files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// A user's file to be judged by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<PathBuf>,
    /// The column with the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// The column with the labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
}

/// Labelled texts that cannot be had.
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
}

const TRAIN_NAMES: [&str; 1] = ["train"];
const DEV_NAMES: [&str; 5] = ["dev", "validation", "valid", "val", "test"];
const EXTENSIONS: [&str; 6] = ["csv", "tsv", "jsonl", "ndjson", "json", "txt"];
/// Of a single file, every tenth row is held out to be judged by.
const HELD_OUT: usize = 10;

impl Corpus {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Corpus::Cola => "cola",
            Corpus::Sst2 => "sst2",
            Corpus::Demo => "demo",
            Corpus::Classify => "classify",
        }
    }

    /// The metric by which models of this corpus are compared: GLUE's where GLUE has one.
    pub fn main_metric(self) -> &'static str {
        match self {
            Corpus::Cola | Corpus::Demo => "matthews",
            Corpus::Sst2 | Corpus::Classify => "accuracy",
        }
    }

    /// The labels of a corpus that has its own; of users' files, none are known before they are read.
    pub fn labels(self) -> Option<Labels> {
        match self {
            Corpus::Cola => Some(Cola::labels()),
            Corpus::Sst2 => Some(Sst2::labels()),
            Corpus::Demo => Some(datasets::demo::labels()),
            Corpus::Classify => None,
        }
    }

    /// Reads the texts to learn from and the texts to be judged by.
    ///
    /// # Errors
    /// If a file is missing or malformed, a label of dev does not occur in train, or there are fewer than two labels.
    pub fn splits(self, files: &Files) -> Result<Splits, CorpusError> {
        let (train, dev, labels, note) = match self {
            Corpus::Demo => {
                let demo = datasets::demo::generate(&DemoConfig::default());
                (demo.train, demo.dev, datasets::demo::labels(), None)
            }
            Corpus::Cola => {
                let dir = folder(files, "give the folder with in_domain_train.tsv")?;
                (Cola::train(dir)?, Cola::dev(dir)?, Cola::labels(), None)
            }
            Corpus::Sst2 => {
                let dir = folder(files, "give the folder with train.tsv and dev.tsv")?;
                (Sst2::train(dir)?, Sst2::dev(dir)?, Sst2::labels(), None)
            }
            Corpus::Classify => {
                let (train, dev, note) = user_splits(files)?;
                let labels = train.labels()?;
                (train, dev, labels, note)
            }
        };
        dev.require_labels(&labels)?;
        Ok(Splits {
            train,
            dev,
            labels,
            note,
        })
    }

    /// Reads the texts to be judged by, alone: for evaluation.
    ///
    /// # Errors
    /// If a file is missing or malformed.
    pub fn dev(self, files: &Files) -> Result<TextDataset, CorpusError> {
        let path = files.data.as_deref();
        match (self, path) {
            (Corpus::Demo, None) => Ok(datasets::demo::generate(&DemoConfig::default()).dev),
            (_, Some(file)) if file.is_file() => read(file, files, true),
            (Corpus::Cola, _) => Ok(Cola::dev(folder(
                files,
                "give the folder with in_domain_dev.tsv",
            )?)?),
            (Corpus::Sst2, _) => Ok(Sst2::dev(folder(files, "give the folder with dev.tsv")?)?),
            (_, Some(dir)) => read(&named(dir, "dev", &DEV_NAMES)?, files, true),
            (_, None) => Err(CorpusError::NoData("give a file of labelled texts")),
        }
    }
}

/// Reads a user's file of texts; `labelled` says whether the label column is needed.
///
/// # Errors
/// If the file is missing or malformed.
pub fn read(path: &Path, files: &Files, labelled: bool) -> Result<TextDataset, CorpusError> {
    let mut file = TextFile::new(path).labelled(labelled);
    if let Some(column) = &files.text_column {
        file = file.text_column(column);
    }
    if let (Some(column), true) = (&files.label_column, labelled) {
        file = file.label_column(column);
    }
    Ok(file.read()?)
}

fn folder<'a>(files: &'a Files, what: &'static str) -> Result<&'a Path, CorpusError> {
    files.data.as_deref().ok_or(CorpusError::NoData(what))
}

fn user_splits(files: &Files) -> Result<(TextDataset, TextDataset, Option<String>), CorpusError> {
    let what = "give a CSV, TSV or JSON-lines file, or a folder with a train and a dev file";
    let data = files.data.as_deref().ok_or(CorpusError::NoData(what))?;
    let (train, dev) = if data.is_dir() {
        let dev = match &files.dev {
            Some(dev) => dev.clone(),
            None => named(data, "dev", &DEV_NAMES)?,
        };
        (named(data, "train", &TRAIN_NAMES)?, Some(dev))
    } else {
        (data.to_path_buf(), files.dev.clone())
    };
    let all = read(&train, files, true)?;
    match dev {
        Some(dev) => Ok((all, read(&dev, files, true)?, None)),
        None => {
            let (train, dev) = all.hold_out(HELD_OUT)?;
            let note = format!(
                "no --dev file was given: every {HELD_OUT}th of the {} rows is held out to judge by ({})",
                train.len() + dev.len(),
                dev.len()
            );
            Ok((train, dev, Some(note)))
        }
    }
}

fn named(dir: &Path, what: &'static str, stems: &[&str]) -> Result<PathBuf, CorpusError> {
    let names: Vec<String> = stems
        .iter()
        .flat_map(|stem| {
            EXTENSIONS
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
