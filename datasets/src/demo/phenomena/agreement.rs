//! Subject and verb.

use super::MinimalPair;
use crate::demo::grammar::{Clause, Complement, Grammar, Head, NounPhrase, VerbGroup};
use crate::demo::lexicon::adjectives::WHERE;
use crate::demo::lexicon::features::{Agreement, Kind, Number};
use crate::demo::lexicon::verbs::BE;

/// The clause with a verb that does not agree with its subject; none if no verb shows agreement.
pub(super) fn disagreeing(grammar: &mut Grammar, good: &Clause) -> Option<Clause> {
    use Agreement::{First, Plural, Third};
    let wrong = match good.agreement() {
        First => grammar.random.pick(&[Third, Third, Plural]),
        Third => grammar
            .random
            .pick(&[Plural, Plural, Plural, Plural, Plural, Plural, Plural, First]),
        Plural => grammar
            .random
            .pick(&[Third, Third, Third, Third, Third, Third, Third, First]),
    };
    let bad = Clause {
        wrong_agreement: Some(wrong),
        ..good.clone()
    };
    (bad.parts().verbs != good.parts().verbs).then_some(bad)
}

/// The painters work in the garden. / The painters works in the garden.
pub(super) fn agreement(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let good = grammar.clause();
        if let Some(bad) = disagreeing(grammar, &good) {
            return MinimalPair::clauses(&good, &bad);
        }
    }
}

/// Birds sing. / Birds sings. And: I am here. / I is here.
pub(super) fn short(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let number = grammar.usual_number();
        let living = grammar.living();
        let subject = match grammar.random.below(10) {
            0 | 1 => NounPhrase::of(None, living, Number::Plural),
            2..6 => NounPhrase::of(Some("the"), living, number),
            6..9 => grammar.pronoun(),
            _ => NounPhrase::bare(Head::Name(grammar.name())),
        };
        let (verb, complement) = match grammar.random.below(11) {
            10 => grammar.giving(),
            0..4 => (grammar.intransitive(), Complement::None),
            4 | 5 => {
                let verb = grammar.transitive();
                let object = grammar.object(verb.objects);
                (verb, Complement::Object(object))
            }
            6 | 7 => (
                BE,
                Complement::Adjective(None, grammar.adjective_for(Kind::Person)),
            ),
            _ => (BE, Complement::Where(grammar.random.pick_front(WHERE))),
        };
        let mut good = Clause::new(subject, verb, complement);
        if grammar.random.once_in(4) {
            good.group = VerbGroup {
                progressive: verb != BE,
                past: verb == BE && grammar.random.once_in(2),
                ..VerbGroup::default()
            };
        }
        if let Some(bad) = disagreeing(grammar, &good) {
            return MinimalPair::clauses(&good, &bad);
        }
    }
}
