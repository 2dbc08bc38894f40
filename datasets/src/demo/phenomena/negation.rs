//! Negation, and words that need it.

use super::MinimalPair;
use super::agreement::disagreeing;
use crate::demo::grammar::{Clause, Grammar, Negation, Word};
use crate::demo::lexicon::features::{Agreement, Form};

/// The cat does not sleep. / The cat not sleep. And others.
pub(super) fn negation(grammar: &mut Grammar) -> MinimalPair {
    loop {
        if grammar.random.once_in(5) {
            return polarity(grammar);
        }
        let mut good = grammar.clause();
        good.group.frequency = None;
        good.group.negation = grammar.random.pick(&[Negation::Not, Negation::Contracted]);
        if grammar.random.once_in(2) {
            (good.group.modal, good.group.perfect, good.group.progressive) = (None, false, false);
        }
        let parts = good.parts();
        let does = good.chain()[0].0.lemma == "do";
        let bad = match grammar.random.below(6) {
            0..2 => match disagreeing(grammar, &good) {
                Some(bad) => bad.parts().statement(),
                None => continue,
            },
            2..4 if does => {
                let wrong = grammar.random.pick(&[
                    Form::Present(Agreement::Third),
                    Form::Past(Agreement::Third),
                    Form::PresentParticiple,
                ]);
                if good.verb.form(wrong) == good.verb.lemma {
                    continue;
                }
                let bad = Clause {
                    wrong_form: Some((1, wrong)),
                    ..good.clone()
                };
                bad.parts().statement()
            }
            // The cat not sleeps. / The cat sleeps not.
            4 if does => {
                let mut plain = good.clone();
                plain.group.negation = Negation::None;
                let plain = plain.parts();
                let not = vec![Word::fixed("not", "PART")];
                match grammar.random.below(3) {
                    0 => [plain.subject, plain.verbs, not, plain.rest].concat(),
                    1 => [plain.subject, not, plain.verbs, plain.rest].concat(),
                    _ => {
                        let base = vec![Word::new(good.verb.lemma, good.verb.lemma, "VERB")];
                        [plain.subject, not, base, plain.rest].concat()
                    }
                }
            }
            // The cat not is here. / The cat not can sleep.
            5 if !does => {
                let mut plain = good.clone();
                plain.group.negation = Negation::None;
                let plain = plain.parts();
                let not = vec![Word::fixed("not", "PART")];
                [plain.subject, not, plain.verbs, plain.rest].concat()
            }
            _ => continue,
        };
        return MinimalPair::statements(parts.statement(), bad);
    }
}

/// No painter ever worked. / The painter ever worked.
fn polarity(grammar: &mut Grammar) -> MinimalPair {
    let number = grammar.usual_number();
    let mut subject = grammar.actor(number);
    subject.adjective = None;
    subject.determiner = Some("no");
    let negated = grammar.random.once_in(2);
    if negated {
        let modifier = grammar.modifying_phrase(&subject, number.other());
        subject = subject.with(modifier);
    }
    let mut good = grammar.action(subject);
    good.group = grammar.short_group(&good.verb);
    good.group.negation = Negation::None;
    good.group.frequency = Some("ever");
    let mut bad = good.clone();
    bad.subject.determiner = Some(grammar.random.pick(&["the", "my", "our"]));
    MinimalPair::clauses(&good, &bad)
}
