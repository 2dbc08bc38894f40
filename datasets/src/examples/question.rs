//! Questions about passages, with answers that are spans of the passage.

#[cfg(feature = "files")]
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::{Example, Examples, Group};
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
            let found = self
                .passage
                .chars()
                .skip(answer.start)
                .take(answer.text.chars().count());
            found.eq(answer.text.chars())
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
        let offset = |answer: &Answer| {
            let mut characters = passage.char_indices();
            characters
                .nth(answer.start)
                .map_or(passage.len(), |(byte, _)| byte)
        };
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

impl QuestionDataset {
    /// Questions with their passages, not from a file.
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_pairs(source: &Path, pairs: &[(&str, &str)]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let mut examples = vec![];
        for (at, (question, passage)) in pairs.iter().enumerate() {
            let source = file.line(at + 1);
            let example = QuestionExample {
                id: (at + 1).to_string(),
                question: (*question).to_owned(),
                passage: (*passage).into(),
                answers: None,
                source: source.clone(),
            };
            check(&example, |reason| source.error(None, reason))?;
            examples.push(example);
        }
        Self::new(source, examples)
    }
}

/// Checks that question and passage have text, and that answers begin within the passage.
pub(crate) fn check(example: &QuestionExample, error: impl Fn(String) -> DataError) -> Result<(), DataError> {
    if example.question.trim().is_empty() {
        return Err(error("empty question".into()));
    }
    if example.passage.trim().is_empty() {
        return Err(error("empty passage".into()));
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

/// Checks that no two questions have the same id.
#[cfg(feature = "files")]
pub(crate) fn distinct(examples: &[QuestionExample]) -> Result<(), DataError> {
    let mut seen = HashSet::new();
    match examples.iter().find(|example| !seen.insert(&example.id)) {
        Some(example) => Err(example.source.error(
            None,
            format!(
                "two questions have the id `{}` (a question without an id gets its line's number)",
                example.id
            ),
        )),
        None => Ok(()),
    }
}
