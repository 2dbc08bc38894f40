//! The word pieces of the model that searches the news.

use std::collections::HashSet;

use super::days::DAYS;
use super::names::{FIRMS, FIRST, LAST};
use super::places::COUNTRIES;
use super::topics::TOPICS;

/// Special tokens, all words of the news, endings, and single characters, so that the tokenizer can split any English text.
pub fn vocabulary() -> Vec<String> {
    let mut texts = vec!["in the capital of"];
    for topic in &TOPICS {
        topic.subjects.iter().for_each(|subject| texts.extend(*subject));
        texts.extend(topic.background);
        for happening in topic.happenings {
            for list in [
                happening.verbs,
                happening.nouns,
                happening.leads,
                happening.details,
            ] {
                texts.extend(list);
            }
        }
    }
    for country in &COUNTRIES {
        texts.extend([country.name, country.adjective, country.capital, country.city]);
    }
    for day in &DAYS {
        texts.extend(day.written.iter().chain(day.asked));
    }
    texts.extend(FIRST.iter().chain(&LAST).chain(&FIRMS));
    let words = texts.iter().flat_map(|text| text.split([' ', '-']));
    let words = words.filter(|word| !word.starts_with('{'));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(String::from);
    let numbers = (10..50).map(|number| number.to_string());
    let endings = ["s", "es", "ed", "ing", "er", "ly"].map(|ending| format!("##{ending}"));
    let characters = ('a'..='z').chain('0'..='9');
    let characters = characters.flat_map(|c| [c.to_string(), format!("##{c}")]);
    let marks = ".,;:!?'\"()-".chars().map(String::from);
    let mut known = HashSet::new();
    special
        .into_iter()
        .chain(words.map(str::to_lowercase))
        .chain(["an".into()])
        .chain(numbers)
        .chain(endings)
        .chain(characters)
        .chain(marks)
        .filter(|piece| !piece.is_empty() && known.insert(piece.clone()))
        .collect()
}
