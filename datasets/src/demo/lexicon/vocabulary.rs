//! The word pieces of the demo's model.

use super::events::*;
use super::function_words::{
    AMOUNTS, INDEFINITE, ONE, OTHER, POSSESSIVES, PREPOSITIONS, PRONOUNS, SEVERAL, WITH_PLACES, WITH_THINGS,
};
use super::{adjectives, nouns, verbs};

const ENDINGS: [&str; 13] = [
    "##s", "##es", "##ies", "##e", "##y", "##ed", "##ied", "##ing", "##ying", "##er", "##ier", "##ger", "##r",
];

/// Special tokens, stems, endings, and single characters, so that the tokenizer can split any English text.
///
/// Regular plurals and verb forms are not in it: they are a stem and an ending, so that all words share what the model learns
/// about an ending.
pub fn vocabulary() -> Vec<String> {
    let mut words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .map(String::from)
        .into();
    let mut known: std::collections::HashSet<String> = words.iter().cloned().collect();
    let mut add = |word: &str| {
        let word = word.to_lowercase();
        if known.insert(word.clone()) {
            words.push(word);
        }
    };
    OTHER.iter().for_each(|word| add(word));
    for pronoun in PRONOUNS.iter().chain(&INDEFINITE) {
        for form in [pronoun.subject, pronoun.object, pronoun.reflexive] {
            add(form);
        }
    }
    for list in [
        POSSESSIVES,
        ONE,
        SEVERAL,
        AMOUNTS,
        &PREPOSITIONS,
        WITH_THINGS,
        WITH_PLACES,
    ] {
        list.iter().for_each(|word| add(word));
    }
    verbs::MODALS.iter().for_each(|verb| add(verb.lemma));
    for noun in nouns::all() {
        add(noun_stem(noun.singular));
        noun.irregular_plural.into_iter().for_each(&mut add);
    }
    nouns::NAMES.iter().for_each(|name| add(name.name));
    for verb in verbs::all() {
        add(verb.stem());
        add(&verb.doubled_stem());
        let forms = verb
            .irregular
            .into_iter()
            .flat_map(|(past, participle)| [past, participle]);
        forms.for_each(&mut add);
    }
    for list in [
        adjectives::OF_THE_LIVING,
        adjectives::OF_THINGS,
        adjectives::GRADED,
        adjectives::MANNER,
        adjectives::FINAL,
        adjectives::WHERE,
        adjectives::FREQUENCY,
        &ADJECTIVES,
        &TRANSITIVE,
        &INTRANSITIVE,
        &TO_PEOPLE,
        &TO_THINGS,
        &INTRANSITIVE_OR_NOUN,
        &TRANSITIVE_OR_NOUN,
        &ADJECTIVE_OR_VERB,
        PRAISE,
        BLAME,
        &COMPARED.map(|(more, _)| more),
        &COMPARED.map(|(_, less)| less),
    ] {
        let words = list.iter().flat_map(|word| word.split(' '));
        words.for_each(&mut add);
    }
    for adjective in adjectives::GRADED {
        adjective.strip_suffix('y').into_iter().for_each(&mut add);
    }
    ENDINGS.iter().for_each(|ending| add(ending));
    for character in ('a'..='z').chain('0'..='9') {
        add(&character.to_string());
        add(&format!("##{character}"));
    }
    ".,;:!?'\"()-".chars().for_each(|mark| add(&mark.to_string()));
    words
}

/// `teacher` is `teach` + `##er`, but `brother` is not `broth` + `##er`; `city` is `cit` + `##y`.
fn noun_stem(noun: &'static str) -> &'static str {
    let agents = [
        "teacher", "painter", "singer", "farmer", "writer", "driver", "dancer", "baker", "player", "worker",
        "helper", "climber", "cleaner", "builder", "hunter",
    ];
    match noun {
        _ if agents.contains(&noun) => noun.trim_end_matches("er"),
        _ if noun.ends_with('y') && super::add_s(noun).ends_with("ies") => noun.trim_end_matches('y'),
        _ => noun,
    }
}
