//! The encoded rows of a split.

use bert_core::BertTokenizer;
use bert_tasks::{EncodedRow, Task, TaskError};
use datasets::Examples;

use crate::data::EncodedDataset;
use crate::data::cache;
use crate::flag::flag;
use crate::recipe::Recipe;

/// The encoded rows of so many examples are kept in a temporary file instead of in memory.
const LARGE: usize = 300_000;

/// The rows of a split, from the cache if there is one; notes about them go to `notes`.
pub(super) fn encoded<K: Task>(
    (task, tokenizer, recipe): (&K, &BertTokenizer, &Recipe),
    what: &str,
    examples: &Examples<K::Example>,
    notes: &mut Vec<String>,
) -> Result<EncodedDataset<K>, TaskError> {
    let mut note = |note: String| notes.push(format!("{what}: {note}"));
    let max_length = recipe.max_length;
    let large = examples.is_stored() || examples.len() >= LARGE;
    let rows = match &recipe.cache {
        Some(dir) => {
            let cached = cache::encode(dir, task, examples, tokenizer, max_length)?;
            note(cached.note);
            cached.rows
        }
        None if large => {
            let cached = cache::encode_temporarily(task, examples, tokenizer, max_length)?;
            note(cached.note);
            cached.rows
        }
        None => EncodedDataset::encode(task, examples.examples(), tokenizer, max_length)?,
    };
    truncated(task, &rows).into_iter().for_each(&mut note);
    Ok(rows)
}

/// A note about the examples that were cut, if there are any.
pub fn truncated<K: Task>(task: &K, rows: &EncodedDataset<K>) -> Option<String> {
    let (mut all, mut cut) = (0, 0);
    // An example's rows follow each other.
    let (mut example, mut cut_example) = (None, None);
    for row in rows.iter() {
        let number = Some(row.example());
        all += usize::from(example != number);
        example = number;
        if row.is_truncated() {
            cut += usize::from(cut_example != number);
            cut_example = number;
        }
    }
    (cut > 0).then(|| format!("{}: {cut} of {all}", task.truncation().render(flag)))
}
