//! Positive and negative sentences.
//!
//! ```
//! use datasets::demo::{DemoConfig, sentiment};
//! let reviews = sentiment::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! assert_eq!(reviews.train.labels()?, sentiment::labels());
//! # Ok::<(), datasets::DataError>(())
//! ```
//!
//! The label depends on the last word of praise or blame and on whether it is negated: `The garden near the ugly table was
//! lovely.` is positive, `The lovely garden was not splendid.`, `I hate this film.` and `What a dull story!` are negative.

use super::grammar::{Clause, Complement, Grammar, Head, Modifier, Negation, NounPhrase, Word, text};
use super::lexicon::events::{BLAME, PRAISE};
use super::lexicon::features::{Agreement, Case, Kind, Number};
use super::lexicon::function_words::{IT, PREPOSITIONS, THIS};
use super::lexicon::verbs::{BE, BLAMING, PRAISING};
use super::{DemoConfig, DemoCorpus, dataset, splits};
use crate::examples::{Labels, TextExample};

const LABELS: [&str; 2] = ["negative", "positive"];

/// `negative` (0) and `positive` (1).
pub fn labels() -> Labels {
    Labels::from_names(LABELS.map(String::from).into()).expect("two labels")
}

/// Generates train and dev sentences, half of them positive. No sentence is in both splits.
pub fn generate(config: &DemoConfig) -> DemoCorpus<TextExample> {
    let (train, dev) = splits(
        config,
        |grammar, number| (review(grammar, number % 2 == 1), number % 2),
        |(text, _)| vec![text.clone()],
    );
    dataset(config, "sentiment", train, dev, |(text, label), source| {
        TextExample {
            text,
            second: None,
            label: Some(LABELS[label].into()),
            source,
        }
    })
}

fn opinion(grammar: &mut Grammar, praises: bool) -> &'static str {
    match praises {
        true => grammar.random.pick(PRAISE),
        false => grammar.random.pick(BLAME),
    }
}

/// A noun for what the sentence is about.
fn about(grammar: &mut Grammar) -> NounPhrase {
    let kinds = [Kind::Text, Kind::Thing, Kind::Person, Kind::Food, Kind::Place];
    let kind = grammar.random.pick(&kinds);
    let noun = grammar.noun(kind);
    let number = grammar.usual_number();
    let determiner = match number {
        Number::Singular => grammar.random.pick(&["the", "the", "this", "my"]),
        Number::Plural => grammar.random.pick(&["the", "the", "these", "my"]),
    };
    NounPhrase::of(Some(determiner), noun, number)
}

/// A sentence that praises or blames.
fn review(grammar: &mut Grammar, praises: bool) -> String {
    let negated = grammar.random.once_in(2);
    match grammar.random.below(10) {
        0..6 => text(&verdict(grammar, praises, negated).parts().statement(), "."),
        6..8 => text(&feeling(grammar, praises, negated).parts().statement(), "."),
        8 => text(&description(grammar, praises, negated).parts().statement(), "."),
        _ => {
            // What a lovely garden!
            let mut phrase = about(grammar);
            (phrase.number, phrase.determiner) = (Number::Singular, Some("a"));
            phrase.adjective = Some(opinion(grammar, praises));
            let what = vec![Word::fixed("what", "DET")];
            text(&[what, phrase.words(Case::Object)].concat(), "!")
        }
    }
}

fn negate(grammar: &mut Grammar, clause: &mut Clause, negated: bool) {
    clause.group.past = grammar.random.once_in(2);
    match grammar.random.below(4) {
        _ if !negated => {}
        0 => clause.group.frequency = Some("never"),
        1 => clause.group.negation = Negation::Contracted,
        _ => clause.group.negation = Negation::Not,
    }
}

/// The old garden near the ugly table was not lovely.
fn verdict(grammar: &mut Grammar, praises: bool, negated: bool) -> Clause {
    let mut subject = about(grammar);
    let distracts = |grammar: &mut Grammar| {
        let praises = grammar.random.once_in(2);
        opinion(grammar, praises)
    };
    if grammar.random.once_in(4) {
        subject.adjective = Some(distracts(grammar));
    }
    if grammar.random.once_in(4) {
        let noun = grammar.living();
        let mut other = NounPhrase::of(Some("the"), noun, Number::Singular);
        other.adjective = Some(distracts(grammar));
        subject = subject.with(Modifier::Phrase(grammar.random.pick(&PREPOSITIONS), other));
    }
    let degrees = [None, None, Some("very"), Some("really"), Some("so")];
    let complement = Complement::Adjective(
        grammar.random.pick(&degrees),
        opinion(grammar, praises != negated),
    );
    let mut clause = Clause::new(subject, BE, complement);
    negate(grammar, &mut clause, negated);
    if negated && grammar.random.once_in(4) {
        clause.group.negation = Negation::None;
        clause.group.frequency = Some("hardly");
    }
    clause
}

/// I do not like this film.
fn feeling(grammar: &mut Grammar, praises: bool, negated: bool) -> Clause {
    let subject = match grammar.random.below(3) {
        0 => grammar.pronoun(),
        1 => NounPhrase::bare(Head::Name(grammar.name())),
        _ => {
            let noun = grammar.noun(Kind::Person);
            NounPhrase::of(Some("the"), noun, grammar.usual_number())
        }
    };
    let verb = match praises != negated {
        true => grammar.random.pick(PRAISING),
        false => grammar.random.pick(BLAMING),
    };
    let mut clause = Clause::new(subject, verb, Complement::Object(about(grammar)));
    negate(grammar, &mut clause, negated);
    clause
}

/// This is not a good book.
fn description(grammar: &mut Grammar, praises: bool, negated: bool) -> Clause {
    let mut phrase = about(grammar);
    (phrase.number, phrase.determiner) = (Number::Singular, Some("a"));
    phrase.adjective = Some(opinion(grammar, praises != negated));
    let subject = match grammar.random.once_in(2) {
        true => about(grammar),
        false => NounPhrase::bare(Head::Pronoun(grammar.random.pick(&[THIS, IT]))),
    };
    let number = subject.agreement();
    let mut clause = Clause::new(subject, BE, Complement::Noun(phrase));
    if number == Agreement::Plural {
        clause.complement = Complement::Adjective(None, opinion(grammar, praises != negated));
    }
    negate(grammar, &mut clause, negated);
    clause
}
