//! The grammatical phenomena. Each function makes a minimal pair: an acceptable and an unacceptable sentence that differ in
//! one thing.

use super::grammar::{Form, Grammar, Number, inflect, noun, present, words};
use super::lexicon::{Gender, PREPOSITIONS, PRONOUNS};

/// The words of the acceptable and of the unacceptable sentence.
pub type Words = (Vec<String>, Vec<String>);

/// Makes a minimal pair.
pub type Maker = fn(&mut Grammar) -> Words;

/// All phenomena, with their names.
pub const PHENOMENA: [(&str, Maker); 10] = [
    ("agreement", agreement),
    ("agreement across a phrase", agreement_across),
    ("determiner and noun", determiner),
    ("word order", word_order),
    ("objects", objects),
    ("reflexives", reflexives),
    ("auxiliaries", auxiliaries),
    ("negative polarity", negative_polarity),
    ("case", case),
    ("questions", questions),
];

fn pair(good: String, bad: String) -> Words {
    (words(&good), words(&bad))
}

/// A verb with what follows it: `(verb, rest)`.
fn predicate(grammar: &mut Grammar) -> (&'static str, String) {
    if grammar.random.once_in(2) {
        (grammar.intransitive(), grammar.maybe_place())
    } else {
        (grammar.transitive(), grammar.object())
    }
}

/// The painters work. / The painters works.
fn agreement(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let subject = grammar.subject(number);
    let (verb, rest) = predicate(grammar);
    let make = |number| format!("{subject} {} {rest}", present(verb, number));
    pair(make(number), make(number.other()))
}

/// The painters near the king work. / The painters near the king works.
fn agreement_across(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let subject = grammar.subject(number);
    let preposition = grammar.random.pick(&PREPOSITIONS);
    let other = grammar.subject(number.other());
    let (verb, rest) = predicate(grammar);
    let make = |number| format!("{subject} {preposition} {other} {} {rest}", present(verb, number));
    pair(make(number), make(number.other()))
}

/// These painters worked. / This painters worked.
fn determiner(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let both = if grammar.random.once_in(2) {
        ["this", "these"]
    } else {
        ["that", "those"]
    };
    let of = |number| both[usize::from(number == Number::Plural)];
    let person = grammar.person();
    let noun = noun(person, number);
    let (verb, rest) = predicate(grammar);
    let verb = inflect(verb, Form::Past);
    let make = |number| format!("{} {noun} {verb} {rest}", of(number));
    pair(make(number), make(number.other()))
}

/// The painter repaired the lamp. / The painter the lamp repaired.
fn word_order(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let subject = grammar.subject(number);
    let verb = inflect(grammar.transitive(), Form::Past);
    let object = grammar.object();
    let good = format!("{subject} {verb} {object}");
    let bad = match grammar.random.below(3) {
        0 => format!("{subject} {object} {verb}"),
        1 => format!("{verb} {subject} {object}"),
        _ => {
            let bare = subject.trim_start_matches("the ");
            format!("{bare} the {verb} {object}")
        }
    };
    pair(good, bad)
}

/// The painter repaired the lamp. / The painter repaired. And: The painter worked. / The painter worked the lamp.
fn objects(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let subject = grammar.subject(number);
    let object = grammar.object();
    let place = grammar.maybe_place();
    let make = |verb, object: &str| format!("{subject} {} {object} {place}", inflect(verb, Form::Past));
    if grammar.random.once_in(2) {
        let verb = grammar.transitive();
        pair(make(verb, &object), make(verb, ""))
    } else {
        let verb = grammar.intransitive();
        pair(make(verb, ""), make(verb, &object))
    }
}

/// The king near the nun protected himself. / The king near the nun protected herself.
fn reflexives(grammar: &mut Grammar) -> Words {
    let kinds = [
        (Gender::He, Number::Singular, "himself"),
        (Gender::She, Number::Singular, "herself"),
        (Gender::He, Number::Plural, "themselves"),
        (Gender::She, Number::Plural, "themselves"),
    ];
    let (gender, number, right) = grammar.random.pick(&kinds);
    let (other_gender, other_number, wrong) = loop {
        let other = grammar.random.pick(&kinds);
        if other.2 != right {
            break other;
        }
    };
    let (person, other) = (grammar.person_of(gender), grammar.person_of(other_gender));
    let subject = grammar.phrase("the", person, number);
    let preposition = grammar.random.pick(&PREPOSITIONS);
    let near = grammar.phrase("the", other, other_number);
    let verb = inflect(grammar.transitive(), Form::Past);
    let make = |reflexive| format!("{subject} {preposition} {near} {verb} {reflexive}");
    pair(make(right), make(wrong))
}

/// The painter will work. / The painter will worked.
fn auxiliaries(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let subject = grammar.subject(number);
    let (verb, rest) = predicate(grammar);
    let singular = number == Number::Singular;
    let forms = [
        ("will", Form::Base),
        (if singular { "has" } else { "have" }, Form::Past),
        (if singular { "is" } else { "are" }, Form::Progressive),
    ];
    let (auxiliary, right) = grammar.random.pick(&forms);
    let wrong = loop {
        let (other, form) = grammar.random.pick(&forms);
        // `is worked`, `are repaired` are passives.
        let passive = matches!(auxiliary, "is" | "are") && form == Form::Past;
        if other != auxiliary && !passive {
            break form;
        }
    };
    let make = |form| format!("{subject} {auxiliary} {} {rest}", inflect(verb, form));
    pair(make(right), make(wrong))
}

/// No painter near the king ever worked. / The painter near no king ever worked.
fn negative_polarity(grammar: &mut Grammar) -> Words {
    let (number, other_number) = (grammar.number(), grammar.number());
    let (person, thing) = (grammar.person(), grammar.thing());
    let (subject, near) = (noun(person, number), noun(thing, other_number));
    let preposition = grammar.random.pick(&PREPOSITIONS);
    let (verb, rest) = predicate(grammar);
    let verb = inflect(verb, Form::Past);
    let make = |first, second| format!("{first} {subject} {preposition} {second} {near} ever {verb} {rest}");
    pair(make("no", "the"), make("the", "no"))
}

/// She greeted the king. / Her greeted the king. And: The king greeted her. / The king greeted she.
fn case(grammar: &mut Grammar) -> Words {
    let (subject, object) = grammar.random.pick(&PRONOUNS);
    let number = grammar.number();
    let other = grammar.subject(number);
    let verb = inflect(grammar.transitive(), Form::Past);
    let place = grammar.maybe_place();
    if grammar.random.once_in(2) {
        let make = |pronoun| format!("{pronoun} {verb} {other} {place}");
        pair(make(subject), make(object))
    } else {
        let make = |pronoun| format!("{other} {verb} {pronoun} {place}");
        pair(make(object), make(subject))
    }
}

/// What did the painter repair? / What did the painter repair the lamp? And: Did the painter repair the lamp? / Did the
/// painter repair?
fn questions(grammar: &mut Grammar) -> Words {
    let number = grammar.number();
    let subject = grammar.subject(number);
    let verb = grammar.transitive();
    let object = grammar.object();
    let full = format!("did {subject} {verb} {object} ?");
    let gap = format!("did {subject} {verb} ?");
    if grammar.random.once_in(2) {
        pair(format!("what {gap}"), format!("what {full}"))
    } else {
        pair(full, gap)
    }
}
