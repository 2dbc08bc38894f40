//! Questions about passages, with answers that are spans of the passage.

#[cfg(feature = "files")]
use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

#[cfg(feature = "files")]
use super::Storable;
use super::{Example, Examples, Group, MAX_BYTES};
use crate::error::DataError;
use crate::source::Source;

/// A question about a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuestionExample {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The passage; the questions of one passage share it.
    #[serde(serialize_with = "as_text")]
    pub passage: Arc<str>,
    /// The gold answers, where they are known; empty if the question has no answer.
    pub answers: Option<Vec<Answer>>,
    /// Where it is from.
    #[serde(skip)]
    pub source: Source,
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// A span of a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its text.
    pub text: String,
    /// Its position in the passage, in Unicode code points.
    #[serde(rename = "answer_start")]
    pub start: usize,
}

#[cfg(feature = "files")]
impl Storable for QuestionExample {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        let asked = serde_json::to_string(&(&self.id, &self.question, &self.answers));
        let asked = asked.expect("texts and numbers are JSON");
        [Some(asked.into()), Some(Cow::Borrowed(&self.passage)), None]
    }

    fn from_parts([asked, passage, _]: [Option<&str>; 3], source: Source, before: Option<&Self>) -> Self {
        let (id, question, answers) =
            serde_json::from_str(asked.unwrap_or_default()).expect("it was written by `parts`");
        let passage = passage.unwrap_or_default();
        let shared = before
            .map(|before| &before.passage)
            .filter(|before| ***before == *passage);
        Self {
            id,
            question,
            passage: shared.map_or_else(|| passage.into(), Arc::clone),
            answers,
            source,
        }
    }

    fn size(&self) -> usize {
        let answers = self.answers.iter().flatten();
        let answers = answers.map(|answer| size_of::<Answer>() + answer.text.len());
        // Questions share their passage, but nobody knows how many.
        size_of::<Self>()
            + self.id.len()
            + self.question.len()
            + answers.sum::<usize>()
            + self.passage.len() / 4
    }
}

/// Questions in the order of their files.
pub type QuestionDataset = Examples<QuestionExample>;

impl Example for QuestionExample {
    fn source(&self) -> &Source {
        &self.source
    }

    fn groups(&self) -> Vec<Group<'_>> {
        let article = self.source.document.map(Group::Document);
        article
            .into_iter()
            .chain([Group::Passage(&self.passage)])
            .collect()
    }
}

impl QuestionExample {
    /// The answers whose text is not at their offset.
    pub fn mismatches(&self) -> Vec<&Answer> {
        let at_offset = |answer: &Answer| {
            let start = byte_of(&self.passage, answer.start);
            self.passage[start..].starts_with(&answer.text)
        };
        self.answers
            .iter()
            .flatten()
            .filter(|answer| !at_offset(answer))
            .collect()
    }

    /// The span of an answer in the passage, in bytes and without white space at its ends: the first answer that is at its
    /// offset, else the first that occurs as whole words, where it is nearest to its offset.
    pub fn span(&self) -> Option<Range<usize>> {
        let passage = self.passage.as_ref();
        let answers = self.answers.as_deref().unwrap_or_default();
        let offset = |answer: &Answer| byte_of(passage, answer.start);
        let at_offset = |answer: &Answer| {
            let start = offset(answer);
            let text = answer.text.trim_start();
            let first = start + answer.text.len() - text.len();
            let found = passage[start..].starts_with(&answer.text) && !text.is_empty();
            found.then(|| first..first + text.trim_end().len())
        };
        let nearest = |answer: &Answer| {
            let (text, offset) = (answer.text.trim(), offset(answer));
            let spans = passage
                .match_indices(text)
                .map(|(start, _)| start..start + text.len());
            let words = spans.filter(|span| !span.is_empty() && is_whole(passage, span));
            words.min_by_key(|span| span.start.abs_diff(offset))
        };
        let exact = answers.iter().find_map(at_offset);
        exact.or_else(|| answers.iter().find_map(nearest))
    }

    /// Whether it has answers, but none of them occurs in its passage.
    pub fn is_lost(&self) -> bool {
        let answers = self.answers.as_deref().unwrap_or_default();
        answers.iter().any(|answer| !answer.text.trim().is_empty()) && self.span().is_none()
    }
}

/// The byte at which a character of a text begins; its end, if it has fewer.
fn byte_of(text: &str, character: usize) -> usize {
    let mut rest = text.chars();
    // Unlike `nth` of `char_indices`, `nth` of `chars` does not look at each character by itself.
    if let Some(before) = character.checked_sub(1) {
        rest.nth(before);
    }
    text.len() - rest.as_str().len()
}

/// Whether a part of a text begins and ends at word boundaries, in scripts that separate words.
fn is_whole(text: &str, part: &Range<usize>) -> bool {
    // Letters of scripts without spaces have no case.
    let in_word = |letter: char| letter.is_numeric() || letter.is_lowercase() || letter.is_uppercase();
    let inside_word = |at: usize| {
        let (before, after) = text.split_at(at);
        before.ends_with(in_word) && after.starts_with(in_word)
    };
    !inside_word(part.start) && !inside_word(part.end)
}

impl QuestionExample {
    /// A question without answers, not from a file.
    ///
    /// # Errors
    /// If question or passage is empty.
    pub fn unlabelled(id: usize, question: &str, passage: &str, source: Source) -> Result<Self, DataError> {
        let example = Self {
            id: id.to_string(),
            question: question.to_owned(),
            passage: passage.into(),
            answers: None,
            source,
        };
        check(&example, |reason| example.source.error(None, reason))?;
        Ok(example)
    }
}

impl QuestionDataset {
    /// Questions with their passages, not from a file.
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_pairs(source: &Path, pairs: &[(&str, &str)]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let pairs = pairs.iter().enumerate();
        let examples = pairs.map(|(at, (question, passage))| {
            QuestionExample::unlabelled(at + 1, question, passage, file.line(at + 1))
        });
        Self::new(source, examples.collect::<Result<_, _>>()?)
    }
}

/// Checks that question and passage have text, that the passage is not too long, and that answers begin within the passage.
pub(crate) fn check(example: &QuestionExample, error: impl Fn(String) -> DataError) -> Result<(), DataError> {
    if example.question.trim().is_empty() {
        return Err(error("empty question".into()));
    }
    if example.passage.trim().is_empty() {
        return Err(error("empty passage".into()));
    }
    if example.passage.len() > MAX_BYTES {
        return Err(error(format!(
            "a passage of {} bytes; at most {MAX_BYTES} (8 MiB) are read as one; divide it",
            example.passage.len()
        )));
    }
    let length = example.passage.chars().count();
    for answer in example.answers.iter().flatten() {
        if answer.start.saturating_add(answer.text.chars().count()) > length {
            return Err(error(format!(
                "the answer `{}` begins at character {} of a passage of {length}",
                answer.text, answer.start
            )));
        }
    }
    Ok(())
}
