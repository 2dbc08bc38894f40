//! Datasets: examples in the order of their files, each with its source.

mod hold_out;
mod labels;
mod passage;
pub(crate) mod question;
mod retrieval;
pub mod scheme;
mod scored;
#[cfg(feature = "files")]
mod stored;
pub mod tag_column;
mod tagged;
mod text;

use std::borrow::Cow;
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
pub use passage::{Passage, PassageDataset};
pub use question::{Answer, QuestionDataset, QuestionExample};
pub use retrieval::{Article, Collection, Grades, Identified, Judgements, Queries, Query, Ranked, Rankings};
pub use retrieval::{JudgedQuery, RetrievalDataset, RetrievalExample};
pub use scored::{ScoredDataset, ScoredExample};
#[cfg(feature = "files")]
pub(crate) use stored::Collector;
#[cfg(feature = "files")]
pub use stored::{Storable, StoredExamples};
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

/// How many examples are read at a time where they are not in memory.
pub const CHUNK: usize = 4096;

/// The most bytes of a text that is read to its end: a passage with its answer, a sentence whose words are tagged.
pub const MAX_BYTES: usize = 8 << 20;

/// The most words of a sentence.
#[cfg(feature = "files")]
pub(crate) const MAX_WORDS: usize = 1_000_000;

/// At least one example, in the order of the files. Those of a large file of texts are in a temporary file: read them with
/// [`chunks`](Self::chunks), so that memory does not follow the file.
#[derive(Clone, Debug)]
pub struct Examples<E> {
    storage: Storage<E>,
    notes: Vec<Message>,
    label_names: Vec<String>,
}

#[derive(Clone, Debug)]
enum Storage<E> {
    Memory(Vec<E>),
    #[cfg(feature = "files")]
    File(StoredExamples<E>),
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
        Ok(Self::of(Storage::Memory(examples)))
    }

    fn of(storage: Storage<E>) -> Self {
        Self {
            storage,
            notes: vec![],
            label_names: vec![],
        }
    }

    #[cfg(feature = "files")]
    fn stored(examples: StoredExamples<E>) -> Self {
        Self::of(Storage::File(examples))
    }

    /// The same records of a temporary file as examples of another type; `None` if they are in memory.
    #[cfg(feature = "files")]
    fn stored_as<F: Storable>(&self) -> Option<Examples<F>> {
        match &self.storage {
            Storage::Memory(_) => None,
            Storage::File(examples) => Some(Examples {
                storage: Storage::File(examples.read_as()),
                notes: self.notes.clone(),
                label_names: vec![],
            }),
        }
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
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub(crate) fn label_names(&self) -> Result<&[String], DataError> {
        let known: HashSet<&str> = self.label_names.iter().map(String::as_str).collect();
        let mut all = true;
        if !known.is_empty() {
            self.try_for_each(|example| {
                all &= example.labels().iter().all(|label| known.contains(label));
                Ok::<(), DataError>(())
            })?;
        }
        Ok(if all { &self.label_names } else { &[] })
    }

    /// Notes about how they were read, for the user.
    pub fn notes(&self) -> &[Message] {
        &self.notes
    }

    /// Whether the examples are in a temporary file.
    pub fn is_stored(&self) -> bool {
        match &self.storage {
            Storage::Memory(_) => false,
            #[cfg(feature = "files")]
            Storage::File(_) => true,
        }
    }

    /// The examples in their order, at most [`CHUNK`] at a time: in memory there are no more.
    pub fn chunks(&self) -> Box<dyn Iterator<Item = Result<Cow<'_, [E]>, DataError>> + '_> {
        match &self.storage {
            Storage::Memory(examples) => Box::new(examples.chunks(CHUNK).map(|some| Ok(Cow::Borrowed(some)))),
            #[cfg(feature = "files")]
            Storage::File(examples) => Box::new(examples.chunks().map(|some| some.map(Cow::Owned))),
        }
    }

    /// Calls `look` with each example in their order.
    ///
    /// # Errors
    /// If a temporary file cannot be read, or `look` fails.
    pub fn try_for_each<R: From<DataError>>(
        &self,
        mut look: impl FnMut(&E) -> Result<(), R>,
    ) -> Result<(), R> {
        for chunk in self.chunks() {
            chunk?.iter().try_for_each(&mut look)?;
        }
        Ok(())
    }

    /// All examples in memory. Those of a large file are read into it.
    ///
    /// # Panics
    /// If a temporary file cannot be read.
    pub fn examples(&self) -> &[E] {
        match &self.storage {
            Storage::Memory(examples) => examples,
            #[cfg(feature = "files")]
            Storage::File(examples) => examples.loaded(),
        }
    }

    /// The examples, as a vector.
    ///
    /// # Panics
    /// If a temporary file cannot be read.
    pub fn into_vec(self) -> Vec<E> {
        match self.storage {
            Storage::Memory(examples) => examples,
            #[cfg(feature = "files")]
            Storage::File(examples) => examples.loaded().to_vec(),
        }
    }

    /// The number of examples, at least 1.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        match &self.storage {
            Storage::Memory(examples) => examples.len(),
            #[cfg(feature = "files")]
            Storage::File(examples) => examples.len(),
        }
    }

    /// The first example.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub fn first(&self) -> Result<Cow<'_, E>, DataError> {
        let chunk = self.chunks().next().expect("there is at least one example")?;
        Ok(match chunk {
            Cow::Borrowed(some) => Cow::Borrowed(&some[0]),
            Cow::Owned(mut some) => Cow::Owned(some.swap_remove(0)),
        })
    }

    /// The example with this number.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn get(&self, number: usize) -> Result<Cow<'_, E>, DataError> {
        match &self.storage {
            Storage::Memory(examples) => Ok(Cow::Borrowed(&examples[number])),
            #[cfg(feature = "files")]
            Storage::File(examples) => examples.get(number).map(Cow::Owned),
        }
    }

    /// The same dataset with each example changed.
    ///
    /// # Errors
    /// If a temporary file cannot be read or written.
    pub fn map(self, change: impl FnMut(E) -> E) -> Result<Self, DataError> {
        let storage = match self.storage {
            Storage::Memory(examples) => Storage::Memory(examples.into_iter().map(change).collect()),
            #[cfg(feature = "files")]
            Storage::File(examples) => examples.map(change)?.storage,
        };
        Ok(Self { storage, ..self })
    }

    /// This dataset's examples, then the other's.
    ///
    /// # Panics
    /// If a temporary file cannot be read.
    pub fn concat(self, other: Self) -> Self {
        let notes = [self.notes.clone(), other.notes.clone()].concat();
        let label_names = self.label_names.clone();
        let mut examples = self.into_vec();
        examples.extend(other.into_vec());
        Self {
            storage: Storage::Memory(examples),
            notes,
            label_names,
        }
    }

    /// The examples that `keep` accepts.
    ///
    /// # Errors
    /// If it accepts none, or a temporary file cannot be read.
    pub fn filter(mut self, keep: impl Fn(&E) -> bool) -> Result<Self, DataError> {
        let mut kept = Vec::with_capacity(self.len());
        self.try_for_each(|example| {
            kept.push(keep(example));
            Ok::<(), DataError>(())
        })?;
        if !kept.contains(&true) {
            let source = self.first()?.source().clone();
            return Err(source.error(None, "there is nothing to train on in this file"));
        }
        self.storage = self.storage.divide(&kept).1;
        Ok(self)
    }
}

impl<E: Example> Storage<E> {
    /// The examples at the places of `chosen` that are `false`, and those that are `true`.
    fn divide(self, chosen: &[bool]) -> (Self, Self) {
        match self {
            Storage::Memory(examples) => {
                let mut parts = [vec![], vec![]];
                for (example, chosen) in examples.into_iter().zip(chosen) {
                    parts[usize::from(*chosen)].push(example);
                }
                let [others, chosen] = parts;
                (Storage::Memory(others), Storage::Memory(chosen))
            }
            #[cfg(feature = "files")]
            Storage::File(examples) => {
                let part =
                    |wanted| Storage::File(examples.select(chosen.iter().map(|chosen| *chosen == wanted)));
                (part(false), part(true))
            }
        }
    }
}

impl<E: Example + PartialEq> PartialEq for Examples<E> {
    fn eq(&self, other: &Self) -> bool {
        self.notes == other.notes
            && self.label_names == other.label_names
            && self.examples() == other.examples()
    }
}

impl<E: Example + Eq> Eq for Examples<E> {}

#[cfg(feature = "files")]
impl<E: Example> Dataset<E> for Examples<E> {
    fn get(&self, index: usize) -> Result<E, DatasetError> {
        Ok(self.examples()[index].clone())
    }

    fn len(&self) -> usize {
        Examples::len(self)
    }
}
