//! From examples to rows of token ids, and from rows to a batch.

use std::fmt::Debug;

use bert_core::BertTokenizer;
use datasets::{Example, Message};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::collation::Collation;
use super::error::TaskError;
use super::input::ModelInput;

/// Examples to rows, which can be stored, and rows to the input and the targets of a batch.
pub trait Encode: Clone + Debug + Send + Sync + 'static {
    /// What the datasets hold.
    type Example: Example;
    /// One encoded input: an example, or a part of a long one. [`Row`](crate::Row) serves most tasks.
    type Row: EncodedRow;
    /// What the model reads: a batch on a device.
    type Input: ModelInput;
    /// What the model is to predict of one row.
    type Target: Clone + Debug + Send + Sync + 'static;

    /// The version of [`encode`](Self::encode): raise it with each change of its result, so that rows in a cache which
    /// an older version wrote are not used.
    const ENCODING: u32 = 1;

    /// Everything in the task that its rows depend on: a cache gives rows only to a task with the key of the task that
    /// made them. By default it is all of the task.
    fn cache_key(&self) -> String {
        format!("{self:?}")
    }

    /// The rows of `examples`, in their order, each of at most `max_length` tokens. The rows of an example follow each
    /// other, and each example has at least one.
    ///
    /// # Errors
    /// If `max_length` leaves no room for text, or the tokenizer refuses a text.
    fn encode(
        &self,
        examples: &[Self::Example],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Self::Row>, TaskError>;

    /// The input of a batch of `rows`, and their targets: one per row, or none if one of them is unknown.
    ///
    /// This is transformers' data collator. What is drawn at random here must be a function of
    /// [`Collation::draw`] alone, so that a resumed run sees the same batches.
    fn collate(&self, rows: &[Self::Row], context: &Collation<'_>) -> (Self::Input, Vec<Self::Target>);

    /// The rows that the training batch of `rows` reads besides them, by their numbers in the dataset: the articles of queries, for
    /// example. What is drawn at random here must be a function of [`Collation::draw`] alone.
    fn companions(&self, _rows: &[Self::Row], _context: &Collation<'_>) -> Vec<usize> {
        vec![]
    }

    /// As [`collate`](Self::collate), with the [`companions`](Self::companions) of the rows, in their order.
    fn collate_with(
        &self,
        rows: &[Self::Row],
        _companions: &[Self::Row],
        context: &Collation<'_>,
    ) -> (Self::Input, Vec<Self::Target>) {
        self.collate(rows, context)
    }

    /// Describes the examples that [`encode`](Self::encode) truncated, as the beginning of a note.
    fn truncation(&self) -> Message {
        Message::new("texts longer than ")
            .option("max_length")
            .text(" were truncated")
    }
}

/// A row as the sampler and the cache see it.
pub trait EncodedRow: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Whether rows can have [`keys`](Self::keys).
    const HAS_KEYS: bool = false;

    /// The number of the row's example in its dataset.
    fn example(&self) -> usize;

    /// Sets the number of the row's example, when a dataset is encoded in parts.
    fn set_example(&mut self, example: usize);

    /// The number of its tokens, without padding: batches are sorted and limited by it.
    fn tokens(&self) -> usize;

    /// Whether something was cut off.
    fn is_truncated(&self) -> bool;

    /// How many of its tokens have this id. A row that does not know has none.
    fn count_of(&self, _id: u32) -> usize {
        0
    }

    /// Whether the row's target is known.
    fn has_target(&self) -> bool {
        true
    }

    /// Whether training reads it only as a [companion](Encode::companions) of other rows, and makes no batch of it.
    fn is_companion(&self) -> bool {
        false
    }

    /// Two rows that have one of these in common never share a training batch.
    fn keys(&self) -> Vec<u64> {
        vec![]
    }

    /// Appends the bytes for the checksum of the training data: a run resumes only with the same rows.
    fn fingerprint(&self, bytes: &mut Vec<u8>) {
        serde_json::to_writer(bytes, self).expect("a row can be serialised");
    }
}
