//! A small grammar of English. It draws phrases and clauses with their structure, and writes them as words.
//!
//! | module | what it holds |
//! |---|---|
//! | [`word`](self) | words with dictionary form and part of speech; the text of a sentence |
//! | [`noun_phrase`](self) | noun phrases, relative clauses, agreement |
//! | [`clause`](self) | tense, aspect, mood, negation, voice; statements and questions |
//! | `draw_*` | random phrases and clauses |
//!
//! ```
//! use datasets::demo::grammar::{Grammar, text};
//! let mut grammar = Grammar::new(1);
//! let clause = grammar.clause();
//! let words = clause.parts().statement();
//! assert!(words.iter().any(|word| word.tag == "VERB" || word.tag == "AUX"));
//! println!("{}", text(&words, "."));
//! ```

mod clause;
mod draw_clauses;
mod draw_phrases;
mod word;

pub use clause::{Clause, Complement, Head, Modifier, Negation, NounPhrase, Parts, VerbGroup};

pub(in crate::demo) use word::capitalised;
pub use word::{Word, sentence, text, words};

use super::lexicon::features::{Agreement, Form, Number};
use super::lexicon::verbs::Verb;
use crate::random::Random;

/// Draws phrases and clauses.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// The source of all random draws.
    pub random: Random,
    /// Whether people are drawn from the nouns held out for dev.
    pub held_out: bool,
    /// Whether phrases and clauses are plain: few adjectives, determiners, adverbs and tenses.
    pub plain: bool,
}

impl Grammar {
    /// A grammar whose sentences are drawn from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            held_out: false,
            plain: false,
        }
    }

    /// A number; as in most texts, the singular is more frequent. A model learns agreement sooner if the two numbers are not
    /// balanced: then a verb's ending alone says something about the label, and the first steps have a slope to follow.
    pub fn usual_number(&mut self) -> Number {
        if self.random.once_in(3) {
            Number::Plural
        } else {
            Number::Singular
        }
    }

    /// A number; both are equally likely.
    pub fn number(&mut self) -> Number {
        if self.random.once_in(2) {
            Number::Singular
        } else {
            Number::Plural
        }
    }
}

/// The regular verb `lemma` in `form`.
pub fn inflect(lemma: &'static str, form: Form) -> String {
    Verb::regular(lemma, &[]).form(form)
}

/// The present tense of a regular verb that agrees with `number`.
pub fn present(lemma: &'static str, number: Number) -> String {
    inflect(lemma, Form::Present(Agreement::from(number)))
}

/// The regular noun `stem` in `number`.
pub fn noun(stem: &str, number: Number) -> String {
    match number {
        Number::Singular => stem.into(),
        Number::Plural => super::lexicon::add_s(stem),
    }
}
