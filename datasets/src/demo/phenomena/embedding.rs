//! A pair as a part of longer sentences.

use super::MinimalPair;
use crate::demo::grammar::{Clause, Complement};
use crate::demo::grammar::{Grammar, Head, NounPhrase, Word};
use crate::demo::lexicon::features::Kind;
use crate::demo::lexicon::verbs::WITH_SENTENCE;

/// The pair in a longer sentence: I think that the cats sleep. / I think that the cats sleeps.
///
/// `coordinate` says whether `and` and `but` may join it. They would complete what lacks a verb, a subject or an object: `the
/// king sees the dog and the cat`.
pub(super) fn embed(grammar: &mut Grammar, pair: MinimalPair, coordinate: bool) -> MinimalPair {
    let around = |before: Vec<Word>, after: Vec<Word>| {
        let place = |words: Vec<Word>| [before.clone(), words, after.clone()].concat();
        MinimalPair {
            good: place(pair.good.clone()),
            bad: place(pair.bad.clone()),
            mark: pair.mark,
        }
    };
    match grammar.random.below(3) {
        0 => {
            let subject = match grammar.random.below(3) {
                0 => grammar.pronoun(),
                1 => NounPhrase::bare(Head::Name(grammar.name())),
                _ => {
                    let (noun, number) = (grammar.noun(Kind::Person), grammar.usual_number());
                    grammar.phrase(noun, number)
                }
            };
            let verb = grammar.random.pick_front(WITH_SENTENCE);
            let mut clause = Clause::new(subject, verb, Complement::None);
            clause.group.past = grammar.random.once_in(3);
            let that = Word::fixed("that", "SCONJ");
            around([clause.parts().statement(), vec![that]].concat(), vec![])
        }
        joined => {
            // Not `if`: `if the king were here` and `if he ever came` are English.
            const CONJUNCTIONS: [(&str, &str); 4] = [
                ("because", "SCONJ"),
                ("when", "SCONJ"),
                ("and", "CCONJ"),
                ("but", "CCONJ"),
            ];
            let allowed = if coordinate { 4 } else { 2 };
            let (conjunction, tag) = grammar.random.pick(&CONJUNCTIONS[..allowed]);
            let subject = grammar.subject();
            let other = grammar.clause_about(subject).parts().statement();
            let conjunction = vec![Word::fixed(conjunction, tag)];
            match joined {
                1 => around([other, conjunction].concat(), vec![]),
                _ => around(vec![], [conjunction, other].concat()),
            }
        }
    }
}
