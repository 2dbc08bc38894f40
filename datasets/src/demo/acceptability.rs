//! Sentences that are English or nearly so: minimal pairs of the kinds in [`super::phenomena`].

use std::collections::HashSet;
use std::path::Path;

use super::first_sentences::HeldOut;
use super::grammar::{Grammar, Word, text};
use super::{DemoConfig, DemoCorpus, HELD_OUT, Random, count_repeat, phenomena};
use crate::examples::{Examples, Labels, TextExample};
use crate::source::Source;

/// Number of training sentences of the demo.
pub const TRAIN: usize = 112_000;

/// Words of the longest sentence.
const MAX_LENGTH: usize = 20;

/// A sentence with its label and phenomenon.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DemoExample {
    /// The sentence.
    pub text: String,
    /// Whether it is grammatical.
    pub acceptable: bool,
    /// The name of the phenomenon it follows or violates.
    pub phenomenon: &'static str,
}

/// An acceptable sentence and an unacceptable one.
pub type Pair = (DemoExample, DemoExample);

/// `unacceptable` (0) and `acceptable` (1).
pub fn labels() -> Labels {
    Labels::from_names(vec!["unacceptable".into(), "acceptable".into()]).expect("two labels")
}

/// Generates train and dev pairs. No sentence occurs twice, and train has none of the sentences that
/// [`first_sentences`](super::first_sentences) holds out.
///
/// # Panics
/// If the grammar cannot make that many.
pub fn pairs(config: &DemoConfig) -> (Vec<Pair>, Vec<Pair>) {
    let mut grammar = Grammar::new(config.seed);
    let mut seen = HashSet::new();
    // Dev is drawn first, so that it does not depend on the size of train.
    let held_out = HeldOut::first_sentences();
    let mut draw = |pairs: usize, dev| draw(&mut grammar, pairs.max(1), dev, &held_out, &mut seen);
    let dev = draw(config.dev / 2, true);
    let train = draw(config.train / 2, false);
    (train, dev)
}

fn draw(
    grammar: &mut Grammar,
    count: usize,
    dev: bool,
    held_out: &HeldOut,
    seen: &mut HashSet<String>,
) -> Vec<Pair> {
    let mut pairs = vec![];
    let mut repeats = 0;
    while pairs.len() < count {
        grammar.held_out = dev && (pairs.len() / phenomena::total()).is_multiple_of(HELD_OUT);
        let (phenomenon, mut pair) = phenomena::pair(grammar, pairs.len());
        let fits = |words: &[Word]| (1..=MAX_LENGTH).contains(&words.len());
        if grammar.random.once_in(3) {
            (pair.good, pair.bad) = (contracted(pair.good), contracted(pair.bad));
        }
        // Readers forget the full stop.
        let mark = if grammar.random.once_in(16) { "" } else { pair.mark };
        let (good, bad) = (text(&pair.good, mark), text(&pair.bad, mark));
        let listed = held_out.holds_out(&good, &pair.good) || held_out.holds_out(&bad, &pair.bad);
        if !fits(&pair.good)
            || !fits(&pair.bad)
            || good == bad
            || names_itself(&pair.good)
            || listed
            || seen.contains(&good)
            || seen.contains(&bad)
        {
            count_repeat(&mut repeats, count);
            continue;
        }
        repeats = 0;
        seen.insert(good.clone());
        seen.insert(bad.clone());
        let example = |text, acceptable| DemoExample {
            text,
            acceptable,
            phenomenon,
        };
        pairs.push((example(good, true), example(bad, false)));
    }
    pairs
}

/// Whether a pronoun that can only refer to one person is subject and object: `I see me.`, which is hardly English.
fn names_itself(words: &[Word]) -> bool {
    let count = |text: &str| words.iter().filter(|word| word.text == text).count();
    count("I") * count("me") > 0 || count("we") * count("us") > 0 || count("you") > 1
}

/// `I'm` for `I am` at the beginning.
fn contracted(mut words: Vec<Word>) -> Vec<Word> {
    const PRONOUNS: [&str; 7] = ["I", "you", "he", "she", "it", "we", "they"];
    let [first, second, _, ..] = &words[..] else {
        return words;
    };
    let short = match second.text.as_str() {
        "am" => "'m",
        "is" => "'s",
        "are" => "'re",
        "will" => "'ll",
        _ => return words,
    };
    if PRONOUNS.contains(&first.text.as_str()) {
        words[0].text += short;
        words.remove(1);
    }
    words
}

/// Generates the sentences as labelled texts: the pairs in random order, the acceptable sentence of each first.
pub fn generate(config: &DemoConfig) -> DemoCorpus {
    let (train, dev) = pairs(config);
    let labels = labels();
    let mut random = Random::new(config.seed ^ 0x5eed);
    let mut make = |split: &str, mut pairs: Vec<Pair>| {
        random.shuffle(&mut pairs);
        let source = Source::file(Path::new(&format!("demo {split}")));
        let sentences = pairs.into_iter().flat_map(|(good, bad)| [good, bad]);
        let examples = sentences.enumerate().map(|(at, example)| TextExample {
            text: example.text,
            second: None,
            label: Some(labels.name(usize::from(example.acceptable)).to_owned()),
            source: source.line(at + 1),
        });
        Examples::new(&source.file, examples.collect()).expect("a demo has examples")
    };
    DemoCorpus {
        train: make("train", train),
        dev: make("dev", dev),
    }
}
