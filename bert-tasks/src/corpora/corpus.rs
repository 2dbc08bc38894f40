//! A source of examples with a name: a published corpus, a built-in demo, or a user's own files.

use std::fmt;

use datasets::{Examples, Labels};

use super::error::CorpusError;
use super::files::Files;
use super::splits::Splits;
use crate::task::{CorpusFacts, Encode, Task};

/// A source of examples with a name.
pub struct Corpus<K: Task> {
    /// Its name.
    pub name: &'static str,
    /// What a model learns from it, in one sentence, for model cards and reports.
    pub about: &'static str,
    /// The files it is read from.
    pub format: &'static str,
    /// The main metric: the one that papers report. (For tagging it depends on the tags: `f1` for entity tags,
    /// else `accuracy`.)
    pub main_metric: &'static str,
    /// The task's options that matter for it, by their fields' names.
    pub options: &'static [&'static str],
    /// Sets the options that it determines.
    pub preset: fn(&mut K::Options),
    /// What training from scratch needs; only demos can do without a pre-trained model.
    pub demo: Option<Demo>,
    /// The labels, if the corpus defines them; for users' files they are read from the data.
    pub labels: Option<fn() -> Labels>,
    /// Reads the training data and the evaluation data.
    pub splits: SplitsReader<K>,
    /// Reads the evaluation data alone.
    pub dev: DevReader<K>,
}

/// See [`Corpus::splits`].
pub type SplitsReader<K> =
    fn(&Files, &<K as Task>::Options) -> Result<Splits<<K as Encode>::Example>, CorpusError>;

/// See [`Corpus::dev`].
pub type DevReader<K> =
    fn(&Files, &<K as Task>::Options) -> Result<Examples<<K as Encode>::Example>, CorpusError>;

impl<K: Task> Corpus<K> {
    /// What its task needs to know about it.
    pub fn facts(&self) -> CorpusFacts<'static> {
        CorpusFacts {
            main_metric: self.main_metric,
            labels: self.labels.map(|labels| labels()),
        }
    }
}

impl<K: Task> fmt::Debug for Corpus<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corpus")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a demo's labels depend on, which decides how its new model starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoModel {
    /// The structure of one text.
    Structure,
    /// Words, and which of them two texts share.
    Texts,
    /// Where two texts differ.
    Pairs,
    /// What stands near the words that a question shares with its passage.
    Questions,
}

/// A corpus made by a small grammar, which a small model without pre-training can learn.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// All word pieces of the grammar.
    pub vocabulary: fn() -> Vec<String>,
    /// The kind of model that learns it soonest.
    pub model: DemoModel,
    /// The tokens of its longest example.
    pub max_length: usize,
    /// The epochs that learning it takes.
    pub epochs: usize,
    /// The peak learning rate.
    pub lr: f64,
    /// The share of the steps in which the learning rate rises to it.
    pub warmup: f64,
    /// Rows of a training batch.
    pub batch_size: usize,
    /// Consecutive examples that share a batch, such as the two of a minimal pair.
    pub keep_together: usize,
}
