//! Pronouns, determiners, prepositions and other words of the grammar.

use super::features::{Agreement, Case};

/// A personal or indefinite pronoun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pronoun {
    /// `she`.
    pub subject: &'static str,
    /// `her`.
    pub object: &'static str,
    /// `herself`; empty for indefinite pronouns.
    pub reflexive: &'static str,
    /// What its verb agrees with.
    pub agreement: Agreement,
}

impl Pronoun {
    /// The pronoun in `case`.
    pub fn form(&self, case: Case) -> &'static str {
        match case {
            Case::Subject => self.subject,
            Case::Object => self.object,
        }
    }
}

const fn pronoun(
    subject: &'static str,
    object: &'static str,
    reflexive: &'static str,
    agreement: Agreement,
) -> Pronoun {
    Pronoun {
        subject,
        object,
        reflexive,
        agreement,
    }
}

/// Personal pronouns.
pub const PRONOUNS: [Pronoun; 7] = [
    pronoun("I", "me", "myself", Agreement::First),
    pronoun("you", "you", "yourself", Agreement::Plural),
    pronoun("he", "him", "himself", Agreement::Third),
    pronoun("she", "her", "herself", Agreement::Third),
    pronoun("it", "it", "itself", Agreement::Third),
    pronoun("we", "us", "ourselves", Agreement::Plural),
    pronoun("they", "them", "themselves", Agreement::Plural),
];

/// `it`.
pub const IT: Pronoun = PRONOUNS[4];

/// `this` as a pronoun.
pub const THIS: Pronoun = pronoun("this", "this", "", Agreement::Third);
/// `that` as a pronoun.
pub const THAT: Pronoun = pronoun("that", "that", "", Agreement::Third);
/// `these` as a pronoun.
pub const THESE: Pronoun = pronoun("these", "these", "", Agreement::Plural);
/// `those` as a pronoun.
pub const THOSE: Pronoun = pronoun("those", "those", "", Agreement::Plural);

/// Indefinite pronouns.
pub const INDEFINITE: [Pronoun; 5] = [
    pronoun("everyone", "everyone", "", Agreement::Third),
    pronoun("everybody", "everybody", "", Agreement::Third),
    pronoun("someone", "someone", "", Agreement::Third),
    pronoun("nobody", "nobody", "", Agreement::Third),
    pronoun("somebody", "somebody", "", Agreement::Third),
];

/// Possessive determiners.
pub const POSSESSIVES: &[&str] = &["my", "your", "his", "her", "its", "our", "their"];
/// Determiners of one, apart from `the` and `a`.
pub const ONE: &[&str] = &["this", "that", "every", "each", "another", "one"];
/// Determiners of several, apart from `the`.
pub const SEVERAL: &[&str] = &[
    "these", "those", "two", "three", "four", "five", "many", "some", "all", "several", "few", "both",
];
/// Determiners of nouns without a plural, apart from `the`.
pub const AMOUNTS: &[&str] = &["some", "much", "this", "that", "no"];

/// Prepositions between people and things.
pub const PREPOSITIONS: [&str; 3] = ["near", "behind", "beside"];
/// Prepositions with things.
pub const WITH_THINGS: &[&str] = &["on", "under", "near", "behind", "beside", "with"];
/// Prepositions with places.
pub const WITH_PLACES: &[&str] = &["in", "in", "near", "behind", "at", "from"];

/// Words that are in no other list.
pub const OTHER: &[&str] = &[
    "the",
    "a",
    "an",
    "no",
    "not",
    "ever",
    "any",
    "to",
    "who",
    "whom",
    "which",
    "that",
    "what",
    "where",
    "when",
    "why",
    "how",
    "am",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "have",
    "has",
    "had",
    "having",
    "do",
    "does",
    "did",
    "done",
    "doing",
    "by",
    "than",
    "more",
    "and",
    "or",
    "but",
    "because",
    "if",
    "while",
    "after",
    "before",
    "hardly",
    "there",
    "then",
    "so",
    "very",
    "too",
    "also",
    "of",
    "for",
    "about",
    "s",
    "t",
    "m",
    "re",
    "ll",
    "don",
    "doesn",
    "didn",
    "isn",
    "aren",
    "wasn",
    "weren",
    "hasn",
    "haven",
    "hadn",
    "won",
    "couldn",
    "wouldn",
    "shouldn",
    "mustn",
    "theirs",
    "himself",
    "yourselves",
    "let",
    "please",
    "yes",
];
