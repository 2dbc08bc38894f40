//! Datasets: examples in the order of their files, each with its source.

mod labels;
pub(crate) mod question;
pub mod scheme;
mod scored;
mod tagged;
mod text;

use std::path::Path;

#[cfg(feature = "files")]
use burn_dataset::{Dataset, DatasetError};
use serde::Serialize;

use crate::error::DataError;
use crate::message::Message;
use crate::source::Source;

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
}

/// At least one example, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examples<E> {
    examples: Vec<E>,
    notes: Vec<Message>,
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
        let notes = vec![];
        Ok(Self { examples, notes })
    }

    /// The same examples, with one more note about how they were read.
    pub fn with_note(mut self, note: impl Into<Message>) -> Self {
        self.notes.push(note.into());
        self
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

    /// The dataset without every `nth` example, and those examples.
    ///
    /// # Errors
    /// If there are fewer than `nth` examples, so that none would be held out.
    pub fn hold_out(self, nth: usize) -> Result<(Self, Self), DataError> {
        let rows = self.examples.len();
        if rows < nth {
            let reason =
                format!("only {rows} rows: too few to hold out every {nth}th; give a file for evaluation");
            return Err(self.examples[rows - 1].source().error(None, reason));
        }
        let (mut kept, mut held) = (vec![], vec![]);
        for (row, example) in self.examples.into_iter().enumerate() {
            if row % nth == nth - 1 {
                held.push(example);
            } else {
                kept.push(example);
            }
        }
        let kept = Self {
            examples: kept,
            notes: self.notes,
        };
        let held = Self {
            examples: held,
            notes: vec![],
        };
        Ok((kept, held))
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::examples::TextDataset;

    #[test]
    fn every_tenth_row_is_held_out() {
        let lines: String = (1..=25).map(|i| format!("text {i}\n")).collect();
        let all = TextDataset::from_lines(Path::new("in.txt"), lines.as_bytes()).unwrap();
        let (kept, held) = all.clone().hold_out(10).unwrap();
        assert_eq!((kept.len(), held.len()), (23, 2));
        assert_eq!(held.examples()[0].text, "text 10");
        assert!(held.hold_out(10).unwrap_err().to_string().contains("too few"));
    }
}
