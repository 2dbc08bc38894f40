//! Verbs with a missing or an extra object.

use super::MinimalPair;
use crate::demo::grammar::{Clause, Complement, Grammar};
use crate::demo::lexicon::features::Kind;
use crate::demo::lexicon::verbs::{INTRANSITIVE, OBJECT_OPTIONAL, OBJECT_POSSIBLE, TRANSITIVE, Verb};

/// The painter repaired the lamp. / The painter repaired. And: The cat sleeps. / The cat sleeps the lamp.
pub(super) fn objects(grammar: &mut Grammar) -> MinimalPair {
    let subject = grammar.subject();
    let (verb, good, bad) = match grammar.random.below(3) {
        0 => {
            let verb = pick(grammar, INTRANSITIVE, OBJECT_POSSIBLE);
            // `fell the king` and `talked him` must not be `fell ill` or `talked shop`.
            let object = grammar.object(&[Kind::Person, Kind::Animal, Kind::Thing]);
            (verb, Complement::None, Complement::Object(object))
        }
        _ => {
            let verb = pick(grammar, TRANSITIVE, OBJECT_OPTIONAL);
            let object = grammar.object(verb.objects);
            (verb, Complement::Object(object), Complement::None)
        }
    };
    let mut good = Clause::new(subject, verb, good);
    good.group = grammar.group(&verb);
    if grammar.random.once_in(4) {
        good.place = Some(grammar.place());
    }
    let bad = Clause {
        complement: bad,
        ..good.clone()
    };
    MinimalPair::clauses(&good, &bad)
}

/// One of the verbs, but none of the `others`.
fn pick(grammar: &mut Grammar, verbs: &[Verb], others: &[&str]) -> Verb {
    loop {
        let verb = grammar.random.pick_front(verbs);
        if !others.contains(&verb.lemma) {
            return verb;
        }
    }
}
