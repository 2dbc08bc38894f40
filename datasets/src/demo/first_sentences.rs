//! Sentences that a reader of the README is likely to try first on the demo's model. It never trains on those of the first list.
//!
//! The list was written before the grammar of the demo was tuned. The training data has none of its sentences. Where a
//! sentence has two or more content words (nouns, names, verbs, adjectives), no training sentence has all of them, in any
//! form: as `The cat sleeps.` is in the list, cats never sleep in the training data. See [`HeldOut`].

use std::collections::{HashMap, HashSet};

use super::grammar::Word;
use super::lexicon::lemmas;

/// Sentences that are English.
pub const ACCEPTABLE: [&str; 30] = [
    "The cat sleeps.",
    "The cats sleep.",
    "The king admires himself.",
    "I should study.",
    "The book is on the table.",
    "The boy who sees the girls is happy.",
    "The painters near the king admire themselves.",
    "The queen has praised the doctors.",
    "Which book did the king read?",
    "Dogs are here.",
    "She admires the king.",
    "The dogs that chase the cat are here.",
    "Birds sing.",
    "I am happy.",
    "You are my friend.",
    "He likes music.",
    "They have finished the work.",
    "The children play in the garden.",
    "Mary loves John.",
    "It is raining.",
    "The man who lives in the house is old.",
    "The keys to the cabinet are on the table.",
    "What did you eat?",
    "Can you swim?",
    "The teacher gave the student a book.",
    "My sister can sing.",
    "The women saw themselves in the mirror.",
    "The dog does not bark.",
    "There is a cat in the kitchen.",
    "We want to go home.",
];

/// Sentences that are not.
pub const UNACCEPTABLE: [&str; 30] = [
    "The dogs that chase the cat is here.",
    "She admire the king.",
    "Dogs is here.",
    "The painters near the king admire himself.",
    "I should studying.",
    "The cat sleep.",
    "The cats sleeps.",
    "The king admires itself.",
    "The king admires themselves.",
    "The nun admires himself.",
    "The book are on the table.",
    "The boy who sees the girls are happy.",
    "The queen has praise the doctors.",
    "Which book did the king reads?",
    "I is happy.",
    "You is my friend.",
    "He like music.",
    "They has finished the work.",
    "The children plays in the garden.",
    "The man who live in the house is old.",
    "The keys to the cabinet is on the table.",
    "Him likes the dog.",
    "What did you ate?",
    "Can you swims?",
    "She can sings.",
    "The dog barking.",
    "Cat the sleeps.",
    "This books are old.",
    "There are a cat in the kitchen.",
    "She don't like the cat.",
];

/// Sentences that are English, from a second list, which was written after the parts of the grammar. Some of its words are not in the demo's lexicon.
pub const LATER_ACCEPTABLE: [&str; 30] = [
    "The sun is hot.",
    "My mother works in a hospital.",
    "We are students.",
    "She has two brothers.",
    "Tom and Anna live in a small house.",
    "Did you see the film?",
    "Where do you live?",
    "The girl reads a book every day.",
    "I don't know him.",
    "The dog chased the cat.",
    "The apples are red.",
    "They were sleeping when I arrived.",
    "The letter was written by my uncle.",
    "She can speak English.",
    "This is my house.",
    "Those shoes are too big.",
    "He has never eaten pizza.",
    "The students who work hard pass the exam.",
    "My friends and I like music.",
    "Is she your sister?",
    "The flowers in the garden are beautiful.",
    "I think that he is right.",
    "Why are you crying?",
    "The boys washed themselves.",
    "Nobody knows the answer.",
    "The old man with the dogs walks slowly.",
    "He wants to be a doctor.",
    "Please close the window.",
    "The zebra runs.",
    "Alice gave me a present.",
];

/// Sentences of the second list that are not.
pub const LATER_UNACCEPTABLE: [&str; 30] = [
    "The sun are hot.",
    "My mother work in a hospital.",
    "We is students.",
    "She have two brothers.",
    "Tom and Anna lives in a small house.",
    "Did you saw the film?",
    "Where you live?",
    "The girl reads a books every day.",
    "I don't knows him.",
    "The dog the cat chased.",
    "The apples is red.",
    "They was sleeping when I arrived.",
    "The letter was write by my uncle.",
    "She can speaks English.",
    "These is my house.",
    "That shoes are too big.",
    "He has never ate pizza.",
    "The students who works hard pass the exam.",
    "Me like music.",
    "Are she your sister?",
    "The flowers in the garden is beautiful.",
    "I think that he are right.",
    "Why you are crying?",
    "The boys washed himself.",
    "Nobody know the answer.",
    "The old man with the dogs walk slowly.",
    "He wants to being a doctor.",
    "The close window.",
    "The zebra run.",
    "Alice gave I a present.",
];

/// Decides which sentences may not be in the training data.
#[derive(Debug)]
pub struct HeldOut {
    sentences: HashSet<&'static str>,
    /// The content words of each listed sentence that has several.
    contents: Vec<Vec<&'static str>>,
}

impl HeldOut {
    /// Holds out [`ACCEPTABLE`] and [`UNACCEPTABLE`].
    pub fn first_sentences() -> Self {
        let sentences: HashSet<&str> = ACCEPTABLE.into_iter().chain(UNACCEPTABLE).collect();
        let lemmas = lemmas();
        let contents = sentences.iter().map(|text| content_words(text, &lemmas));
        let mut contents: Vec<Vec<&str>> = contents.collect();
        contents.retain(|words| words.len() > 1);
        contents.sort_unstable();
        contents.dedup();
        Self { sentences, contents }
    }

    /// Whether the sentence is in a list, or has all content words of a listed sentence.
    pub fn holds_out(&self, text: &str, words: &[Word]) -> bool {
        let has = |content: &&str| words.iter().any(|word| word.lemma == *content);
        self.sentences.contains(text) || self.contents.iter().any(|all| all.iter().all(&has))
    }
}

/// The content words of a text, in their dictionary form, sorted.
fn content_words(text: &str, lemmas: &HashMap<String, &'static str>) -> Vec<&'static str> {
    let words = text.split(|c: char| !c.is_alphabetic());
    let mut found: Vec<&str> = words
        .filter_map(|word| lemmas.get(word.to_lowercase().as_str()).copied())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_words_are_found_in_every_form() {
        let lemmas = lemmas();
        let words = |text| content_words(text, &lemmas);
        assert_eq!(words("The cats slept."), ["cat", "sleep"]);
        assert_eq!(words("I should study."), ["study"]);
        assert_eq!(words("Mary loves John."), ["John", "Mary", "love"]);
    }
}
