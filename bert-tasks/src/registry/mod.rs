//! The registry: each task with its corpora, its reader of user inputs, and what people read about it.
//!
//! A task itself knows none of this, so that it can also be used, or written, without it.

mod card;
mod list;

use std::fmt;
use std::ops::ControlFlow;

use crate::analysis::{Analysis, AnalysisError, Line};
use crate::corpora::{Corpus, CorpusError, InputBlocks, Inputs};
use crate::task::Task;

pub use card::{Reads, TaskCard};
pub use list::{CAUSAL_LANGUAGE_MODELLING, MASKED_LANGUAGE_MODELLING};
pub use list::{CLASSIFICATION, QUESTION_ANSWERING, REGRESSION, RETRIEVAL, TAGGING};
pub use list::{CorpusSummary, find_corpus, visit_tasks};

/// A task with everything that a program offers for it.
pub struct Entry<K: Task> {
    /// The named corpora, users' own files among them. A task may have none: then only a program can
    /// train and evaluate it.
    pub corpora: &'static [Corpus<K>],
    /// The corpus of `corpora` that reads users' own files, by its name.
    pub own: Option<&'static str>,
    /// How the names of users' own files must end; empty if any name will do.
    pub extensions: &'static [&'static str],
    /// The options that matter in training on any corpus, and only there, by their fields' names.
    pub training_options: &'static [&'static str],
    /// What people read about the task's models.
    pub card: TaskCard,
    /// Reads what a user gives for a prediction.
    pub read_inputs: InputsReader<K>,
    /// Analyses a run's predictions for its report; without one, the report shows only the metrics.
    pub analyse: Option<Analyser>,
}

/// See [`Entry::read_inputs`].
pub type InputsReader<K> =
    fn(Inputs, &<K as Task>::Options) -> Result<InputBlocks<<K as crate::Encode>::Example>, CorpusError>;

/// See [`Entry::analyse`].
pub type Analyser = fn(&[Line]) -> Result<Analysis, AnalysisError>;

/// An operation on each registered task.
pub trait TaskVisitor {
    /// What the visit is for.
    type Output;

    /// Visits one task; `Break` ends the visit of all.
    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output>;
}

/// A corpus that a task does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// The task has no corpus of this name.
    #[error("this model is for {task}; its corpora are {known}")]
    Unknown {
        /// The task's name.
        task: &'static str,
        /// The names of its corpora.
        known: String,
    },
    /// The task has no corpora, or none for the files that were given.
    #[error("this model is for {0}, a task without corpora: the program has no reader for its data")]
    NoCorpus(&'static str),
}

impl<K: Task> Entry<K> {
    /// The corpus of this name.
    pub fn corpus(&self, name: &str) -> Option<&'static Corpus<K>> {
        self.corpora.iter().find(|corpus| corpus.name == name)
    }

    /// The corpus to evaluate on: the one that was `asked` for, else the one that the model was `trained_on`, else that
    /// of users' own files. Demos have no files: where `files` are given, they are the user's own.
    ///
    /// # Errors
    /// If there is no such corpus.
    pub fn choose(
        &self,
        asked: Option<&str>,
        trained_on: Option<&str>,
        files: bool,
    ) -> Result<&'static Corpus<K>, ChoiceError> {
        if let Some(name) = asked {
            return self.corpus(name).ok_or_else(|| match self.corpora {
                [] => ChoiceError::NoCorpus(K::NAME),
                corpora => ChoiceError::Unknown {
                    task: K::NAME,
                    known: corpora
                        .iter()
                        .map(|corpus| corpus.name)
                        .collect::<Vec<_>>()
                        .join(", "),
                },
            });
        }
        let trained_on = trained_on.and_then(|name| self.corpus(name));
        let usable = trained_on.filter(|corpus| !files || corpus.demo.is_none());
        usable
            .or_else(|| self.own.and_then(|name| self.corpus(name)))
            .ok_or(ChoiceError::NoCorpus(K::NAME))
    }

    /// Whether the task's option of this name matters in training on `corpus`.
    pub fn has_option(&self, corpus: &Corpus<K>, option: &str) -> bool {
        corpus.options.contains(&option) || self.training_options.contains(&option)
    }
}

impl<K: Task> fmt::Debug for Entry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("task", &K::NAME)
            .field("corpora", &self.corpora)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name<K: Task>(chosen: Result<&Corpus<K>, ChoiceError>) -> Result<&'static str, String> {
        chosen
            .map(|corpus| corpus.name)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_corpus_is_the_one_asked_for_or_trained_on_or_the_users_own() {
        let choose = |asked, trained_on, files| name(CLASSIFICATION.choose(asked, trained_on, files));
        assert_eq!(choose(Some("cola"), Some("sst2"), false).unwrap(), "cola");
        assert_eq!(choose(None, Some("sst2"), true).unwrap(), "sst2");
        assert_eq!(choose(None, Some("demo"), false).unwrap(), "demo");
        assert_eq!(choose(None, Some("demo"), true).unwrap(), "classify");
        assert_eq!(choose(None, Some("reviews"), false).unwrap(), "classify");
        let refused = choose(Some("squad"), None, false).unwrap_err();
        assert!(
            refused.contains("classification") && refused.contains("cola"),
            "{refused}"
        );
    }

    #[test]
    fn a_task_without_corpora_has_none_to_choose() {
        let entry = Entry {
            corpora: &[],
            own: None,
            ..CLASSIFICATION
        };
        for asked in [None, Some("cola")] {
            let refused = name(entry.choose(asked, Some("cola"), true)).unwrap_err();
            assert!(refused.contains("without corpora"), "{refused}");
        }
    }

    #[test]
    fn names_are_those_of_one_corpus_and_users_have_theirs() {
        struct Names(Vec<&'static str>);
        impl TaskVisitor for Names {
            type Output = ();
            fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
                let own = entry.own.map(|name| entry.corpus(name));
                let readable = own.is_none_or(|own| own.is_some_and(|own| own.demo.is_none()));
                assert!(readable, "{entry:?}");
                self.0.extend(entry.corpora.iter().map(|corpus| corpus.name));
                ControlFlow::Continue(())
            }
        }
        let mut names = Names(vec![]);
        visit_tasks(&mut names);
        for (index, name) in names.0.iter().enumerate() {
            assert!(!names.0[..index].contains(name), "{name}");
            assert!(find_corpus(name).is_some(), "{name}");
        }
        assert_eq!(find_corpus("stars"), None);
    }
}
