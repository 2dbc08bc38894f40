//! The grammatical phenomena. Each function makes a minimal pair: an acceptable and an unacceptable sentence that differ in
//! one thing.

mod agreement;
mod attractors;
mod copula;
mod determiners;
mod embedding;
mod negation;
mod pronouns;
mod questions;
mod relative_clauses;
mod valence;
mod verb_forms;
mod word_order;

use super::grammar::{Clause, Grammar, Word};

/// An acceptable and an unacceptable sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinimalPair {
    /// The words of the acceptable sentence.
    pub good: Vec<Word>,
    /// The words of the unacceptable sentence.
    pub bad: Vec<Word>,
    /// The mark at the end of both.
    pub mark: &'static str,
}

impl MinimalPair {
    /// Two statements.
    fn statements(good: Vec<Word>, bad: Vec<Word>) -> Self {
        Self { good, bad, mark: "." }
    }

    /// Two questions.
    fn questions(good: Vec<Word>, bad: Vec<Word>) -> Self {
        Self { good, bad, mark: "?" }
    }

    /// Two clauses as statements.
    fn clauses(good: &Clause, bad: &Clause) -> Self {
        Self::statements(good.parts().statement(), bad.parts().statement())
    }
}

/// Makes a minimal pair.
pub type Maker = fn(&mut Grammar) -> MinimalPair;

/// All phenomena: the name, how many of the [`total`] pairs of a round show it, and what makes its pairs.
pub const PHENOMENA: [(&str, usize, Maker); 15] = [
    ("agreement", 7, agreement::agreement),
    ("agreement in short sentences", 16, agreement::short),
    ("agreement across a phrase", 7, attractors::agreement_across),
    ("relative clauses", 5, relative_clauses::relative_clauses),
    ("verb forms", 19, verb_forms::verb_forms),
    ("imperatives", 1, verb_forms::imperatives),
    ("be", 5, copula::be),
    ("determiner and noun", 6, determiners::determiners),
    ("reflexives", 11, pronouns::reflexives),
    ("case", 3, pronouns::case),
    ("objects", 2, valence::objects),
    ("word order", 3, word_order::word_order),
    ("fragments", 2, word_order::fragments),
    ("questions", 15, questions::questions),
    ("negation", 4, negation::negation),
];

/// Phenomena whose unacceptable sentences may lack a verb, a subject or an object.
const INCOMPLETE: [&str; 6] = [
    "relative clauses",
    "verb forms",
    "be",
    "objects",
    "word order",
    "fragments",
];

/// The number of pairs of a round.
pub fn total() -> usize {
    PHENOMENA.iter().map(|(_, share, _)| share).sum()
}

/// Makes the pair with this number: the name of its phenomenon, and the pair. Each round of [`total`] numbers has every
/// phenomenon in its share. Half of the pairs are plain. One other statement in twelve is part of a longer sentence.
pub fn pair(grammar: &mut Grammar, number: usize) -> (&'static str, MinimalPair) {
    let mut place = number % total();
    let chosen = PHENOMENA.iter().find(|(_, share, _)| {
        let here = place < *share;
        place = place.saturating_sub(*share);
        here
    });
    let &(name, _, make) = chosen.expect("the number is below the total");
    grammar.plain = grammar.random.once_in(2);
    let pair = make(grammar);
    let longer = !grammar.plain && pair.mark == "." && name != "imperatives" && grammar.random.once_in(12);
    (
        name,
        if longer {
            embedding::embed(grammar, pair, !INCOMPLETE.contains(&name))
        } else {
            pair
        },
    )
}
