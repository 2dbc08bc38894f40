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
    row_notes(task, &rows, tokenizer).into_iter().for_each(&mut note);
    Ok(rows)
}

/// Notes about encoded examples: those that were cut, and tokens that the vocabulary does not have.
pub fn row_notes<K: Task>(task: &K, rows: &EncodedDataset<K>, tokenizer: &BertTokenizer) -> Vec<String> {
    let notes = [truncated(task, rows), unknown(rows, tokenizer)];
    notes.into_iter().flatten().collect()
}

/// A note about a tokenizer that may have the wrong settings.
pub fn tokenizer_note(tokenizer: &BertTokenizer) -> Option<String> {
    tokenizer.loses_capitals().then(|| {
        "the vocabulary has words with capital letters, but texts are lower-cased; for a cased model, \
         tokenizer_config.json must say \"do_lower_case\": false"
            .into()
    })
}

/// A note about unknown tokens, if they are more than 1 % of the first rows: as a rule the texts are in another language or
/// another script than the vocabulary.
fn unknown<K: Task>(rows: &EncodedDataset<K>, tokenizer: &BertTokenizer) -> Option<String> {
    const ROWS: usize = 10_000;
    let (mut unknown, mut all) = (0, 0);
    for row in rows.iter().take(ROWS) {
        unknown += row.count_of(tokenizer.unk_id());
        all += row.tokens();
    }
    (100 * unknown > all).then(|| {
        let share = 100.0 * unknown as f64 / all as f64;
        format!("the model's vocabulary lacks parts of the texts: {share:.1} % of the tokens are [UNK]")
    })
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
