//! English sentences of which everything is known, made here from one small grammar and lexicon: for each task something
//! that a small model can learn without pre-training, and that depends on structure and not on single words.
//!
//! | module | task |
//! |---|---|
//! | this one | whether a sentence is English |
//! | [`sentiment`] | whether a sentence praises |
//! | [`inference`] | whether one sentence follows from another, contradicts it, or neither |
//! | [`similarity`] | in how much two sentences agree, from 0 to 5 |
//! | [`tags`] | every word's part of speech |
//! | [`questions`] | who, what, whom and where, in a passage |
//!
//! All are the same on every machine, have no sentence both for training and for evaluation, and are partly evaluated on nouns that
//! the training sentences never show.
//!
//! # Acceptability
//!
//! A grammar of ten phenomena, each giving minimal pairs. A pair is an acceptable sentence and an unacceptable one that
//! differ in one thing: `The painters work.` and `The painters works.` No word tells the label; only the structure does.
//! The evaluation sentences are all new, and one in eight of them has a word that the training sentences never
//! show: a noun such as `climber`, whose pieces `climb` and `##er` say what it is.
//!
//! ```
//! use datasets::demo::{DemoConfig, pairs};
//! let (train, _) = pairs(&DemoConfig::default());
//! let (good, bad) = &train[0];
//! assert_eq!(good.phenomenon, bad.phenomenon);
//! assert!(good.acceptable && !bad.acceptable);
//! ```

pub mod events;
pub mod grammar;
pub mod inference;
pub mod lexicon;
pub mod phenomena;
pub mod questions;
mod random;
pub mod sentiment;
pub mod similarity;
pub mod tags;

use std::collections::HashSet;
use std::path::Path;

pub use lexicon::vocabulary;
pub use random::Random;

use crate::examples::{Example, Examples, Labels, TextExample};
use crate::source::Source;
use grammar::Grammar;
use phenomena::PHENOMENA;

/// One dev example in this many has nouns that train never shows.
const HELD_OUT: usize = 8;
/// New nouns come in stretches of this many, a multiple of the number of labels and forms of each corpus.
const STRETCH: usize = 24;

/// Draws in a row that bring nothing new, after which there is nothing new.
const VAIN: usize = 1_000_000;

/// How many examples, and which: more than the grammar makes of a kind, some ten thousands, are a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoConfig {
    /// What they are drawn from: the same seed gives the same examples, on every machine.
    pub seed: u64,
    /// Training examples; as many of each label, and one at least.
    pub train: usize,
    /// Evaluation examples; as many of each label, and one at least.
    pub dev: usize,
}

impl DemoConfig {
    /// So many examples, of the usual seed.
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

/// A sentence with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DemoExample {
    /// The sentence.
    pub text: String,
    /// Whether it is English.
    pub acceptable: bool,
    /// The name of the phenomenon it shows, or breaks.
    pub phenomenon: &'static str,
}

/// An acceptable sentence and an unacceptable one.
pub type Pair = (DemoExample, DemoExample);

/// The generated examples, shuffled.
#[derive(Clone, Debug)]
pub struct DemoCorpus<E = TextExample> {
    /// The training data.
    pub train: Examples<E>,
    /// The evaluation data.
    pub dev: Examples<E>,
}

/// `unacceptable` (0) and `acceptable` (1).
pub fn labels() -> Labels {
    Labels::from_names(vec!["unacceptable".into(), "acceptable".into()]).expect("two labels")
}

/// Pairs for training and pairs for evaluation; no sentence occurs twice.
///
/// # Panics
/// If there are not as many.
pub fn pairs(config: &DemoConfig) -> (Vec<Pair>, Vec<Pair>) {
    let mut grammar = Grammar::new(config.seed);
    let mut seen = HashSet::new();
    // Dev first: a small train set never takes away what dev is made of, and dev stays the same when train grows.
    let dev = draw(&mut grammar, (config.dev / 2).max(1), true, &mut seen);
    let train = draw(&mut grammar, (config.train / 2).max(1), false, &mut seen);
    (train, dev)
}

fn draw(grammar: &mut Grammar, count: usize, dev: bool, seen: &mut HashSet<String>) -> Vec<Pair> {
    let mut pairs = vec![];
    let mut vain = 0;
    while pairs.len() < count {
        let (phenomenon, make) = PHENOMENA[pairs.len() % PHENOMENA.len()];
        grammar.held_out = dev && (pairs.len() / PHENOMENA.len()).is_multiple_of(HELD_OUT);
        let (good, bad) = make(grammar);
        let example = |words: Vec<String>, acceptable| DemoExample {
            text: grammar::sentence(&words),
            acceptable,
            phenomenon,
        };
        let (good, bad) = (example(good, true), example(bad, false));
        if seen.contains(&good.text) || seen.contains(&bad.text) || good.text == bad.text {
            hope(&mut vain, count);
            continue;
        }
        vain = 0;
        seen.insert(good.text.clone());
        seen.insert(bad.text.clone());
        pairs.push((good, bad));
    }
    pairs
}

/// The sentences as labelled texts, in an order drawn from the seed.
pub fn generate(config: &DemoConfig) -> DemoCorpus {
    let (train, dev) = pairs(config);
    let sentences = |pairs: Vec<Pair>| pairs.into_iter().flat_map(|(good, bad)| [good, bad]).collect();
    let labels = labels();
    dataset(
        config,
        "demo",
        sentences(train),
        sentences(dev),
        |example, source| TextExample {
            text: example.text,
            second: None,
            label: Some(labels.name(usize::from(example.acceptable)).to_owned()),
            source,
        },
    )
}

/// What `draw` makes of each number, for training and for evaluation. Nothing occurs twice, and none of the `sentences` of
/// one is among those of the other.
fn splits<T>(
    config: &DemoConfig,
    draw: impl Fn(&mut Grammar, usize) -> T,
    sentences: impl Fn(&T) -> Vec<String>,
) -> (Vec<T>, Vec<T>) {
    let mut grammar = Grammar::new(config.seed);
    let (mut seen, mut judged) = (HashSet::new(), HashSet::new());
    // Dev first, as above.
    let (mut dev, mut vain) = (vec![], 0);
    while dev.len() < config.dev.max(1) {
        grammar.held_out = (dev.len() / STRETCH).is_multiple_of(HELD_OUT);
        let drawn = draw(&mut grammar, dev.len());
        let all = sentences(&drawn);
        if seen.insert(all.clone()) {
            judged.extend(all);
            dev.push(drawn);
            vain = 0;
        } else {
            hope(&mut vain, config.dev);
        }
    }
    grammar.held_out = false;
    let mut train = vec![];
    while train.len() < config.train.max(1) {
        let drawn = draw(&mut grammar, train.len());
        let all = sentences(&drawn);
        if !all.iter().any(|sentence| judged.contains(sentence)) && seen.insert(all) {
            train.push(drawn);
            vain = 0;
        } else {
            hope(&mut vain, config.train);
        }
    }
    (train, dev)
}

/// Counts another draw in vain.
fn hope(vain: &mut usize, count: usize) {
    *vain += 1;
    assert!(
        *vain < VAIN,
        "the grammar does not make {count} examples of which none is twice"
    );
}

/// Examples of what was drawn, in an order drawn from the seed.
fn dataset<T, E: Example>(
    config: &DemoConfig,
    name: &str,
    train: Vec<T>,
    dev: Vec<T>,
    example: impl Fn(T, Source) -> E,
) -> DemoCorpus<E> {
    let mut random = Random::new(config.seed ^ 0x5eed);
    let mut make = |split: &str, mut drawn: Vec<T>| {
        random.shuffle(&mut drawn);
        let source = Source::file(Path::new(&format!("{name} {split}")));
        let examples = drawn.into_iter().enumerate();
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
