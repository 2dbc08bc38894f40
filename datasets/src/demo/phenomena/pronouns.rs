//! Reflexive pronouns and the case of pronouns.

use super::MinimalPair;
use crate::demo::grammar::{Clause, Complement, Grammar, Head, Modifier, NounPhrase, Word};
use crate::demo::lexicon::features::{Case, Gender, Kind, Number};
use crate::demo::lexicon::function_words::{PREPOSITIONS, PRONOUNS};
use crate::demo::lexicon::nouns::PEOPLE;
use crate::demo::lexicon::verbs::{DITRANSITIVE, HAVE};

const REFLEXIVES: [&str; 7] = [
    "myself",
    "yourself",
    "himself",
    "herself",
    "itself",
    "ourselves",
    "themselves",
];

/// The king near the nun admires himself. / The king near the nun admires herself.
pub(super) fn reflexives(grammar: &mut Grammar) -> MinimalPair {
    let mut subject = antecedent(grammar);
    let can_refer = subject.reflexives();
    let right = grammar.random.pick(&can_refer);
    let mut wrong = loop {
        let likely: &[&str] = match right {
            "himself" => &["herself", "itself", "themselves"],
            "herself" => &["himself", "itself", "themselves"],
            "themselves" => &["himself", "herself", "itself"],
            "itself" => &["themselves"],
            _ => &REFLEXIVES,
        };
        let wrong = match grammar.random.once_in(6) {
            true => grammar.random.pick(&REFLEXIVES),
            false => grammar.random.pick(likely),
        };
        // Of an animal, `himself` is English too; so is `itself` of a child, and `themselves` of anybody.
        let animal = subject.kind() == Kind::Animal && matches!(wrong, "himself" | "herself");
        let child = can_refer.len() > 1 && matches!(wrong, "itself" | "themselves");
        let you = right == "yourself" && wrong == "yourselves";
        if !can_refer.contains(&wrong) && !animal && !child && !you {
            break wrong;
        }
    };
    if matches!(subject.head, Head::Noun(_)) && grammar.random.below(5) < 2 {
        let modifier = between(grammar, &subject, &mut wrong, &can_refer);
        subject = subject.with(modifier);
    }
    let verb = loop {
        let verb = grammar.transitive();
        if verb.objects.contains(&Kind::Person) && verb != HAVE {
            break verb;
        }
    };
    let mut good = Clause::new(subject, verb, Complement::Reflexive(right));
    good.group = grammar.group(&verb);
    if grammar.random.once_in(4) {
        good.place = Some(grammar.place());
    }
    let bad = Clause {
        complement: Complement::Reflexive(wrong),
        ..good.clone()
    };
    if grammar.random.once_in(12) {
        // Himself admires the king.
        let subject = Word::fixed(right, "PRON");
        let (words, object) = (good.parts(), good.subject.words(Case::Object));
        let swapped = [vec![subject], words.verbs, words.middle, object].concat();
        return MinimalPair::statements(good.parts().statement(), swapped);
    }
    MinimalPair::clauses(&good, &bad)
}

/// What a reflexive can refer to.
fn antecedent(grammar: &mut Grammar) -> NounPhrase {
    let number = grammar.usual_number();
    match grammar.random.below(12) {
        0..2 => grammar.pronoun(),
        2 | 3 => NounPhrase::bare(Head::Pronoun(grammar.random.pick(&[PRONOUNS[2], PRONOUNS[3]]))),
        4 | 5 => NounPhrase::bare(Head::Name(grammar.name())),
        6 => grammar.pair(),
        7 => grammar.actor(number),
        _ => loop {
            // Each noun has a gender of its own to learn, so all are equally frequent.
            let noun = match grammar.held_out {
                true => grammar.noun(Kind::Person),
                false => grammar.random.pick(PEOPLE),
            };
            if noun.gender != Gender::Any || grammar.random.once_in(4) {
                break grammar.phrase(noun, number);
            }
        },
    }
}

/// A modifier with a noun to which the wrong reflexive could refer.
fn between(
    grammar: &mut Grammar,
    subject: &NounPhrase,
    wrong: &mut &'static str,
    can_refer: &[&'static str],
) -> Modifier {
    let mut other = loop {
        let number = grammar.usual_number();
        let other = grammar.actor(number);
        if other.reflexives().contains(wrong)
            || matches!(*wrong, "myself" | "yourself" | "ourselves" | "itself")
        {
            break other;
        }
    };
    if grammar.random.once_in(4) {
        // The noun between them agrees with the right one.
        let number = match can_refer[0] {
            "themselves" => Number::Plural,
            _ => Number::Singular,
        };
        other = grammar.actor(number);
    }
    if grammar.random.once_in(3) {
        let verb = grammar.random.pick_front(crate::demo::lexicon::verbs::TRANSITIVE);
        let bare = subject.clone();
        let mut clause = Clause::new(bare, verb, Complement::Object(other));
        clause.group = grammar.short_group(&verb);
        return Modifier::WithoutSubject("who", clause);
    }
    Modifier::Phrase(grammar.random.pick(&PREPOSITIONS), other)
}

/// She greeted the king. / Her greeted the king. And: The king greeted her. / The king greeted she.
pub(super) fn case(grammar: &mut Grammar) -> MinimalPair {
    let pronoun = loop {
        let pronoun = grammar.random.pick(&PRONOUNS);
        if pronoun.subject != pronoun.object {
            break pronoun;
        }
    };
    let phrase = NounPhrase::bare(Head::Pronoun(pronoun));
    let subject = phrase.words(Case::Subject);
    let object = phrase.words(Case::Object);
    if grammar.random.once_in(2) {
        let good = grammar.clause_about(phrase);
        let parts = good.parts();
        let mut bad = parts.clone();
        bad.subject = object;
        return MinimalPair::statements(parts.statement(), bad.statement());
    }
    if grammar.random.once_in(4) {
        // The cat sleeps near me. / The cat sleeps near I.
        let subject_of = grammar.subject();
        let words = grammar.simple_clause(subject_of).parts().statement();
        let near = vec![Word::fixed(
            grammar.random.pick(&["near", "behind", "beside", "with"]),
            "ADP",
        )];
        return MinimalPair::statements(
            [words.clone(), near.clone(), object].concat(),
            [words, near, subject].concat(),
        );
    }
    let actor = grammar.subject();
    if grammar.random.once_in(4) {
        // She gave me a book. / She gave I a book.
        let number = grammar.usual_number();
        let thing = grammar.thing(number);
        let verb = grammar.random.pick_front(DITRANSITIVE);
        let mut good = Clause::new(actor, verb, Complement::Objects(phrase, thing.clone()));
        good.group = grammar.group(&verb);
        let mut bad = good.parts();
        bad.rest = [subject, thing.words(Case::Object)].concat();
        return MinimalPair::statements(good.parts().statement(), bad.statement());
    }
    let verb = loop {
        let verb = grammar.transitive();
        if verb.objects.contains(&Kind::Person) {
            break verb;
        }
    };
    let mut good = Clause::new(actor, verb, Complement::Object(phrase));
    good.group = grammar.group(&verb);
    let parts = good.parts();
    let mut bad = parts.clone();
    bad.rest = subject;
    if grammar.random.once_in(4) {
        let (preposition, place) = grammar.place();
        let place = [vec![Word::fixed(preposition, "ADP")], place.words(Case::Object)].concat();
        let with = |parts: &crate::demo::grammar::Parts| [parts.statement(), place.clone()].concat();
        return MinimalPair::statements(with(&parts), with(&bad));
    }
    MinimalPair::statements(parts.statement(), bad.statement())
}
