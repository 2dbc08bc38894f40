//! The verb `be`: its forms, its absence, `there is`, comparisons.

use super::MinimalPair;
use super::agreement::disagreeing;
use crate::demo::grammar::{Clause, Complement, Grammar, Negation, Word};
use crate::demo::lexicon::adjectives::{GRADED, comparative};
use crate::demo::lexicon::features::{Agreement, Case, Form, Number};
use crate::demo::lexicon::verbs::BE;

/// The book is on the table. / The book are on the table.
pub(super) fn be(grammar: &mut Grammar) -> MinimalPair {
    match grammar.random.below(8) {
        0 | 1 => there_is(grammar),
        2 => comparison(grammar),
        3 => without_be(grammar),
        4 => with_be(grammar),
        _ => loop {
            let subject = grammar.subject();
            let good = grammar.copular_clause(subject);
            if let Some(bad) = disagreeing(grammar, &good) {
                return MinimalPair::clauses(&good, &bad);
            }
        },
    }
}

/// There is a cat in the kitchen. / There are a cat in the kitchen.
fn there_is(grammar: &mut Grammar) -> MinimalPair {
    let number = grammar.usual_number();
    let mut phrase = match grammar.random.once_in(2) {
        true => grammar.actor(number),
        false => grammar.thing(number),
    };
    phrase.determiner = match number {
        Number::Singular => Some("a"),
        Number::Plural => {
            grammar
                .random
                .pick(&[None, Some("some"), Some("many"), Some("two"), Some("several")])
        }
    };
    let (preposition, place) = grammar.place();
    let past = grammar.random.once_in(3);
    let negated = grammar.random.once_in(6);
    let question = grammar.random.once_in(5);
    let words = |number: Number| {
        let agreement = Agreement::from(number);
        let form = if past {
            Form::Past(agreement)
        } else {
            Form::Present(agreement)
        };
        let be = Word::new(BE.form(form), "be", "AUX");
        let there = Word::fixed("there", "PRON");
        let mut words = if question {
            vec![be, there]
        } else {
            vec![there, be]
        };
        if negated {
            words.push(Word::fixed("not", "PART"));
        }
        words.extend(phrase.words(Case::Object));
        words.push(Word::fixed(preposition, "ADP"));
        words.extend(place.words(Case::Object));
        words
    };
    let (good, bad) = (words(number), words(number.other()));
    match question {
        true => MinimalPair::questions(good, bad),
        false => MinimalPair::statements(good, bad),
    }
}

/// The king is taller than the nun. / The king is tall than the nun.
fn comparison(grammar: &mut Grammar) -> MinimalPair {
    let subject = grammar.subject();
    let adjective = grammar.random.pick_front(GRADED);
    let number = grammar.usual_number();
    let other = grammar.actor(number);
    let compared = |text: String| Complement::Comparison(text, adjective, other.clone());
    let mut good = Clause::new(subject, BE, compared(comparative(adjective)));
    good.group.past = grammar.random.once_in(3);
    let complement = match grammar.random.once_in(2) {
        true => compared(adjective.to_owned()),
        false => compared(format!("more {}", comparative(adjective))),
    };
    let bad = Clause {
        complement,
        ..good.clone()
    };
    MinimalPair::clauses(&good, &bad)
}

/// The book is on the table. / The book on the table.
fn without_be(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let subject = grammar.subject();
        let good = grammar.copular_clause(subject);
        let parts = good.parts();
        let mut bad = parts.clone();
        bad.verbs.pop();
        if good.group.negation != Negation::None && bad.verbs.is_empty() {
            continue;
        }
        // `The king has a lamp.` is English, as is `The cat can home.` nearly.
        if !bad.verbs.is_empty() && good.group.modal.is_none() {
            continue;
        }
        return MinimalPair::statements(parts.statement(), bad.statement());
    }
}

/// The cats sleep. / The cats are sleep.
fn with_be(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let good = grammar.clause();
        // `is like`, `is open` and `is clean` are English.
        let adjective = matches!(good.verb.lemma, "like" | "open" | "clean" | "close" | "own");
        if good.verb == BE || good.group.past || good.chain().len() > 1 || adjective {
            continue;
        }
        let parts = good.parts();
        let mut bad = parts.clone();
        let be = BE.form(Form::Present(good.agreement()));
        bad.verbs.insert(0, Word::new(be, "be", "AUX"));
        return MinimalPair::statements(parts.statement(), bad.statement());
    }
}
