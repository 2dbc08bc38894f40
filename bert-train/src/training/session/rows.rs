//! The encoded rows of a split.

use bert_core::BertTokenizer;
use bert_tasks::{EncodedRow, Task, TaskError};
use datasets::Examples;

use crate::data::EncodedDataset;
use crate::data::cache;
use crate::flag::flag;
use crate::recipe::Recipe;

/// The rows of a split, from the cache if there is one; notes about them go to `notes`.
pub(super) fn encoded<K: Task>(
    (task, tokenizer, recipe): (&K, &BertTokenizer, &Recipe),
    what: &str,
    examples: &Examples<K::Example>,
    notes: &mut Vec<String>,
) -> Result<EncodedDataset<K>, TaskError> {
    let mut note = |note: String| notes.push(format!("{what}: {note}"));
    let (examples, max_length) = (examples.examples(), recipe.max_length);
    let rows = match &recipe.cache {
        Some(dir) => {
            let cached = cache::encode(dir, task, examples, tokenizer, max_length)?;
            note(cached.note);
            cached.rows
        }
        None => EncodedDataset::encode(task, examples, tokenizer, max_length)?,
    };
    truncated(task, &rows).into_iter().for_each(&mut note);
    Ok(rows)
}

/// A note about the examples that were cut, if there are any.
pub fn truncated<K: Task>(task: &K, rows: &EncodedDataset<K>) -> Option<String> {
    let (mut all, mut cut) = (vec![], vec![]);
    for row in rows.iter() {
        all.push(row.example());
        cut.extend(row.is_truncated().then_some(row.example()));
    }
    // An example's rows follow each other.
    all.dedup();
    cut.dedup();
    (!cut.is_empty()).then(|| {
        format!(
            "{}: {} of {}",
            task.truncation().render(flag),
            cut.len(),
            all.len()
        )
    })
}
