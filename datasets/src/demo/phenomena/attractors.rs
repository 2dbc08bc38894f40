//! Subject and verb with other nouns between them.

use super::MinimalPair;
use super::agreement::disagreeing;
use crate::demo::grammar::Grammar;

/// The painters near the king work. / The painters near the king works.
pub(super) fn agreement_across(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let number = grammar.usual_number();
        let subject = match grammar.random.once_in(3) {
            true => grammar.thing(number),
            false => grammar.actor(number),
        };
        let modifier = grammar.modifier(&subject);
        let good = grammar.clause_about(subject.with(modifier));
        if let Some(bad) = disagreeing(grammar, &good) {
            return MinimalPair::clauses(&good, &bad);
        }
    }
}
