//! The words of the demos.
//!
//! | module | words |
//! |---|---|
//! | [`nouns`] | nouns and names |
//! | [`verbs`] | verbs, by what follows them |
//! | [`adjectives`] | adjectives and adverbs |
//! | [`function_words`] | pronouns, determiners, prepositions |
//! | [`invented`] | words that are in no dictionary |
//! | [`events`] | the words of the corpora about events, opinions and parts of speech |
//! | [`features`] | number, agreement, gender, case, verb forms |

pub mod adjectives;
pub mod events;
pub mod features;
pub mod function_words;
pub mod invented;
pub mod nouns;
pub mod verbs;
mod vocabulary;

use std::collections::HashMap;

pub use vocabulary::vocabulary;

use features::{Agreement, Form, Number};

/// A noun's plural, or a verb's form after `he`: `works`, `watches`, `studies`.
pub(crate) fn add_s(word: &str) -> String {
    let consonant_y = |stem: &&str| !stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    match word.strip_suffix('y').filter(consonant_y) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "sh", "ch", "o"].iter().any(|end| word.ends_with(end))
            && !word.ends_with("oo") =>
        {
            if ["piano"].contains(&word) {
                format!("{word}s")
            } else {
                format!("{word}es")
            }
        }
        None => format!("{word}s"),
    }
}

/// Every form of every noun, name, verb and adjective (in lower case), with its dictionary form.
pub fn lemmas() -> HashMap<String, &'static str> {
    let mut lemmas = HashMap::new();
    for noun in nouns::all() {
        for number in [Number::Singular, Number::Plural] {
            lemmas.insert(noun.form(number), noun.singular);
        }
    }
    for name in nouns::NAMES {
        lemmas.insert(name.name.to_lowercase(), name.name);
    }
    for verb in verbs::all() {
        for form in [
            Form::Base,
            Form::Present(Agreement::Third),
            Form::Past(Agreement::Third),
            Form::PastParticiple,
            Form::PresentParticiple,
        ] {
            lemmas.insert(verb.form(form), verb.lemma);
        }
    }
    for adjective in adjectives::OF_THE_LIVING.iter().chain(adjectives::OF_THINGS) {
        lemmas.insert((*adjective).to_owned(), adjective);
    }
    lemmas
}
