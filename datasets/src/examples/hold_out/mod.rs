//! Holds out a part of a dataset for evaluation.

mod outline;

use std::collections::HashMap;
use std::iter;

use self::outline::Outline;
use super::{Example, Examples};
use crate::error::DataError;
use crate::message::Message;
use crate::random::Random;

/// Fixed, so that runs with different seeds are compared on the same examples.
const SEED: u64 = 1;
/// The most labels that a note names.
const SHOWN: usize = 10;

/// What several examples share. A hold-out keeps such examples together, so that none of them is evaluated on a text that
/// another was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group<'a> {
    /// The number of a document in the file.
    Document(u32),
    /// The passage that several questions are about.
    Passage(&'a str),
}

impl<E: Example> Examples<E> {
    /// Divides the dataset into training and evaluation data: holds out a random `share` of the examples, between 0 and
    /// 1, in the order of the file. The same examples always give the same division.
    ///
    /// Whole documents are held out if the file has several, else whole passages of questions, unless these are too
    /// large. Single examples are drawn in proportion to their labels. Every label that occurs is in the training data;
    /// a note names labels that the evaluation data lacks.
    ///
    /// # Errors
    /// If the share is less than one example, or no example can be held out without losing its label for training.
    pub fn hold_out(self, share: f64) -> Result<(Self, Self), DataError> {
        self.hold_out_at_most(share, usize::MAX)
    }

    /// As [`hold_out`](Self::hold_out), but no more than about `most` examples: a large corpus needs no larger evaluation, and
    /// evaluation data is kept in memory.
    ///
    /// # Errors
    /// As [`hold_out`](Self::hold_out).
    pub fn hold_out_at_most(self, share: f64, most: usize) -> Result<(Self, Self), DataError> {
        let count = self.len();
        let too_few = |why: String| -> Result<(Self, Self), DataError> {
            let reason = Message::new(format!("{why}; set "))
                .option("dev")
                .text(" to a file for evaluation");
            Err(self.get(count - 1)?.source().error(None, reason))
        };
        let wanted = (count as f64 * share).round() as usize;
        if count as f64 * share < 1.0 {
            let rows = if count == 1 { "row" } else { "rows" };
            return too_few(format!(
                "only {count} {rows}: too few to hold out {}%",
                (share * 1e4).round() / 1e2
            ));
        }
        let wanted = wanted.clamp(1, count - 1).min(most.max(1));
        let outline = Outline::of(&self)?;
        let division = divide(&outline, wanted);
        let held = division.held.iter().filter(|&&held| held).count();
        if held == 0 {
            return too_few("no example can be held out: each has a label that no other has".into());
        }
        let mut note = Message::new(format!(
            "{held} of {count} examples are held out at random for evaluation, {}the same for every seed (",
            division.how
        ));
        note = note.option("dev").text(" sets a file for evaluation instead)");
        let missing = missing(&outline, &division.held);
        let notes = iter::once(note).chain(missing.map(Message::from)).collect();
        Ok(self.divided(&division.held, notes))
    }

    /// The dataset without every `nth` example, and those examples: the division of earlier versions.
    ///
    /// # Errors
    /// If there are fewer than `nth` examples, so that none would be held out.
    pub fn hold_out_every(self, nth: usize) -> Result<(Self, Self), DataError> {
        let rows = self.len();
        if rows < nth {
            let reason =
                format!("too few rows ({rows}) to hold out every {nth}th; give a file for evaluation");
            return Err(self.get(rows - 1)?.source().error(None, reason));
        }
        let held: Vec<bool> = (0..rows).map(|row| row % nth == nth - 1).collect();
        Ok(self.divided(&held, vec![]))
    }

    /// The examples that are not held out, and those that are, with `notes`.
    fn divided(self, held: &[bool], notes: Vec<Message>) -> (Self, Self) {
        let (train, dev) = self.storage.divide(held);
        let train = Self {
            storage: train,
            notes: self.notes,
            label_names: self.label_names.clone(),
        };
        let dev = Self {
            storage: dev,
            notes,
            label_names: self.label_names,
        };
        (train, dev)
    }
}

/// A note about the labels that no held-out example has.
fn missing(outline: &Outline, held: &[bool]) -> Option<String> {
    let mut there = vec![false; outline.names.len()];
    for row in (0..held.len()).filter(|&row| held[row]) {
        outline
            .labels(row)
            .iter()
            .for_each(|&label| there[label as usize] = true);
    }
    let missing = outline.names.iter().filter(|(_, label)| !there[**label as usize]);
    let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
    let more = if missing.len() > SHOWN { ", …" } else { "" };
    let shown = missing[..missing.len().min(SHOWN)].join(", ");
    (!missing.is_empty()).then(|| {
        format!(
            "labels without evaluation data, as no example was held out: {} of {} ({shown}{more})",
            missing.len(),
            outline.names.len()
        )
    })
}

/// How single examples with one label each are chosen.
const STRATIFIED: &str = "in proportion to the labels, ";

/// Which examples are held out.
struct Division {
    /// One per example.
    held: Vec<bool>,
    /// How they were chosen, as a part of a sentence.
    how: &'static str,
}

/// Chooses about `wanted` of the examples.
fn divide(outline: &Outline, wanted: usize) -> Division {
    for (groups, how) in &outline.levels {
        if let Some(mut held) = whole_groups(groups, wanted) {
            return_lost_labels(outline, Some(groups), &mut held);
            return Division { held, how };
        }
    }
    let count = outline.len();
    let stratified = (0..count).all(|row| outline.labels(row).len() == 1);
    let mut held = match stratified {
        true => {
            let mut rows = vec![vec![]; outline.names.len()];
            (0..count).for_each(|row| rows[outline.labels(row)[0] as usize].push(row));
            // In the order of the names.
            let rows = outline
                .names
                .values()
                .map(|&label| std::mem::take(&mut rows[label as usize]));
            by_label(rows.collect(), count, wanted)
        }
        false => at_random(count, wanted),
    };
    return_lost_labels(outline, None, &mut held);
    Division {
        held,
        how: if stratified { STRATIFIED } else { "" },
    }
}

/// Holds out whole groups, about `wanted` examples; `None` if the groups are too large for that.
fn whole_groups(groups: &[u32], wanted: usize) -> Option<Vec<bool>> {
    let count = groups.iter().max().map_or(0, |&last| last as usize + 1);
    let mut sizes = vec![0; count];
    groups.iter().for_each(|&group| sizes[group as usize] += 1);
    let mut order: Vec<usize> = (0..count).collect();
    Random::new(SEED).shuffle(&mut order);
    let mut chosen = vec![false; count];
    let mut held = 0;
    for group in order {
        if held + sizes[group] <= wanted {
            held += sizes[group];
            chosen[group] = true;
        }
    }
    if 2 * held < wanted {
        let (smallest, size) = sizes.iter().enumerate().min_by_key(|(_, size)| **size)?;
        if count < 2 || *size > 2 * wanted {
            return None;
        }
        chosen.fill(false);
        chosen[smallest] = true;
    }
    Some(groups.iter().map(|&group| chosen[group as usize]).collect())
}

/// Holds out `wanted` of `count` examples.
fn at_random(count: usize, wanted: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..count).collect();
    Random::new(SEED).shuffle(&mut order);
    mask(count, &order[..wanted])
}

/// Holds out `wanted` of `count` examples of one label each, in proportion to the labels, but never the only example of a
/// label. `rows` are the examples of each label, the labels sorted.
fn by_label(rows: Vec<Vec<usize>>, count: usize, wanted: usize) -> Vec<bool> {
    // The largest remainder method: each label gets its share rounded down, then those with the largest rest get one more.
    let share = |of_label: usize| of_label as f64 * wanted as f64 / count as f64;
    let mut counts: Vec<usize> = rows
        .iter()
        .map(|rows| (share(rows.len()) as usize).min(rows.len() - 1))
        .collect();
    let sizes: Vec<usize> = rows.iter().map(Vec::len).collect();
    let rest = |label: usize| share(sizes[label]) - counts[label] as f64;
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| rest(b).total_cmp(&rest(a)));
    let mut left = wanted - counts.iter().sum::<usize>();
    loop {
        let before = left;
        for &label in &order {
            if left > 0 && counts[label] + 1 < sizes[label] {
                counts[label] += 1;
                left -= 1;
            }
        }
        if left == 0 || left == before {
            break;
        }
    }
    let mut random = Random::new(SEED);
    let mut held = vec![];
    for (mut rows, count) in rows.into_iter().zip(counts) {
        random.shuffle(&mut rows);
        held.extend_from_slice(&rows[..count]);
    }
    mask(count, &held)
}

/// Returns groups to the training data that have a label which it lacks; single examples without `groups`.
fn return_lost_labels(outline: &Outline, groups: Option<&[u32]>, held: &mut [bool]) {
    let mut known = vec![false; outline.names.len()];
    let learn = |known: &mut [bool], row: usize| {
        let labels = outline.labels(row).iter();
        labels.for_each(|&label| known[label as usize] = true);
    };
    (0..held.len())
        .filter(|&row| !held[row])
        .for_each(|row| learn(&mut known, row));
    // The held-out examples of each group.
    let mut rows: HashMap<u32, Vec<usize>> = HashMap::new();
    if let Some(groups) = groups {
        for row in (0..held.len()).filter(|&row| held[row]) {
            rows.entry(groups[row]).or_default().push(row);
        }
    }
    for row in 0..held.len() {
        if !held[row] || outline.labels(row).iter().all(|&label| known[label as usize]) {
            continue;
        }
        let single = [row];
        let returned = groups
            .and_then(|groups| rows.get(&groups[row]))
            .map_or(&single[..], Vec::as_slice);
        for &other in returned {
            held[other] = false;
            learn(&mut known, other);
        }
    }
}

/// `count` values, true at `indices`.
fn mask(count: usize, indices: &[usize]) -> Vec<bool> {
    let mut mask = vec![false; count];
    indices.iter().for_each(|&index| mask[index] = true);
    mask
}

#[cfg(test)]
mod tests;
