//! Noun phrases, verb forms and sentences.

use super::lexicon::{
    ADJECTIVES, Gender, INTRANSITIVE, NEW_PEOPLE, PEOPLE, PREPOSITIONS, THINGS, TRANSITIVE,
};
use crate::random::Random;

/// One or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// One.
    Singular,
    /// Several.
    Plural,
}

impl Number {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Number::Singular => Number::Plural,
            Number::Plural => Number::Singular,
        }
    }
}

/// A form of a regular verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `work`.
    Base,
    /// `works`.
    Third,
    /// `worked`.
    Past,
    /// `working`.
    Progressive,
}

/// `verb` in `form`.
pub fn inflect(verb: &str, form: Form) -> String {
    let ending = match form {
        Form::Base => "",
        // vanishes
        Form::Third if verb.ends_with("sh") => "es",
        Form::Third => "s",
        Form::Past => "ed",
        Form::Progressive => "ing",
    };
    format!("{verb}{ending}")
}

/// The present tense that agrees with `number`.
pub fn present(verb: &str, number: Number) -> String {
    match number {
        Number::Singular => inflect(verb, Form::Third),
        Number::Plural => inflect(verb, Form::Base),
    }
}

/// `noun` in `number`.
pub fn noun(noun: &str, number: Number) -> String {
    match number {
        Number::Singular => noun.into(),
        Number::Plural => format!("{noun}s"),
    }
}

/// The words as a sentence: with a capital, and a full stop unless the last word is a question mark.
pub fn sentence(words: &[String]) -> String {
    let text = words.join(" ").replace(" ?", "?");
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    let text: String = first.into_iter().chain(characters).collect();
    if text.ends_with('?') { text } else { text + "." }
}

/// The words of a text.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Draws the parts of sentences.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// The source of all random draws.
    pub random: Random,
    /// Whether people are drawn from the nouns held out for dev.
    pub held_out: bool,
}

impl Grammar {
    /// A grammar whose sentences are drawn from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            held_out: false,
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

    /// A noun for a person.
    pub fn person(&mut self) -> &'static str {
        if self.held_out {
            self.random.pick(&NEW_PEOPLE).0
        } else {
            self.random.pick(&PEOPLE).0
        }
    }

    /// A noun for a person of the gender. Both splits use all of these nouns.
    pub fn person_of(&mut self, gender: Gender) -> &'static str {
        loop {
            let (noun, found) = self.random.pick(&PEOPLE);
            if found == gender {
                return noun;
            }
        }
    }

    /// A noun for a thing.
    pub fn thing(&mut self) -> &'static str {
        self.random.pick(&THINGS)
    }

    /// A verb that needs an object.
    pub fn transitive(&mut self) -> &'static str {
        self.random.pick(&TRANSITIVE)
    }

    /// A verb that takes no object.
    pub fn intransitive(&mut self) -> &'static str {
        self.random.pick(&INTRANSITIVE)
    }

    /// `determiner`, sometimes an adjective, and the noun: `the old painters`.
    pub fn phrase(&mut self, determiner: &str, stem: &str, number: Number) -> String {
        let noun = noun(stem, number);
        if self.random.once_in(3) {
            let adjective = self.random.pick(&ADJECTIVES);
            format!("{determiner} {adjective} {noun}")
        } else {
            format!("{determiner} {noun}")
        }
    }

    /// `the`, sometimes an adjective, and a person or people.
    pub fn subject(&mut self, number: Number) -> String {
        let person = self.person();
        self.phrase("the", person, number)
    }

    /// `the`, sometimes an adjective, and a thing or things.
    pub fn object(&mut self) -> String {
        let (thing, number) = (self.thing(), self.number());
        self.phrase("the", thing, number)
    }

    /// `near the lamps`.
    pub fn place(&mut self) -> String {
        let preposition = self.random.pick(&PREPOSITIONS);
        let object = self.object();
        format!("{preposition} {object}")
    }

    /// [`place`](Self::place), or nothing.
    pub fn maybe_place(&mut self) -> String {
        if self.random.once_in(2) {
            self.place()
        } else {
            String::new()
        }
    }
}
