//! What a division of a dataset depends on: a few numbers of each example.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Group;
use crate::error::DataError;
use crate::examples::{Example, Examples};

/// The groups and labels of the examples, without their texts.
#[derive(Default)]
pub(super) struct Outline {
    /// The number of each example's group, and how groups are named, on each level that all examples have.
    pub(super) levels: Vec<(Vec<u32>, &'static str)>,
    /// The labels' names with their numbers.
    pub(super) names: BTreeMap<String, u32>,
    /// The labels of all examples, one example after the other.
    labels: Vec<u32>,
    /// Where each example's labels end.
    ends: Vec<usize>,
}

impl Outline {
    /// Looks at the examples in one pass.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub(super) fn of<E: Example>(examples: &Examples<E>) -> Result<Self, DataError> {
        let mut outline = Self::default();
        // The groups of each level by the hash of what they share: hashes of 64 bits hardly ever collide.
        let mut known: Vec<HashMap<u64, u32>> = vec![];
        examples.try_for_each(|example| {
            for label in example.labels() {
                let number = outline.number(label);
                outline.labels.push(number);
            }
            outline.ends.push(outline.labels.len());
            let groups = example.groups();
            if outline.ends.len() == 1 {
                known.resize_with(groups.len(), HashMap::new);
                outline.levels = groups.iter().map(|group| (vec![], level_name(group))).collect();
            }
            known.truncate(groups.len());
            outline.levels.truncate(groups.len());
            for ((group, known), (numbers, _)) in groups.iter().zip(&mut known).zip(&mut outline.levels) {
                let mut hash = DefaultHasher::new();
                group.hash(&mut hash);
                let next = known.len() as u32;
                numbers.push(*known.entry(hash.finish()).or_insert(next));
            }
            Ok::<(), DataError>(())
        })?;
        Ok(outline)
    }

    /// The number of a label.
    fn number(&mut self, label: &str) -> u32 {
        if let Some(&number) = self.names.get(label) {
            return number;
        }
        let next = self.names.len() as u32;
        self.names.insert(label.to_owned(), next);
        next
    }

    /// The number of examples.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The labels of an example.
    pub(super) fn labels(&self, example: usize) -> &[u32] {
        let start = example.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.labels[start..self.ends[example]]
    }
}

/// How the groups of a level are named.
fn level_name(group: &Group<'_>) -> &'static str {
    match group {
        Group::Document(_) => "in whole documents, ",
        Group::Passage(_) => "in whole passages, ",
    }
}
