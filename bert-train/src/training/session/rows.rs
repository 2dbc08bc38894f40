//! The encoded rows of a split.

use bert_core::BertTokenizer;
use bert_tasks::{Encode, EncodedRow, Task, TaskError};
use datasets::{Examples, Message};

use crate::data::EncodedDataset;
use crate::data::cache;
use crate::recipe::Recipe;

/// The rows of a split, from the cache if there is one; notes about them go to `notes`.
pub(super) fn encoded<K: Task>(
    (task, tokenizer, recipe): (&K, &BertTokenizer, &Recipe),
    what: &str,
    examples: &Examples<K::Example>,
    notes: &mut Vec<Message>,
) -> Result<EncodedDataset<K>, TaskError> {
    let mut add = |note: Message| notes.push(Message::new(format!("{what}: ")).message(note));
    let max_length = recipe.max_length;
    let rows = match &recipe.cache {
        Some(dir) => {
            let cached = cache::encode(dir, task, examples, tokenizer, max_length)?;
            add(cached.note);
            cached.rows
        }
        None => {
            let (rows, note) = cache::encode_once(task, examples, tokenizer, max_length)?;
            note.into_iter().for_each(&mut add);
            rows
        }
    };
    row_notes(task, &rows, tokenizer).into_iter().for_each(&mut add);
    Ok(rows)
}

/// Notes about encoded examples: those that were cut, and tokens that the vocabulary does not have.
pub fn row_notes<K: Encode>(task: &K, rows: &EncodedDataset<K>, tokenizer: &BertTokenizer) -> Vec<Message> {
    let notes = [truncated(task, rows), unknown(rows, tokenizer)];
    notes.into_iter().flatten().collect()
}

/// A note about a tokenizer that may have the wrong settings.
pub fn tokenizer_note(tokenizer: &BertTokenizer) -> Option<Message> {
    tokenizer.loses_capitals().then(|| {
        "the vocabulary has words with capital letters, but texts are lower-cased; for a cased model, \
         tokenizer_config.json must say \"do_lower_case\": false"
            .into()
    })
}

/// A note about unknown tokens, if they are more than 1 % of the first rows: as a rule the texts are in another language or
/// another script than the vocabulary.
fn unknown<K: Encode>(rows: &EncodedDataset<K>, tokenizer: &BertTokenizer) -> Option<Message> {
    const ROWS: usize = 10_000;
    let (mut unknown, mut all) = (0, 0);
    for row in rows.iter().take(ROWS) {
        unknown += row.count_of(tokenizer.unk_id());
        all += row.tokens();
    }
    (100 * unknown > all).then(|| {
        let share = 100.0 * unknown as f64 / all as f64;
        format!("the model's vocabulary lacks parts of the texts: {share:.1} % of the tokens are unknown")
            .into()
    })
}

/// A note about the examples that were truncated, if there are any.
pub fn truncated<K: Encode>(task: &K, rows: &EncodedDataset<K>) -> Option<Message> {
    let mut truncation = Truncation::default();
    truncation.count(rows);
    truncation.note(task)
}

/// Counts examples that were truncated, of one dataset or of several in turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Truncation {
    all: usize,
    truncated: usize,
}

impl Truncation {
    /// Counts the examples of `rows`.
    pub fn count<K: Encode>(&mut self, rows: &EncodedDataset<K>) {
        // An example's rows follow each other.
        let (mut before, mut truncated_before) = (None, None);
        for row in rows.iter() {
            let example = Some(row.example());
            self.all += usize::from(before != example);
            before = example;
            if row.is_truncated() {
                self.truncated += usize::from(truncated_before != example);
                truncated_before = example;
            }
        }
    }

    /// A note about them, if there are any.
    pub fn note<K: Encode>(&self, task: &K) -> Option<Message> {
        let Self { all, truncated } = self;
        (*truncated > 0).then(|| task.truncation().text(format!(": {truncated} of {all}")))
    }
}
