//! English sentences of known acceptability, made here: a grammar of ten phenomena, each giving minimal pairs.
//!
//! A pair is an acceptable sentence and an unacceptable one that differ in one thing: `The painters work.` and
//! `The painters works.` No word tells the label; only the structure does. The sentences to judge by are all new, and
//! one in eight of them has a word that the sentences to learn from never show: a noun such as `climber`, whose pieces
//! `climb` and `##er` say what it is.
//!
//! ```
//! use datasets::demo::{DemoConfig, pairs};
//! let (train, _) = pairs(&DemoConfig::default());
//! let (good, bad) = &train[0];
//! assert_eq!(good.phenomenon, bad.phenomenon);
//! assert!(good.acceptable && !bad.acceptable);
//! ```

pub mod grammar;
pub mod lexicon;
pub mod phenomena;
mod random;

use std::collections::HashSet;
use std::path::Path;

pub use lexicon::vocabulary;
pub use random::Random;

use crate::examples::Source;
use crate::labels::Labels;
use crate::text::{TextDataset, TextExample};
use grammar::Grammar;
use phenomena::PHENOMENA;

/// One dev pair in this many has a noun that train never shows.
const HELD_OUT: usize = 8;

/// How many sentences, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoConfig {
    /// What the sentences are drawn from: the same seed gives the same sentences, on every machine.
    pub seed: u64,
    /// Sentences to learn from; half of them acceptable.
    pub train: usize,
    /// Sentences to judge by; half of them acceptable.
    pub dev: usize,
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

/// The generated sentences, shuffled.
#[derive(Clone, Debug)]
pub struct DemoCorpus {
    /// To learn from.
    pub train: TextDataset,
    /// To judge by.
    pub dev: TextDataset,
}

/// `unacceptable` (0) and `acceptable` (1).
pub fn labels() -> Labels {
    Labels::from_names(vec!["unacceptable".into(), "acceptable".into()]).expect("two labels")
}

/// Pairs to learn from and pairs to judge by; no sentence occurs twice.
pub fn pairs(config: &DemoConfig) -> (Vec<Pair>, Vec<Pair>) {
    let mut grammar = Grammar::new(config.seed);
    let mut seen = HashSet::new();
    // Dev first: a small train set never takes away what dev is made of, and dev stays the same when train grows.
    let dev = draw(&mut grammar, config.dev / 2, true, &mut seen);
    let train = draw(&mut grammar, config.train / 2, false, &mut seen);
    (train, dev)
}

fn draw(grammar: &mut Grammar, count: usize, dev: bool, seen: &mut HashSet<String>) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(count);
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
            continue;
        }
        seen.insert(good.text.clone());
        seen.insert(bad.text.clone());
        pairs.push((good, bad));
    }
    pairs
}

/// The sentences as labelled texts, in an order drawn from the seed.
pub fn generate(config: &DemoConfig) -> DemoCorpus {
    let (train, dev) = pairs(config);
    let mut random = Random::new(config.seed ^ 0x5eed);
    let mut dataset = |name: &str, pairs: Vec<Pair>| {
        let mut examples: Vec<DemoExample> = pairs.into_iter().flat_map(|(good, bad)| [good, bad]).collect();
        random.shuffle(&mut examples);
        let source = Source::file(Path::new(name));
        let labels = labels();
        let texts = examples.into_iter().enumerate().map(|(at, example)| TextExample {
            text: example.text,
            second: None,
            label: Some(labels.name(usize::from(example.acceptable)).to_owned()),
            source: source.line(at + 1),
        });
        TextDataset::new(&source.file, texts.collect()).expect("a demo has sentences")
    };
    DemoCorpus {
        train: dataset("demo train", train),
        dev: dataset("demo dev", dev),
    }
}

#[cfg(test)]
mod tests;
