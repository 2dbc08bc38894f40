//! Synthetic English corpora, generated from a small grammar and lexicon. For each task a small model can learn them without
//! pre-training, and the labels depend on the structure of a sentence, not on single words.
//!
//! | module | task |
//! |---|---|
//! | [`acceptability`] | whether a sentence is grammatical |
//! | [`sentiment`] | whether a sentence is positive |
//! | [`inference`] | whether one sentence follows from another, contradicts it, or neither |
//! | [`similarity`] | how similar two sentences are, from 0 to 5 |
//! | [`tags`] | the part of speech of each word |
//! | [`questions`] | who, what, whom and where questions about a passage |
//! | [`news`] | which article answers a query |
//!
//! All corpora are the same on every machine. No sentence is in both train and dev, and some dev sentences use nouns that
//! the training sentences never use.
//!
//! # Acceptability
//!
//! [`phenomena`] has minimal pairs: an acceptable and an unacceptable sentence that differ in one thing, such as `The painters
//! work.` and `The painters works.` Only the structure shows the label, no single word does. All dev sentences are new, and
//! about one in eight has a noun that the training sentences never use, such as `climber`, whose word pieces are `climb` and
//! `##er`. The training sentences leave out what [`first_sentences`] holds out: what a reader would try first.
//!
//! ```
//! use datasets::demo::{DemoConfig, pairs};
//! let (train, _) = pairs(&DemoConfig::default());
//! let (good, bad) = &train[0];
//! assert_eq!(good.phenomenon, bad.phenomenon);
//! assert!(good.acceptable && !bad.acceptable);
//! ```

pub mod acceptability;
pub mod events;
pub mod first_sentences;
pub mod grammar;
pub mod inference;
pub mod lexicon;
pub mod news;
pub mod phenomena;
pub mod questions;
pub mod sentiment;
pub mod similarity;
pub mod tags;

use std::collections::HashSet;
use std::path::Path;

pub use crate::random::Random;
pub use acceptability::{DemoExample, Pair, generate, labels, pairs};
pub use lexicon::vocabulary;

use crate::examples::{Example, Examples, TextExample};
use crate::source::Source;
use grammar::Grammar;

/// One dev example in this many has nouns that train never uses.
const HELD_OUT: usize = 8;
/// Held-out nouns appear in blocks of this many examples: a multiple of the number of labels and forms of each corpus, so
/// that every label and form gets its share.
const BLOCK: usize = 24;

/// After this many repeated draws in a row, the grammar counts as exhausted.
const MAX_REPEATS: usize = 1_000_000;

/// Size and seed of a demo corpus. The generators panic if the grammar cannot make this many distinct examples (some tens of
/// thousands for each corpus).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoConfig {
    /// The same seed gives the same examples on every machine.
    pub seed: u64,
    /// Number of training examples, at least 1, with equal numbers of each label.
    pub train: usize,
    /// Number of dev examples, at least 1, with equal numbers of each label.
    pub dev: usize,
}

impl DemoConfig {
    /// `train` and `dev` examples with the default seed.
    pub fn of_size(train: usize, dev: usize) -> Self {
        Self {
            train,
            dev,
            ..Self::default()
        }
    }
}

impl Default for DemoConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            train: 8000,
            dev: 1000,
        }
    }
}

/// The generated examples, shuffled.
#[derive(Clone, Debug)]
pub struct DemoCorpus<E = TextExample> {
    /// The training data.
    pub train: Examples<E>,
    /// The dev data.
    pub dev: Examples<E>,
}

/// Draws train and dev examples; `draw` gets the number of the example. No example occurs twice, and train and dev share
/// none of their `sentences`.
fn splits<T>(
    config: &DemoConfig,
    draw: impl Fn(&mut Grammar, usize) -> T,
    sentences: impl Fn(&T) -> Vec<String>,
) -> (Vec<T>, Vec<T>) {
    let mut grammar = Grammar::new(config.seed);
    let (mut seen, mut dev_seen) = (HashSet::new(), HashSet::new());
    // Dev is drawn first, as in `pairs`.
    let (mut dev, mut repeats) = (vec![], 0);
    while dev.len() < config.dev.max(1) {
        grammar.held_out = (dev.len() / BLOCK).is_multiple_of(HELD_OUT);
        let drawn = draw(&mut grammar, dev.len());
        let all = sentences(&drawn);
        if seen.insert(all.clone()) {
            dev_seen.extend(all);
            dev.push(drawn);
            repeats = 0;
        } else {
            count_repeat(&mut repeats, config.dev);
        }
    }
    grammar.held_out = false;
    let mut train = vec![];
    while train.len() < config.train.max(1) {
        let drawn = draw(&mut grammar, train.len());
        let all = sentences(&drawn);
        if !all.iter().any(|sentence| dev_seen.contains(sentence)) && seen.insert(all) {
            train.push(drawn);
            repeats = 0;
        } else {
            count_repeat(&mut repeats, config.train);
        }
    }
    (train, dev)
}

/// Counts a draw that repeats an earlier one; panics after [`MAX_REPEATS`] in a row.
fn count_repeat(repeats: &mut usize, count: usize) {
    *repeats += 1;
    assert!(
        *repeats < MAX_REPEATS,
        "the grammar cannot make {count} distinct examples"
    );
}

/// The drawn items as examples, in random order.
fn dataset<T, E: Example>(
    config: &DemoConfig,
    name: &str,
    train: Vec<T>,
    dev: Vec<T>,
    example: impl Fn(T, Source) -> E,
) -> DemoCorpus<E> {
    let groups = |drawn: Vec<T>| drawn.into_iter().map(|item| [item]).collect();
    grouped_dataset(config, name, groups(train), groups(dev), example)
}

/// The same of groups of items, which stay together.
fn grouped_dataset<T, E: Example, const N: usize>(
    config: &DemoConfig,
    name: &str,
    train: Vec<[T; N]>,
    dev: Vec<[T; N]>,
    example: impl Fn(T, Source) -> E,
) -> DemoCorpus<E> {
    let mut random = Random::new(config.seed ^ 0x5eed);
    let mut make = |split: &str, mut drawn: Vec<[T; N]>| {
        random.shuffle(&mut drawn);
        let source = Source::file(Path::new(&format!("{name} {split}")));
        let examples = drawn.into_iter().flatten().enumerate();
        let examples = examples.map(|(at, drawn)| example(drawn, source.line(at + 1)));
        Examples::new(&source.file, examples.collect()).expect("a demo has examples")
    };
    DemoCorpus {
        train: make("train", train),
        dev: make("dev", dev),
    }
}

#[cfg(test)]
mod tests;
