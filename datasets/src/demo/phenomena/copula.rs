//! The verb `be`: its forms, its absence, `there is`, comparisons.

use super::MinimalPair;
use super::agreement::disagreeing;
use crate::demo::grammar::{Clause, Complement, Grammar, Head, Negation, NounPhrase, Word};
use crate::demo::lexicon::adjectives::{GRADED, comparative};
use crate::demo::lexicon::features::{Agreement, Case, Form, Kind, Number};
use crate::demo::lexicon::function_words::{Pronoun, THAT, THESE, THIS, THOSE};
use crate::demo::lexicon::verbs::{ALSO_NOUNS, BE};

/// The book is on the table. / The book are on the table.
pub(super) fn be(grammar: &mut Grammar) -> MinimalPair {
    match grammar.random.below(9) {
        0 | 1 => there_is(grammar),
        8 => this_is(grammar),
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

/// This is my house. / These is my house.
fn this_is(grammar: &mut Grammar) -> MinimalPair {
    let number = grammar.usual_number();
    let others = [THIS, THAT, THESE, THOSE];
    let of = |agreement| others.into_iter().filter(move |this| this.agreement == agreement);
    let right: Vec<Pronoun> = of(number.into()).collect();
    let wrong: Vec<Pronoun> = of(number.other().into()).collect();
    let at = grammar.random.below(2);
    let noun = match grammar.random.once_in(2) {
        true => grammar.thing(number),
        false => grammar.actor(number),
    };
    let mut good = Clause::new(NounPhrase::bare(Head::Pronoun(right[at])), BE, Complement::None);
    good.complement = match grammar.random.once_in(3) {
        true => Complement::Adjective(None, grammar.adjective_for(Kind::Thing)),
        false => Complement::Noun(noun),
    };
    good.group.past = grammar.random.once_in(4);
    let mut bad = good.clone();
    if grammar.random.once_in(2) {
        bad.subject = NounPhrase::bare(Head::Pronoun(wrong[at]));
        bad.wrong_agreement = Some(good.agreement());
    } else {
        bad.wrong_agreement = Some(bad.subject.agreement().other());
    }
    MinimalPair::clauses(&good, &bad)
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
        // They are work(s).
        let noun = good.complement == Complement::None
            && matches!(good.subject.head, Head::Pronoun(_))
            && ALSO_NOUNS.contains(&good.verb.lemma);
        if good.verb == BE || good.group.past || good.chain().len() > 1 || adjective || noun {
            continue;
        }
        let parts = good.parts();
        let mut bad = parts.clone();
        let be = BE.form(Form::Present(good.agreement()));
        bad.verbs.insert(0, Word::new(be, "be", "AUX"));
        return MinimalPair::statements(parts.statement(), bad.statement());
    }
}
