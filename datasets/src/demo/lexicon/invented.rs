//! Invented words, as in Berko's test of what children know about endings (1958: "This is a wug. Now there are two wugs.").
//!
//! They are not in the vocabulary, so the tokenizer splits them into letters. A model that meets them in training learns to
//! read other unknown words by their place and their ending.

use std::sync::LazyLock;

use super::features::Kind;
use super::nouns::Noun;
use super::verbs::Verb;
use crate::demo::Random;

const COUNT: usize = 3000;

/// Invented nouns, for animals.
pub static NOUNS: LazyLock<Vec<Noun>> = LazyLock::new(|| {
    let mut random = Random::new(1958);
    (0..COUNT)
        .map(|_| Noun::invented(word(&mut random), Kind::Animal))
        .collect()
});

/// Invented verbs.
pub static VERBS: LazyLock<Vec<Verb>> = LazyLock::new(|| {
    let mut random = Random::new(1959);
    (0..COUNT)
        .map(|_| Verb::regular(word(&mut random), &[]))
        .collect()
});

/// Invented names.
pub static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut random = Random::new(1960);
    let name = |random: &mut Random| {
        let word = word(random);
        let capital = word[..1].to_uppercase() + &word[1..];
        &*capital.leak()
    };
    (0..COUNT).map(|_| name(&mut random)).collect()
});

/// One or two syllables with a regular plural and past tense. The text lives as long as the program.
fn word(random: &mut Random) -> &'static str {
    const FIRST: [&str; 24] = [
        "b", "bl", "br", "c", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "r",
        "sp", "t", "tr", "v", "z",
    ];
    const LAST: [&str; 12] = [
        "b", "ck", "ft", "g", "lt", "mp", "nd", "nk", "rd", "rk", "rt", "lm",
    ];
    const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "oo", "ee", "ai"];
    let mut word = String::new();
    if random.once_in(2) {
        word += random.pick(&FIRST);
        word += random.pick(&VOWELS);
    }
    word += random.pick(&FIRST);
    word += random.pick(&VOWELS);
    word += random.pick(&LAST);
    word.leak()
}
