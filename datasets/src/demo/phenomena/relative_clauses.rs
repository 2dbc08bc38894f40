//! Inside and around relative clauses.

use super::MinimalPair;
use super::agreement::disagreeing;
use crate::demo::grammar::{Clause, Complement, Grammar, Modifier, NounPhrase};
use crate::demo::lexicon::features::{Case, Kind};

/// The boy who sees the girls is happy. / The boy who see the girls is happy.
pub(super) fn relative_clauses(grammar: &mut Grammar) -> MinimalPair {
    match grammar.random.below(9) {
        0 => without_main_verb(grammar),
        1 => wrong_pronoun(grammar),
        2 => second_object(grammar),
        _ => agreement_inside(grammar),
    }
}

fn head(grammar: &mut Grammar) -> NounPhrase {
    let number = grammar.usual_number();
    match grammar.random.once_in(4) {
        true => grammar.thing(number),
        false => grammar.actor(number),
    }
}

/// The phrase as the subject or the object of a clause.
fn placed(grammar: &mut Grammar, good: NounPhrase, bad: NounPhrase) -> MinimalPair {
    if grammar.random.once_in(3) {
        let subject = grammar.subject();
        let verb = loop {
            let verb = grammar.transitive();
            if verb.objects.contains(&good.kind()) {
                break verb;
            }
        };
        let mut clause = Clause::new(subject, verb, Complement::Object(good));
        clause.group = grammar.group(&verb);
        let wrong = Clause {
            complement: Complement::Object(bad),
            ..clause.clone()
        };
        return MinimalPair::clauses(&clause, &wrong);
    }
    let clause = grammar.clause_about(good);
    let wrong = Clause {
        subject: bad,
        ..clause.clone()
    };
    MinimalPair::clauses(&clause, &wrong)
}

fn agreement_inside(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let head = head(grammar);
        let number = grammar.usual_number();
        let modifier = match grammar.random.once_in(3) {
            true => grammar.clause_without_object(&head, number),
            false => grammar.clause_without_subject(&head, number),
        };
        let wrong = match &modifier {
            Modifier::WithoutSubject(pronoun, clause) => {
                disagreeing(grammar, clause).map(|bad| Modifier::WithoutSubject(pronoun, bad))
            }
            Modifier::WithoutObject(pronoun, clause) => {
                disagreeing(grammar, clause).map(|bad| Modifier::WithoutObject(*pronoun, bad))
            }
            Modifier::Phrase(..) => None,
        };
        if let Some(wrong) = wrong {
            return placed(grammar, head.clone().with(modifier), head.with(wrong));
        }
    }
}

/// The boy who sees the girls is happy. / The boy who sees the girls.
fn without_main_verb(grammar: &mut Grammar) -> MinimalPair {
    let head = head(grammar);
    let number = grammar.usual_number();
    let modifier = grammar.clause_without_subject(&head, number);
    let clause = grammar.clause_about(head.with(modifier));
    let fragment = clause.subject.words(Case::Subject);
    MinimalPair::statements(clause.parts().statement(), fragment)
}

/// The boy who sleeps is happy. / The boy which sleeps is happy.
fn wrong_pronoun(grammar: &mut Grammar) -> MinimalPair {
    let head = head(grammar);
    let number = grammar.usual_number();
    let (right, wrong) = match head.kind() {
        Kind::Person => ("who", "which"),
        Kind::Animal => ("that", "what"),
        _ => ("which", "who"),
    };
    let modifier = |pronoun, clause: &Clause| Modifier::WithoutSubject(pronoun, clause.clone());
    match grammar.clause_without_subject(&head, number) {
        Modifier::WithoutSubject(_, clause) => placed(
            grammar,
            head.clone().with(modifier(right, &clause)),
            head.with(modifier(wrong, &clause)),
        ),
        _ => unreachable!("the clause lacks its subject"),
    }
}

/// The boy that the girls see is happy. / The boy that the girls see the cat is happy.
fn second_object(grammar: &mut Grammar) -> MinimalPair {
    let head = head(grammar);
    let number = grammar.usual_number();
    let modifier = grammar.clause_without_object(&head, number);
    let Modifier::WithoutObject(pronoun, clause) = modifier else {
        unreachable!("the clause lacks its object")
    };
    let filled = Clause {
        complement: Complement::Object(grammar.object(clause.verb.objects)),
        ..clause.clone()
    };
    // Without a pronoun the second object could be read as an apposition, and `the idea that the girls have the cat` is English.
    let pronoun = match head.kind() {
        Kind::Person | Kind::Animal => pronoun.or(Some("that")),
        _ => Some("which"),
    };
    placed(
        grammar,
        head.clone().with(Modifier::WithoutObject(pronoun, clause)),
        head.with(Modifier::WithoutObject(pronoun, filled)),
    )
}
