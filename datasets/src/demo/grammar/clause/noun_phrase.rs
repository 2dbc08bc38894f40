//! Noun phrases: what they consist of, and their words.

use super::Clause;
use crate::demo::grammar::word::Word;
use crate::demo::lexicon::features::{Agreement, Case, Gender, Kind, Number};
use crate::demo::lexicon::function_words::{POSSESSIVES, Pronoun};
use crate::demo::lexicon::nouns::{Name, Noun};

/// A noun phrase.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NounPhrase {
    /// Its main word.
    pub head: Head,
    /// One or several.
    pub number: Number,
    /// `the`, `my`, `two`; `a` becomes `an` before a vowel.
    pub determiner: Option<&'static str>,
    /// An adjective.
    pub adjective: Option<&'static str>,
    /// What follows the noun.
    pub modifier: Option<Box<Modifier>>,
}

/// The main word of a noun phrase.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Head {
    /// `cat`.
    Noun(Noun),
    /// `Mary`.
    Name(Name),
    /// `she`.
    Pronoun(Pronoun),
    /// `the cat and Mary`.
    And(Box<NounPhrase>, Box<NounPhrase>),
}

/// What follows a noun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// `near the table`.
    Phrase(&'static str, NounPhrase),
    /// `who sees the girls`: the clause lacks its subject.
    WithoutSubject(&'static str, Clause),
    /// `that the girls see`: the clause lacks its object. The pronoun may be absent.
    WithoutObject(Option<&'static str>, Clause),
}

impl NounPhrase {
    /// `determiner` and `noun`.
    pub fn of(determiner: Option<&'static str>, noun: Noun, number: Number) -> Self {
        Self {
            head: Head::Noun(noun),
            number,
            determiner,
            adjective: None,
            modifier: None,
        }
    }

    /// A bare head.
    pub fn bare(head: Head) -> Self {
        Self {
            head,
            number: Number::Singular,
            determiner: None,
            adjective: None,
            modifier: None,
        }
    }

    /// The same phrase with another modifier.
    pub fn with(self, modifier: Modifier) -> Self {
        Self {
            modifier: Some(Box::new(modifier)),
            ..self
        }
    }

    /// What a verb agrees with if this is its subject.
    pub fn agreement(&self) -> Agreement {
        match &self.head {
            Head::Noun(_) => self.number.into(),
            Head::Name(_) => Agreement::Third,
            Head::Pronoun(pronoun) => pronoun.agreement,
            Head::And(..) => Agreement::Plural,
        }
    }

    /// The reflexive pronouns that can refer to it.
    pub fn reflexives(&self) -> Vec<&'static str> {
        let of = |gender| match gender {
            Gender::He => vec!["himself"],
            Gender::She => vec!["herself"],
            Gender::It => vec!["itself"],
            Gender::Any => vec!["himself", "herself"],
        };
        match &self.head {
            Head::And(_, last) => match &last.head {
                Head::Pronoun(pronoun) if pronoun.agreement == Agreement::First => vec!["ourselves"],
                _ => vec!["themselves"],
            },
            Head::Noun(_) if self.number == Number::Plural => vec!["themselves"],
            Head::Noun(noun) => of(noun.gender),
            Head::Name(name) => of(name.gender),
            Head::Pronoun(pronoun) => vec![pronoun.reflexive],
        }
    }

    /// What it stands for; people for names and pronouns.
    pub fn kind(&self) -> Kind {
        match &self.head {
            Head::Noun(noun) => noun.kind,
            _ => Kind::Person,
        }
    }

    /// The words of the phrase.
    pub fn words(&self, case: Case) -> Vec<Word> {
        let mut words = vec![];
        let (head, tag) = match &self.head {
            Head::Noun(noun) => (Word::new(noun.form(self.number), noun.singular, "NOUN"), "NOUN"),
            Head::Name(name) => (Word::fixed(name.name, "PROPN"), "PROPN"),
            Head::Pronoun(pronoun) => (Word::new(pronoun.form(case), pronoun.subject, "PRON"), "PRON"),
            Head::And(first, second) => {
                words.extend(first.words(case));
                words.push(Word::fixed("and", "CCONJ"));
                words.extend(second.words(case));
                return words;
            }
        };
        let next = self.adjective.map_or(head.text.clone(), str::to_owned);
        if let Some(determiner) = self.determiner {
            let vowel = next.starts_with(['a', 'e', 'i', 'o', 'u']);
            let determiner = if determiner == "a" && vowel {
                "an"
            } else {
                determiner
            };
            words.push(Word::fixed(determiner, determiner_tag(determiner)));
        }
        words.extend(self.adjective.map(|adjective| Word::fixed(adjective, "ADJ")));
        debug_assert_eq!(head.tag, tag);
        words.push(head);
        match self.modifier.as_deref() {
            Some(Modifier::Phrase(preposition, phrase)) => {
                words.push(Word::fixed(preposition, "ADP"));
                words.extend(phrase.words(Case::Object));
            }
            Some(Modifier::WithoutSubject(pronoun, clause)) => {
                let parts = clause.parts();
                words.push(Word::fixed(pronoun, "PRON"));
                words.extend(parts.predicate());
            }
            Some(Modifier::WithoutObject(pronoun, clause)) => {
                words.extend(pronoun.map(|pronoun| Word::fixed(pronoun, "PRON")));
                words.extend(clause.parts().statement());
            }
            None => {}
        }
        words
    }
}

/// The part of speech of a determiner in Universal Dependencies.
fn determiner_tag(determiner: &str) -> &'static str {
    match determiner {
        _ if POSSESSIVES.contains(&determiner) => "PRON",
        "one" | "two" | "three" | "four" | "five" => "NUM",
        "many" | "few" | "several" | "much" => "ADJ",
        _ => "DET",
    }
}
