//! Questions.

use super::MinimalPair;
use super::agreement::disagreeing;
use super::verb_forms::reads_as_noun;
use crate::demo::grammar::{Clause, Complement, Grammar, Head, Negation, NounPhrase, Parts, Word};
use crate::demo::lexicon::features::{Agreement, Case, Form, Kind};
use crate::demo::lexicon::function_words::PRONOUNS;
use crate::demo::lexicon::verbs::{BE, TWO_OBJECTS_POSSIBLE};

const AFTER_BE: [Form; 2] = [Form::Base, Form::Present(Agreement::Third)];
const WRONG: [Form; 5] = [
    Form::Present(Agreement::Third),
    Form::Present(Agreement::Third),
    Form::Past(Agreement::Third),
    Form::PresentParticiple,
    Form::PastParticiple,
];

/// A clause whose first verb can stand before the subject. With a gap, it lacks its object.
fn inverted(grammar: &mut Grammar, gap: bool) -> Clause {
    loop {
        let mut clause = grammar.clause();
        clause.group.inverted = true;
        clause.group.frequency = None;
        if clause.group.negation == Negation::Not {
            clause.group.negation = Negation::None;
        }
        if gap {
            clause.verb = grammar.transitive();
            clause.complement = Complement::None;
            (clause.group.progressive, clause.group.passive) = (false, false);
            clause.group.negation = Negation::None;
            if clause.subject.kind() != Kind::Person && clause.subject.kind() != Kind::Animal {
                continue;
            }
            if grammar.random.once_in(3) {
                (clause.place, clause.adverb) = (None, None);
            }
        }
        return clause;
    }
}

/// `what`, `which book`, `where`: the words that begin a question, and whether they stand for the object.
fn opening(grammar: &mut Grammar) -> (Vec<Word>, bool) {
    match grammar.random.below(10) {
        0..3 => (vec![], false),
        3 | 4 => (vec![Word::fixed("what", "PRON")], true),
        5 => (
            vec![Word::fixed(grammar.random.pick(&["who", "whom"]), "PRON")],
            true,
        ),
        6 | 7 => {
            let kind = grammar
                .random
                .pick(&[Kind::Thing, Kind::Text, Kind::Person, Kind::Food]);
            let (noun, number) = (grammar.noun(kind), grammar.usual_number());
            let which = grammar.random.pick(&["which", "which", "what"]);
            (
                NounPhrase::of(Some(which), noun, number).words(Case::Object),
                true,
            )
        }
        _ => (
            vec![Word::fixed(
                grammar.random.pick(&["where", "when", "why", "how"]),
                "ADV",
            )],
            false,
        ),
    }
}

/// What did the painter repair? / What did the painter repaired? And others.
pub(super) fn questions(grammar: &mut Grammar) -> MinimalPair {
    loop {
        match grammar.random.below(7) {
            0 => return who(grammar),
            1 => return where_is(grammar),
            _ => {}
        }
        let (opening, gap) = opening(grammar);
        let mut good = inverted(grammar, gap);
        if opening.first().is_some_and(|word| word.text == "where") {
            if matches!(good.complement, Complement::Place(..) | Complement::Where(_)) {
                continue;
            }
            good.place = None;
        }
        let parts = good.parts();
        let ask = |parts: &Parts| [opening.clone(), parts.question()].concat();
        let bad = match grammar.random.below(12) {
            0..3 => match disagreeing(grammar, &good) {
                Some(bad) => ask(&bad.parts()),
                None => continue,
            },
            3..8 => {
                let chain = good.chain();
                let Some(&(verb, right)) = chain.get(1) else {
                    continue;
                };
                let after_be = good.chain()[0].0.lemma == "be";
                // `Is the cat praised?` is a passive.
                let wrong = grammar.random.pick(if after_be { &AFTER_BE } else { &WRONG[..] });
                if verb.form(wrong) == verb.form(right) || reads_as_noun(&good, 1, wrong) {
                    continue;
                }
                let bad = Clause {
                    wrong_form: Some((1, wrong)),
                    ..good.clone()
                };
                ask(&bad.parts())
            }
            // What the painter did repair? / What the painter is repairing?
            8 if !opening.is_empty() => [opening.clone(), parts.statement()].concat(),
            // What the painter repair? / Where the cat sleeps?
            9 if !opening.is_empty() && good.chain()[0].0.lemma == "do" => {
                let mut plain = good.clone();
                plain.group.inverted = false;
                [opening.clone(), plain.parts().statement()].concat()
            }
            // What did the painter repair the lamp?
            10 if gap && !TWO_OBJECTS_POSSIBLE.contains(&good.verb.lemma) => {
                let filled = Clause {
                    complement: Complement::Object(grammar.object(good.verb.objects)),
                    ..good.clone()
                };
                ask(&filled.parts())
            }
            // Sleeps the cat? / Where sleeps the cat?
            11 if !gap && good.chain()[0].0.lemma == "do" => {
                let mut plain = good.clone();
                plain.group.inverted = false;
                plain.group.negation = Negation::None;
                ask(&plain.parts())
            }
            _ => continue,
        };
        let good = ask(&parts);
        if good != bad {
            return MinimalPair::questions(good, bad);
        }
    }
}

/// Who sees the king? / Who see the king? And: Which dogs bark? / Which dogs barks?
fn who(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let number = grammar.usual_number();
        let which = grammar.random.once_in(2);
        let mut subject = match which {
            true => grammar.actor(number),
            false => NounPhrase::bare(Head::Pronoun(PRONOUNS[2])),
        };
        subject.determiner = which.then_some("which");
        let mut good = grammar.clause_about(subject);
        good.group.frequency = None;
        let Some(bad) = disagreeing(grammar, &good) else {
            continue;
        };
        // `Who are here?` can be English.
        if !which && matches!(bad.parts().verbs[0].lemma, "be") {
            continue;
        }
        let who = [Word::fixed("who", "PRON")];
        let ask = |clause: &Clause| match which {
            true => clause.parts().statement(),
            false => [&who[..], &clause.parts().predicate()].concat(),
        };
        return MinimalPair::questions(ask(&good), ask(&bad));
    }
}

/// Where is the cat? / Where are the cat? And: Where the cat is?
fn where_is(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let subject = grammar.subject();
        let mut good = Clause::new(subject, BE, Complement::None);
        good.group.past = grammar.random.once_in(3);
        let opening = [match grammar.random.below(4) {
            0 => Word::fixed("who", "PRON"),
            1 => Word::fixed("how", "ADV"),
            _ => Word::fixed("where", "ADV"),
        }];
        let parts = good.parts();
        let bad = match grammar.random.below(4) {
            0 => parts.statement(),
            1 => parts.subject.clone(),
            _ => match disagreeing(grammar, &good) {
                Some(bad) => bad.parts().question(),
                None => continue,
            },
        };
        return MinimalPair::questions(
            [&opening[..], &parts.question()].concat(),
            [&opening[..], &bad].concat(),
        );
    }
}
