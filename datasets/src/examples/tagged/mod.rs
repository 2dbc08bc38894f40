//! Sentences with a tag for every word.

#[cfg(feature = "files")]
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

#[cfg(feature = "files")]
use super::Storable;
use super::scheme::{Entities, Scheme, to_bio};
use super::{Example, Examples, Group, Labels, MAX_BYTES};
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

#[cfg(feature = "files")]
impl Storable for TaggedExample {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        let words = serde_json::to_string(&(&self.words, &self.tags, &self.offsets));
        let words = words.expect("lists of texts and numbers are JSON");
        [Some(words.into()), self.text.as_deref().map(Cow::Borrowed), None]
    }

    fn from_parts([words, text, _]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        let (words, tags, offsets) =
            serde_json::from_str(words.unwrap_or_default()).expect("it was written by `parts`");
        Self {
            words,
            tags,
            offsets,
            text: text.map(str::to_owned),
            source,
        }
    }

    fn size(&self) -> usize {
        // A short string takes its own allocation.
        const STRING: usize = size_of::<String>() + 16;
        let strings = self.words.iter().chain(self.tags.iter().flatten());
        let strings = strings.map(|string| STRING + string.len());
        let offsets = self.offsets.iter().flatten().map(size_of_val);
        let text = self.text.as_ref().map_or(0, String::len);
        size_of::<Self>() + text + strings.chain(offsets).sum::<usize>()
    }
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
        let mut found = self.tag_counts()?;
        let outside = found.remove_entry("O");
        let mut all: Vec<String> = outside.into_iter().chain(found).map(|(tag, _)| tag).collect();
        let names = self.label_names()?;
        if !names.is_empty() {
            all = names.to_vec();
        }
        let first = self.first()?;
        let file = first.source.file.display();
        if all.len() < 2 {
            let reason = format!("{file}: only one tag occurs; at least two are needed");
            return Err(DataError::Labels(reason));
        }
        Labels::from_names(all).map_err(|error| DataError::Labels(format!("{file}: {error}")))
    }

    /// How many words each tag has.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub fn tag_counts(&self) -> Result<BTreeMap<String, usize>, DataError> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        self.try_for_each(|example| {
            for tag in example.tags.iter().flatten() {
                match counts.get_mut(tag) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(tag.clone(), 1)),
                }
            }
            Ok::<(), DataError>(())
        })?;
        Ok(counts)
    }

    /// The same sentences with their entities written as BIO (IOB2). `None` detects the present scheme, and adds a note if
    /// it is not BIO; tags that are not entity tags stay unchanged.
    ///
    /// # Errors
    /// If a temporary file cannot be read or written.
    pub fn into_bio(self, scheme: Option<Scheme>) -> Result<Self, DataError> {
        let mut entities = Entities::default();
        let mut found = Scheme::Bio;
        if scheme.is_none() {
            self.try_for_each(|example| {
                if let Some(tags) = &example.tags {
                    tags.iter().for_each(|tag| entities.observe(tag));
                    found.observe(tags);
                }
                Ok::<(), DataError>(())
            })?;
            if !entities.are_tagged() {
                return Ok(self);
            }
        }
        let why = match (scheme, found) {
            (None, Scheme::Bio) => return Ok(self),
            (None, Scheme::Iob1) => Some("an entity begins with I-"),
            (None, Scheme::Iobes) => Some("there are tags for the last words of entities"),
            (Some(_), _) => None,
        };
        let scheme = scheme.unwrap_or(found);
        let file = self.first()?.source.file.clone();
        let data = self.map(|example| TaggedExample {
            tags: example.tags.map(|tags| to_bio(&tags, scheme)),
            ..example
        })?;
        let data = match scheme {
            // The file's names are of tags that no longer occur.
            Scheme::Iobes => data.with_label_names(vec![]),
            _ => data,
        };
        Ok(match why {
            Some(why) => {
                let read = format!("{} is read as {scheme} ({why}) and becomes BIO; ", file.display());
                data.with_note(Message::new(read).option("scheme").text(" overrides this"))
            }
            None => data,
        })
    }

    /// Plain sentences, split into words: at white space, and around each character that is neither a letter nor a
    /// digit, except inside a word (`don't`, `e-mail`, `3.5` stay whole).
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_texts(source: &Path, texts: &[String]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let texts = texts.iter().enumerate();
        let examples = texts.map(|(at, text)| TaggedExample::of_text(text.clone(), file.line(at + 1)));
        Self::new(source, examples.collect::<Result<_, _>>()?)
    }
}

impl TaggedExample {
    /// A plain sentence: see [`TaggedDataset::from_texts`].
    ///
    /// # Errors
    /// If it has no word, or more than [`MAX_BYTES`] bytes.
    pub fn of_text(text: String, source: Source) -> Result<Self, DataError> {
        if text.len() > MAX_BYTES {
            let reason = format!(
                "a sentence of {} bytes; at most {MAX_BYTES} (8 MiB) are read as one; divide it into lines",
                text.len()
            );
            return Err(source.error(None, reason));
        }
        let (words, offsets) = split_words(&text);
        if words.is_empty() {
            return Err(source.error(None, "empty text"));
        }
        Ok(Self {
            words,
            tags: None,
            text: Some(text),
            offsets: Some(offsets),
            source,
        })
    }
}

/// The words of a text with their start and end in code points: see [`TaggedDataset::from_texts`].
fn split_words(text: &str) -> (Vec<String>, Vec<(usize, usize)>) {
    let characters: Vec<char> = text.chars().collect();
    let is_word = |at: usize| characters.get(at).is_some_and(|c| c.is_alphanumeric());
    let inner = |at: usize| at > 0 && is_word(at - 1) && is_word(at + 1) && !is_mark(characters[at]);
    let (mut words, mut offsets, mut start) = (vec![], vec![], None::<usize>);
    let mut add = |from: usize, to: usize| {
        words.push(characters[from..to].iter().collect());
        offsets.push((from, to));
    };
    for (at, character) in characters.iter().enumerate() {
        let part = is_word(at) || (!character.is_whitespace() && inner(at));
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                add(from, at);
                start = None;
            }
            _ => {}
        }
        if !part && !character.is_whitespace() && !character.is_control() {
            add(at, at + 1);
        }
    }
    if let Some(from) = start {
        add(from, characters.len());
    }
    (words, offsets)
}

/// Characters that separate words even without a space: brackets, quotes, punctuation that ends a clause.
fn is_mark(character: char) -> bool {
    "()[]{}<>\"“”«»;!?…/\\|".contains(character)
}

#[cfg(test)]
mod tests;
