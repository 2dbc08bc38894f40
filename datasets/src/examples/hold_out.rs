//! Holds out a part of a dataset for evaluation.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter;

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
        let count = self.len();
        let too_few = |why: String| {
            let reason = Message::new(format!("{why}; set "))
                .option("dev")
                .text(" to a file for evaluation");
            Err(self.examples()[count - 1].source().error(None, reason))
        };
        let wanted = (count as f64 * share).round() as usize;
        if count as f64 * share < 1.0 {
            let rows = if count == 1 { "row" } else { "rows" };
            return too_few(format!(
                "only {count} {rows}: too few to hold out {}%",
                (share * 1e4).round() / 1e2
            ));
        }
        let wanted = wanted.clamp(1, count - 1);
        let division = match self.is_stored() {
            true => self.divide_single(wanted)?,
            false => divide(self.examples(), wanted),
        };
        let held = division.held.iter().filter(|&&held| held).count();
        if held == 0 {
            return too_few("no example can be held out: each has a label that no other has".into());
        }
        let mut note = Message::new(format!(
            "{held} of {count} examples are held out at random for evaluation, {}the same for every seed (",
            division.how
        ));
        note = note.option("dev").text(" sets a file for evaluation instead)");
        let missing = self.missing(&division.held)?;
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
                format!("only {rows} rows: too few to hold out every {nth}th; give a file for evaluation");
            return Err(self.examples()[rows - 1].source().error(None, reason));
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

    /// Chooses about `wanted` single examples, without groups, in one pass over a temporary file.
    fn divide_single(&self, wanted: usize) -> Result<Division, DataError> {
        let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let (mut row, mut stratified) = (0, true);
        self.try_for_each(|example| {
            match example.labels()[..] {
                [label] => match rows.get_mut(label) {
                    Some(rows) => rows.push(row),
                    None => drop(rows.insert(label.to_owned(), vec![row])),
                },
                _ => stratified = false,
            }
            row += 1;
            Ok::<(), DataError>(())
        })?;
        Ok(match stratified {
            true => Division {
                held: by_label(rows.into_values().collect(), row, wanted),
                how: STRATIFIED,
            },
            false => Division {
                held: at_random(row, wanted),
                how: "",
            },
        })
    }

    /// A note about the labels that no held-out example has.
    fn missing(&self, held: &[bool]) -> Result<Option<String>, DataError> {
        let (mut all, mut there): (BTreeSet<String>, BTreeSet<String>) = Default::default();
        let mut held = held.iter();
        self.try_for_each(|example| {
            let held = held.next() == Some(&true);
            for label in example.labels() {
                for set in [Some(&mut all), Some(&mut there).filter(|_| held)] {
                    if let Some(set) = set.filter(|set| !set.contains(label)) {
                        set.insert(label.to_owned());
                    }
                }
            }
            Ok::<(), DataError>(())
        })?;
        let missing: Vec<&str> = all.difference(&there).map(String::as_str).collect();
        let more = if missing.len() > SHOWN { ", …" } else { "" };
        let shown = missing[..missing.len().min(SHOWN)].join(", ");
        Ok((!missing.is_empty()).then(|| {
            format!(
                "labels of which no example is held out, so that they are not evaluated: {} of {} ({shown}{more})",
                missing.len(),
                all.len()
            )
        }))
    }
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

/// Chooses about `wanted` of `examples`.
fn divide<E: Example>(examples: &[E], wanted: usize) -> Division {
    let levels = examples.iter().map(|example| example.groups().len()).min();
    for level in 0..levels.unwrap_or(0) {
        let (groups, how) = numbered(examples, level);
        if let Some(mut held) = whole_groups(&groups, wanted) {
            return_lost_labels(examples, &groups, &mut held);
            return Division { held, how };
        }
    }
    let single: Vec<usize> = (0..examples.len()).collect();
    let stratified = examples.iter().all(|example| example.labels().len() == 1);
    let mut held = match stratified {
        true => {
            let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (row, example) in examples.iter().enumerate() {
                rows.entry(example.labels()[0]).or_default().push(row);
            }
            by_label(rows.into_values().collect(), examples.len(), wanted)
        }
        false => at_random(examples.len(), wanted),
    };
    return_lost_labels(examples, &single, &mut held);
    Division {
        held,
        how: if stratified { STRATIFIED } else { "" },
    }
}

/// The number of each example's group on a level, and how groups are named.
fn numbered<E: Example>(examples: &[E], level: usize) -> (Vec<usize>, &'static str) {
    let mut numbers = HashMap::new();
    let mut how = "";
    let groups = examples.iter().map(|example| {
        let group = example.groups()[level];
        how = match group {
            Group::Document(_) => "in whole documents, ",
            Group::Passage(_) => "in whole passages, ",
        };
        let next = numbers.len();
        *numbers.entry(group).or_insert(next)
    });
    (groups.collect(), how)
}

/// Holds out whole groups, about `wanted` examples; `None` if the groups are too large for that.
fn whole_groups(groups: &[usize], wanted: usize) -> Option<Vec<bool>> {
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0; count];
    groups.iter().for_each(|&group| sizes[group] += 1);
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
    Some(groups.iter().map(|&group| chosen[group]).collect())
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

/// Returns groups to the training data that have a label which it lacks.
fn return_lost_labels<E: Example>(examples: &[E], groups: &[usize], held: &mut [bool]) {
    let kept = examples.iter().zip(held.iter()).filter(|(_, held)| !**held);
    let mut known: BTreeSet<&str> = kept.flat_map(|(example, _)| example.labels()).collect();
    let mut rows: Vec<Vec<usize>> = vec![vec![]; groups.iter().max().map_or(0, |last| last + 1)];
    for (row, &group) in groups.iter().enumerate().filter(|&(row, _)| held[row]) {
        rows[group].push(row);
    }
    for row in 0..examples.len() {
        let lost = |label: &&str| !known.contains(label);
        if held[row] && examples[row].labels().iter().any(lost) {
            for &other in &rows[groups[row]] {
                held[other] = false;
                known.extend(examples[other].labels());
            }
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
