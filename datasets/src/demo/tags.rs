//! Sentences with the part of speech of each word, as in Universal Dependencies (universaldependencies.org/u/pos).
//!
//! ```
//! use datasets::demo::{DemoConfig, tags};
//! let sentences = tags::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! let first = &sentences.train.examples()[0];
//! assert_eq!(first.tags.as_ref().map(Vec::len), Some(first.words.len()));
//! ```
//!
//! Many words can have two tags, and only their context shows which one is right: `The painters book the laughs.`, `The
//! books work.`, `That lamp is old.`, `That is the old lamp.`

use super::grammar::{Grammar, Negation, inflect, noun, present};
use super::lexicon::events::{
    ADJECTIVE_OR_VERB, INTRANSITIVE, INTRANSITIVE_OR_NOUN, TRANSITIVE, TRANSITIVE_OR_NOUN,
};
use super::lexicon::features::{Form, Number};
use super::lexicon::function_words::{PREPOSITIONS, PRONOUNS};
use super::{DemoConfig, DemoCorpus, dataset, splits};
use crate::examples::TaggedExample;

/// Words with their tags.
type Tagged = Vec<(String, &'static str)>;

/// Generates train and dev sentences. No sentence is in both splits.
pub fn generate(config: &DemoConfig) -> DemoCorpus<TaggedExample> {
    let (train, dev) = splits(
        config,
        |grammar, number| example(SENTENCES[number % SENTENCES.len()](grammar)),
        |(text, _)| vec![text.clone()],
    );
    dataset(config, "tags", train, dev, |(text, tagged), source| {
        let mut offsets = vec![];
        let mut end = 0;
        for (word, _) in &tagged {
            let start = end
                + text[end..]
                    .find(word.as_str())
                    .expect("the text is made of its words");
            end = start + word.len();
            offsets.push((start, end));
        }
        let (words, tags): (Vec<String>, Vec<String>) = tagged
            .into_iter()
            .map(|(word, tag)| (word, tag.to_owned()))
            .unzip();
        TaggedExample {
            words,
            tags: Some(tags),
            text: Some(text),
            offsets: Some(offsets),
            source,
        }
    })
}

/// The text of the sentence, and its words with a capital.
fn example(mut tagged: Tagged) -> (String, Tagged) {
    let first = &mut tagged[0].0;
    let capital = first[..1].to_ascii_uppercase();
    first.replace_range(..1, &capital);
    let mut text = String::new();
    for (word, tag) in &tagged {
        if !text.is_empty() && *tag != "PUNCT" {
            text.push(' ');
        }
        text += word;
    }
    (text, tagged)
}

const SENTENCES: [fn(&mut Grammar) -> Tagged; 14] = [
    intransitive,
    intransitive,
    intransitive,
    transitive,
    transitive,
    auxiliary,
    passive,
    question,
    description,
    pronoun,
    clause,
    clause,
    clause,
    clause,
];

fn push(tagged: &mut Tagged, word: impl Into<String>, tag: &'static str) {
    tagged.push((word.into(), tag));
}

fn determiner(grammar: &mut Grammar, number: Number) -> &'static str {
    let all = match number {
        Number::Singular => ["the", "this", "that", "no"],
        Number::Plural => ["the", "these", "those", "no"],
    };
    grammar.random.pick(&all)
}

/// A noun. Four in five can also be a verb.
fn ambiguous_noun(grammar: &mut Grammar) -> &'static str {
    match grammar.random.below(5) {
        0 => grammar.item(),
        1 | 2 => grammar.random.pick(&TRANSITIVE_OR_NOUN),
        _ => grammar.random.pick(&INTRANSITIVE_OR_NOUN),
    }
}

/// A verb that needs an object. Four in five can also be a noun.
fn transitive_verb(grammar: &mut Grammar) -> &'static str {
    match grammar.random.once_in(5) {
        true => grammar.random.pick(&TRANSITIVE),
        false => grammar.random.pick(&TRANSITIVE_OR_NOUN),
    }
}

/// A verb that takes no object. Four in five can also be a noun or an adjective.
fn intransitive_verb(grammar: &mut Grammar) -> &'static str {
    match grammar.random.below(5) {
        0 => grammar.random.pick(&INTRANSITIVE),
        1 | 2 => grammar.random.pick(&INTRANSITIVE_OR_NOUN),
        _ => grammar.random.pick(&ADJECTIVE_OR_VERB),
    }
}

fn adjective(grammar: &mut Grammar) -> &'static str {
    match grammar.random.once_in(4) {
        true => grammar.adjective(),
        false => grammar.random.pick(&ADJECTIVE_OR_VERB),
    }
}

fn phrase(grammar: &mut Grammar, stem: &str, number: Number) -> Tagged {
    let mut tagged = vec![(determiner(grammar, number).to_owned(), "DET")];
    if grammar.random.once_in(3) {
        push(&mut tagged, adjective(grammar), "ADJ");
    }
    push(&mut tagged, noun(stem, number), "NOUN");
    tagged
}

/// A noun phrase; its noun is a person with probability 1/3.
fn subject(grammar: &mut Grammar, number: Number) -> Tagged {
    let stem = match grammar.random.once_in(3) {
        true => grammar.agent(),
        false => ambiguous_noun(grammar),
    };
    phrase(grammar, stem, number)
}

fn object(grammar: &mut Grammar) -> Tagged {
    let (stem, number) = (ambiguous_noun(grammar), grammar.number());
    phrase(grammar, stem, number)
}

fn place(grammar: &mut Grammar) -> Tagged {
    let preposition = match grammar.random.once_in(4) {
        true => "of",
        false => grammar.random.pick(&PREPOSITIONS),
    };
    let mut tagged = vec![(preposition.to_owned(), "ADP")];
    tagged.extend(object(grammar));
    tagged
}

/// The past tense with probability 1/6, else the present tense.
fn finite(grammar: &mut Grammar, verb: &'static str, number: Number) -> String {
    match grammar.random.once_in(6) {
        true => inflect(verb, Form::PastParticiple),
        false => present(verb, number),
    }
}

fn end(mut tagged: Tagged, mark: &str) -> Tagged {
    push(&mut tagged, mark, "PUNCT");
    tagged
}

/// The painters near the chair limp.
fn intransitive(grammar: &mut Grammar) -> Tagged {
    let number = grammar.number();
    let mut tagged = subject(grammar, number);
    if grammar.random.once_in(3) {
        tagged.extend(place(grammar));
    }
    let verb = intransitive_verb(grammar);
    push(&mut tagged, finite(grammar, verb, number), "VERB");
    if grammar.random.once_in(2) {
        tagged.extend(place(grammar));
    }
    end(tagged, ".")
}

/// The painters book the works.
fn transitive(grammar: &mut Grammar) -> Tagged {
    let number = grammar.number();
    let mut tagged = subject(grammar, number);
    let verb = transitive_verb(grammar);
    push(&mut tagged, finite(grammar, verb, number), "VERB");
    tagged.extend(object(grammar));
    end(tagged, ".")
}

/// The painter will not book the work.
fn auxiliary(grammar: &mut Grammar) -> Tagged {
    let number = grammar.number();
    let mut tagged = subject(grammar, number);
    let singular = number == Number::Singular;
    let (word, form) = grammar.random.pick(&[
        ("will", Form::Base),
        ("did", Form::Base),
        (if singular { "has" } else { "have" }, Form::PastParticiple),
        (if singular { "is" } else { "are" }, Form::PresentParticiple),
    ]);
    push(&mut tagged, word, "AUX");
    if word == "did" || grammar.random.once_in(2) {
        push(&mut tagged, "not", "PART");
    }
    if grammar.random.once_in(2) {
        let verb = transitive_verb(grammar);
        push(&mut tagged, inflect(verb, form), "VERB");
        tagged.extend(object(grammar));
    } else {
        let verb = intransitive_verb(grammar);
        push(&mut tagged, inflect(verb, form), "VERB");
    }
    end(tagged, ".")
}

/// The book was chaired by the painters.
fn passive(grammar: &mut Grammar) -> Tagged {
    let number = grammar.number();
    let mut tagged = subject(grammar, number);
    push(
        &mut tagged,
        if number == Number::Singular { "was" } else { "were" },
        "AUX",
    );
    let verb = transitive_verb(grammar);
    push(&mut tagged, inflect(verb, Form::PastParticiple), "VERB");
    push(&mut tagged, "by", "ADP");
    let other = grammar.number();
    tagged.extend(subject(grammar, other));
    end(tagged, ".")
}

/// Did the painters book the work? What did the painters book? Where did they book it? Who books the work?
fn question(grammar: &mut Grammar) -> Tagged {
    let mut tagged = vec![];
    let kind = grammar.random.below(6);
    if kind == 0 {
        push(&mut tagged, "who", "PRON");
        let verb = transitive_verb(grammar);
        push(&mut tagged, finite(grammar, verb, Number::Singular), "VERB");
        tagged.extend(object(grammar));
        return end(tagged, "?");
    }
    let (word, tag) = match kind {
        1 => (grammar.random.pick(&["where", "when", "why", "how"]), "ADV"),
        2 | 3 => ("what", "PRON"),
        _ => ("", ""),
    };
    if !word.is_empty() {
        push(&mut tagged, word, tag);
    }
    push(&mut tagged, "did", "AUX");
    let number = grammar.number();
    tagged.extend(subject(grammar, number));
    push(&mut tagged, transitive_verb(grammar), "VERB");
    if tag != "PRON" {
        tagged.extend(object(grammar));
    }
    end(tagged, "?")
}

/// The painter is faint. The painter is older than this book.
fn description(grammar: &mut Grammar) -> Tagged {
    let number = grammar.number();
    let mut tagged = subject(grammar, number);
    push(
        &mut tagged,
        if number == Number::Singular { "is" } else { "are" },
        "AUX",
    );
    if grammar.random.once_in(2) {
        push(&mut tagged, adjective(grammar), "ADJ");
    } else {
        let comparative = format!("{}er", grammar.adjective());
        push(&mut tagged, comparative, "ADJ");
        push(&mut tagged, "than", "ADP");
        tagged.extend(object(grammar));
    }
    end(tagged, ".")
}

/// Any sentence of the grammar: I gave Mary a book. Where does my brother work?
fn clause(grammar: &mut Grammar) -> Tagged {
    grammar.plain = grammar.random.once_in(2);
    let mut clause = grammar.clause();
    if clause.group.negation == Negation::Contracted {
        // Universal Dependencies splits `doesn't` in two.
        clause.group.negation = Negation::Not;
    }
    let asks = grammar.random.once_in(6);
    clause.group.inverted = asks;
    let parts = clause.parts();
    let (words, mark) = match asks {
        true => (parts.question(), "?"),
        false => (parts.statement(), "."),
    };
    let mut tagged = vec![];
    for word in words {
        match word.text.as_str() {
            "every day" => tagged.extend([("every".into(), "DET"), ("day".into(), "NOUN")]),
            text => push(&mut tagged, text, word.tag),
        }
    }
    end(tagged, mark)
}

/// That is the painter. She books her.
fn pronoun(grammar: &mut Grammar) -> Tagged {
    let number = grammar.number();
    let mut tagged = vec![];
    if grammar.random.once_in(2) {
        let (word, verb) = match number {
            Number::Singular => (grammar.random.pick(&["this", "that"]), "is"),
            Number::Plural => (grammar.random.pick(&["these", "those"]), "are"),
        };
        push(&mut tagged, word, "PRON");
        push(&mut tagged, verb, "AUX");
        tagged.extend(subject(grammar, number));
    } else {
        let third = [PRONOUNS[2], PRONOUNS[3], PRONOUNS[6]];
        let first = grammar.random.pick(&third).subject;
        let second = grammar.random.pick(&third).object;
        let number = if first == "they" {
            Number::Plural
        } else {
            Number::Singular
        };
        push(&mut tagged, first, "PRON");
        let verb = transitive_verb(grammar);
        push(&mut tagged, finite(grammar, verb, number), "VERB");
        push(&mut tagged, second, "PRON");
        if grammar.random.once_in(2) {
            tagged.extend(place(grammar));
        }
    }
    end(tagged, ".")
}
