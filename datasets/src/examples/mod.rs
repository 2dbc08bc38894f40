//! Datasets: examples in the order of their files, each with its source.

mod hold_out;
mod labels;
pub(crate) mod question;
pub mod scheme;
mod scored;
mod tagged;
mod text;

use std::collections::HashSet;
use std::path::Path;

#[cfg(feature = "files")]
use burn_dataset::{Dataset, DatasetError};
use serde::Serialize;

use crate::error::DataError;
use crate::message::Message;
use crate::source::Source;

pub use hold_out::Group;
pub use labels::Labels;
pub use question::{Answer, QuestionDataset, QuestionExample};
pub use scored::{ScoredDataset, ScoredExample};
pub use tagged::{TaggedDataset, TaggedExample};
pub use text::{TextDataset, TextExample};

/// One example of a dataset. Its serialised form is its content without its source: a cache recognises it by that,
/// wherever the file is.
pub trait Example: Clone + Serialize + Send + Sync + 'static {
    /// Where it is from.
    fn source(&self) -> &Source;

    /// Its labels, which a hold-out spreads over training and evaluation data.
    fn labels(&self) -> Vec<&str> {
        vec![]
    }

    /// What it shares with other examples, the largest group first, which a hold-out keeps together.
    fn groups(&self) -> Vec<Group<'_>> {
        vec![]
    }
}

/// At least one example, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examples<E> {
    examples: Vec<E>,
    notes: Vec<Message>,
    label_names: Vec<String>,
}

impl<E: Example> Examples<E> {
    /// A dataset of `examples`.
    ///
    /// # Errors
    /// If there is none: `file` is then reported as empty.
    pub fn new(file: &Path, examples: Vec<E>) -> Result<Self, DataError> {
        if examples.is_empty() {
            return Err(DataError::Empty(file.into()));
        }
        Ok(Self {
            examples,
            notes: vec![],
            label_names: vec![],
        })
    }

    /// The same examples, with one more note about how they were read.
    pub fn with_note(mut self, note: impl Into<Message>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same examples, whose file names its labels, in the order of their numbers.
    pub fn with_label_names(mut self, names: Vec<String>) -> Self {
        self.label_names = names;
        self
    }

    /// The names of the labels in the order that the file gives; empty if it gives none, or has others too.
    pub(crate) fn label_names(&self) -> &[String] {
        let known: HashSet<&str> = self.label_names.iter().map(String::as_str).collect();
        let labels = self.examples.iter().flat_map(E::labels);
        match labels.into_iter().all(|label| known.contains(label)) {
            true => &self.label_names,
            false => &[],
        }
    }

    /// Notes about how they were read, for the user.
    pub fn notes(&self) -> &[Message] {
        &self.notes
    }

    /// The examples.
    pub fn examples(&self) -> &[E] {
        &self.examples
    }

    /// The examples, as a vector.
    pub fn into_vec(self) -> Vec<E> {
        self.examples
    }

    /// The number of examples, at least 1.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// The same dataset with each example changed.
    pub fn map(mut self, change: impl FnMut(E) -> E) -> Self {
        self.examples = self.examples.into_iter().map(change).collect();
        self
    }

    /// This dataset's examples, then the other's.
    pub fn concat(mut self, other: Self) -> Self {
        self.examples.extend(other.examples);
        self.notes.extend(other.notes);
        self
    }

    /// The examples that `keep` accepts.
    ///
    /// # Errors
    /// If it accepts none.
    pub fn filter(mut self, keep: impl Fn(&E) -> bool) -> Result<Self, DataError> {
        let none = self.examples[0]
            .source()
            .error(None, "there is nothing to train on in this file");
        self.examples.retain(keep);
        if self.examples.is_empty() {
            Err(none)
        } else {
            Ok(self)
        }
    }
}

#[cfg(feature = "files")]
impl<E: Example> Dataset<E> for Examples<E> {
    fn get(&self, index: usize) -> Result<E, DatasetError> {
        Ok(self.examples[index].clone())
    }

    fn len(&self) -> usize {
        self.examples.len()
    }
}
