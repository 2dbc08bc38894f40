//! Determiners and their nouns.

use super::MinimalPair;
use crate::demo::grammar::{Clause, Complement, Grammar, Head, NounPhrase, Word};
use crate::demo::lexicon::features::{Case, Kind, Number};
use crate::demo::lexicon::function_words::SEVERAL;
use crate::demo::lexicon::nouns::MASS;

/// These painters worked. / This painters worked.
pub(super) fn determiners(grammar: &mut Grammar) -> MinimalPair {
    let number = grammar.usual_number();
    let mut right = match grammar.random.below(3) {
        0 => grammar.thing(number),
        _ => grammar.actor(number),
    };
    let mut wrong = right.clone();
    match grammar.random.below(7) {
        0..2 => {
            let (one, several) = grammar.random.pick(&[("this", "these"), ("that", "those")]);
            (right.determiner, wrong.determiner) = match number {
                Number::Singular => (Some(one), Some(several)),
                Number::Plural => (Some(several), Some(one)),
            };
        }
        2 | 3 => {
            // a dogs, two dog
            let one = grammar
                .random
                .pick(&["a", "a", "every", "each", "another", "one"]);
            let several = grammar.random.pick(&SEVERAL[2..]);
            let several = if several == "some" { "many" } else { several };
            (right.determiner, wrong.determiner) = match number {
                Number::Singular => (Some(one), Some(several)),
                Number::Plural => (Some(several), Some(one)),
            };
        }
        // The cat sleeps. / Cat sleeps. But `Mother sleeps.` and `I like pizza.` are English.
        4 if !matches!(&right.head, Head::Noun(noun) if noun.kind == Kind::Food || CALLED.contains(&noun.singular)) =>
        {
            (right.number, wrong.number) = (Number::Singular, Number::Singular);
            right.determiner = Some(grammar.random.pick(&["the", "a", "my", "this"]));
            wrong.determiner = None;
        }
        4 | 5 => {
            // an old cat / a old cat
            (right.number, wrong.number) = (Number::Singular, Number::Singular);
            right.determiner = Some("a");
            wrong = right.clone();
            let head = right.words(Case::Object);
            wrong.determiner = Some(if head[0].text == "an" { WRONG_A } else { "an" });
        }
        _ => {
            let noun = grammar.random.pick(MASS);
            let right_one = grammar
                .random
                .pick(&[None, Some("some"), Some("much"), Some("the")]);
            right = NounPhrase::of(right_one, noun, Number::Singular);
            // `a coffee` is a cup of it.
            let wrong_one = match noun.kind {
                Kind::Food => grammar.random.pick(&["many", "these", "several", "few"]),
                _ => grammar.random.pick(&["a", "many", "two", "these", "several"]),
            };
            wrong = NounPhrase::of(Some(wrong_one), noun, Number::Singular);
        }
    }
    placed(grammar, right, wrong)
}

/// Nouns that can be names.
const CALLED: [&str; 8] = [
    "father",
    "mother",
    "grandfather",
    "grandmother",
    "doctor",
    "captain",
    "nurse",
    "baby",
];

/// `a` that does not become `an` before a vowel.
const WRONG_A: &str = "a ";

/// The phrases as the subject or the object of a clause.
fn placed(grammar: &mut Grammar, right: NounPhrase, wrong: NounPhrase) -> MinimalPair {
    let good = match grammar.random.once_in(2) {
        true => grammar.clause_about(right.clone()),
        false => {
            let subject = grammar.subject();
            let verb = loop {
                let verb = grammar.transitive();
                // `He plays piano.` is English.
                if verb.objects.contains(&right.kind()) && verb.lemma != "play" {
                    break verb;
                }
            };
            let mut clause = Clause::new(subject, verb, Complement::Object(right.clone()));
            clause.group = grammar.group(&verb);
            clause
        }
    };
    let mut bad = good.clone();
    match &mut bad.complement {
        Complement::Object(object) if *object == right => *object = wrong,
        _ => {
            // The verb must not show which number is right: it stays as it is.
            bad.wrong_agreement = Some(good.agreement());
            bad.subject = wrong;
        }
    }
    let tidy = |mut words: Vec<Word>| {
        words
            .iter_mut()
            .for_each(|word| word.text = word.text.trim().to_owned());
        words
    };
    MinimalPair::statements(good.parts().statement(), tidy(bad.parts().statement()))
}
