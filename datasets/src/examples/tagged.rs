//! Sentences with a tag for every word.

use std::path::Path;

use serde::Serialize;

use super::scheme::{Scheme, are_entities, to_bio};
use super::{Example, Examples, Group, Labels};
use crate::error::DataError;
use crate::message::Message;
use crate::source::Source;

/// A sentence in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaggedExample {
    /// Its words.
    pub words: Vec<String>,
    /// A tag for each word, where they are known.
    pub tags: Option<Vec<String>>,
    /// The original text of the sentence, if known.
    pub text: Option<String>,
    /// Start and end of each word in it, in Unicode code points.
    pub offsets: Option<Vec<(usize, usize)>>,
    /// Where its first word is from.
    #[serde(skip)]
    pub source: Source,
}

/// Sentences in the order of their files.
pub type TaggedDataset = Examples<TaggedExample>;

impl Example for TaggedExample {
    fn source(&self) -> &Source {
        &self.source
    }

    fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> = self.tags.iter().flatten().map(String::as_str).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    fn groups(&self) -> Vec<Group<'_>> {
        self.source.document.map(Group::Document).into_iter().collect()
    }
}

impl TaggedDataset {
    /// Every tag: those that the file names, in its order, else those that occur, sorted; `O` first.
    ///
    /// # Errors
    /// If there are fewer than two.
    pub fn labels(&self) -> Result<Labels, DataError> {
        let tags = self
            .examples()
            .iter()
            .flat_map(|example| example.tags.iter().flatten());
        let mut all: Vec<&str> = tags.map(String::as_str).collect();
        all.sort_by_key(|tag| (*tag != "O", *tag));
        all.dedup();
        if !self.label_names()?.is_empty() {
            all = self.label_names()?.iter().map(String::as_str).collect();
        }
        let file = self.examples()[0].source.file.display();
        if all.len() < 2 {
            let reason = format!("{file}: only one tag occurs; at least two are needed");
            return Err(DataError::Labels(reason));
        }
        Labels::from_names(all.into_iter().map(str::to_owned).collect())
            .map_err(|error| DataError::Labels(format!("{file}: {error}")))
    }

    /// The same sentences with their entities written as BIO (IOB2). `None` detects the present scheme, and adds a note if
    /// it is not BIO; tags that are not entity tags stay unchanged.
    pub fn into_bio(self, scheme: Option<Scheme>) -> Self {
        let tags = || self.examples().iter().flat_map(|example| example.tags.iter());
        if scheme.is_none() && !are_entities(tags().flatten().map(String::as_str)) {
            return self;
        }
        let found = Scheme::detect(tags().map(Vec::as_slice));
        let file = self.examples()[0].source.file.clone();
        let why = match (scheme, found) {
            (None, Scheme::Bio) => return self,
            (None, Scheme::Iob1) => Some("an entity begins with I-"),
            (None, Scheme::Iobes) => Some("there are tags for the last words of entities"),
            (Some(_), _) => None,
        };
        let scheme = scheme.unwrap_or(found);
        let data = self.map(|example| TaggedExample {
            tags: example.tags.map(|tags| to_bio(&tags, scheme)),
            ..example
        });
        let data = match scheme {
            // The file's names are of tags that no longer occur.
            Scheme::Iobes => data.with_label_names(vec![]),
            _ => data,
        };
        match why {
            Some(why) => {
                let read = format!("{} is read as {scheme} ({why}) and becomes BIO; ", file.display());
                data.with_note(Message::new(read).option("scheme").text(" overrides this"))
            }
            None => data,
        }
    }

    /// Plain sentences, split into words: at white space, and around each character that is neither a letter nor a
    /// digit, except inside a word (`don't`, `e-mail`, `3.5` stay whole).
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_texts(source: &Path, texts: &[String]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let mut examples = vec![];
        for (at, text) in texts.iter().enumerate() {
            let source = file.line(at + 1);
            let (words, offsets) = TaggedExample::split(text);
            if words.is_empty() {
                return Err(source.error(None, "empty text"));
            }
            examples.push(TaggedExample {
                words,
                tags: None,
                text: Some(text.clone()),
                offsets: Some(offsets),
                source,
            });
        }
        Self::new(source, examples)
    }
}

impl TaggedExample {
    /// The words of a text, and their start and end: see [`TaggedDataset::from_texts`].
    pub(crate) fn split(text: &str) -> (Vec<String>, Vec<(usize, usize)>) {
        split_words(text).into_iter().unzip()
    }
}

/// The words of a text with their start and end in code points: see [`TaggedDataset::from_texts`].
fn split_words(text: &str) -> Vec<(String, (usize, usize))> {
    let characters: Vec<char> = text.chars().collect();
    let is_word = |at: usize| characters.get(at).is_some_and(|c| c.is_alphanumeric());
    let inner = |at: usize| at > 0 && is_word(at - 1) && is_word(at + 1) && !is_mark(characters[at]);
    let (mut words, mut start) = (vec![], None::<usize>);
    let word = |from: usize, to: usize| (characters[from..to].iter().collect::<String>(), (from, to));
    for (at, character) in characters.iter().enumerate() {
        let part = is_word(at) || (!character.is_whitespace() && inner(at));
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(word(from, at));
                start = None;
            }
            _ => {}
        }
        if !part && !character.is_whitespace() && !character.is_control() {
            words.push(word(at, at + 1));
        }
    }
    if let Some(from) = start {
        words.push(word(from, characters.len()));
    }
    words
}

/// Characters that separate words even without a space: brackets, quotes, punctuation that ends a clause.
fn is_mark(character: char) -> bool {
    "()[]{}<>\"“”«»;!?…/\\|".contains(character)
}

#[cfg(test)]
mod tests;
