//! Precision, recall and F1 of entities, as seqeval counts them in its strict mode with the scheme IOB2.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;

use datasets::scheme::entity_tag;

/// A range of words that form one entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity {
    /// What it is.
    pub kind: String,
    /// Its first word.
    pub start: usize,
    /// The word after its last.
    pub end: usize,
}

/// The entities of a sentence's BIO tags: each begins with `B-` and continues over the `I-` of the same kind. An `I-` that
/// continues nothing is not an entity (`seqeval.scheme.IOB2`).
///
/// ```
/// use bert_tasks::metrics::entities;
/// let found = entities(&["B-PER", "I-PER", "I-LOC", "O", "B-LOC"]);
/// let found: Vec<_> = found.iter().map(|e| (e.kind.as_str(), e.start, e.end)).collect();
/// assert_eq!(found, [("PER", 0, 2), ("LOC", 4, 5)]);
/// ```
pub fn entities(tags: &[&str]) -> Vec<Entity> {
    let mut all: Vec<Entity> = vec![];
    let mut open = false;
    for (word, tag) in tags.iter().enumerate() {
        let continued = all.last_mut().filter(|_| open);
        match (entity_tag(tag), continued) {
            (Some(("I", kind)), Some(entity)) if entity.kind == kind => entity.end = word + 1,
            (Some(("B", kind)), _) => {
                all.push(Entity {
                    kind: kind.into(),
                    start: word,
                    end: word + 1,
                });
                open = true;
            }
            _ => open = false,
        }
    }
    all
}

/// Numbers of entities: in the reference, found, and found correctly (same kind, same first and last word).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entities in the reference.
    pub gold: usize,
    /// Entities that were found.
    pub found: usize,
    /// Entities that were found and are in the reference.
    pub right: usize,
}

impl Counts {
    /// The share of the found entities that are right; 0 if none was found.
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }

    /// The share of the reference's entities that were found; 0 if there is none.
    pub fn recall(&self) -> f64 {
        self.right as f64 / self.gold.max(1) as f64
    }

    /// The harmonic mean of precision and recall; 0 where nothing is right.
    pub fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.gold + self.found).max(1) as f64
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            gold: self.gold + other.gold,
            found: self.found + other.found,
            right: self.right + other.right,
        }
    }
}

/// [`Counts`] over many sentences, of all entities (micro) and by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityCounts {
    /// By kind.
    pub kinds: BTreeMap<String, Counts>,
}

impl EntityCounts {
    /// Adds a sentence, by the BIO tags it has and those it was given.
    pub fn add(&mut self, gold: &[&str], found: &[&str]) {
        let gold: BTreeSet<Entity> = entities(gold).into_iter().collect();
        let found: BTreeSet<Entity> = entities(found).into_iter().collect();
        for entity in &gold {
            self.kinds.entry(entity.kind.clone()).or_default().gold += 1;
        }
        for entity in &found {
            let counts = self.kinds.entry(entity.kind.clone()).or_default();
            counts.found += 1;
            counts.right += usize::from(gold.contains(entity));
        }
    }

    /// Over all kinds.
    pub fn total(&self) -> Counts {
        self.kinds
            .values()
            .fold(Counts::default(), |sum, &counts| sum + counts)
    }
}

/// What the metrics of tagging need of one sentence, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentenceCounts {
    /// Words.
    pub words: usize,
    /// Words with the right tag.
    pub right: usize,
    /// Entities, if the tags are entity tags.
    pub entities: Option<Counts>,
}

impl SentenceCounts {
    /// Counts of no words; with counts of entities if `has_entities`.
    pub fn zero(has_entities: bool) -> Self {
        Self {
            entities: has_entities.then(Counts::default),
            ..Self::default()
        }
    }
}

impl Add for SentenceCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            words: self.words + other.words,
            right: self.right + other.right,
            entities: self.entities.zip(other.entities).map(|(a, b)| a + b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tags: &str) -> String {
        let tags: Vec<&str> = tags.split(' ').collect();
        let all = entities(&tags)
            .into_iter()
            .map(|e| format!("{}:{}-{}", e.kind, e.start, e.end));
        all.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ill_formed_tags_as_seqeval() {
        // [(e.tag, e.start, e.end) for e in seqeval.scheme.Tokens(tags, IOB2).entities]
        assert_eq!(shown("I-PER I-PER O"), "");
        assert_eq!(shown("B-PER I-LOC I-LOC"), "PER:0-1");
        assert_eq!(shown("B-PER I-LOC I-PER"), "PER:0-1");
        assert_eq!(shown("B-PER B-PER I-PER"), "PER:0-1 PER:1-3");
        assert_eq!(shown("B-PER O I-PER"), "PER:0-1");
        assert_eq!(shown("I-PER B-PER"), "PER:1-2");
        assert_eq!(shown("B I O B B O I"), "_:0-2 _:3-4 _:4-5");
    }

    #[test]
    fn counts_as_seqeval() {
        let gold = ["B-PER I-PER O B-LOC", "O B-ORG I-ORG O", "B-LOC B-LOC O I-LOC"];
        let found = ["B-PER I-PER O B-ORG", "O B-ORG O O", "B-LOC B-LOC I-LOC I-LOC"];
        let mut counts = EntityCounts::default();
        for (gold, found) in gold.iter().zip(found) {
            let (gold, found): (Vec<&str>, Vec<&str>) =
                (gold.split(' ').collect(), found.split(' ').collect());
            counts.add(&gold, &found);
        }
        let total = counts.total();
        assert_eq!(
            total,
            Counts {
                gold: 5,
                found: 5,
                right: 2
            }
        );
        // seqeval.metrics.f1_score(gold, found, mode='strict', scheme=IOB2)
        assert!((total.f1() - 0.4).abs() < 1e-15);
        assert_eq!(
            counts.kinds["ORG"],
            Counts {
                gold: 1,
                found: 2,
                right: 0
            }
        );
        assert_eq!(Counts::default().f1(), 0.0);
    }
}
