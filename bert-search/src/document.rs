//! What is indexed.

use std::collections::HashSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::IndexError;

/// A document: an article with its passages.
///
/// A long text is split into passages, which may overlap, and each has its own vector. The document is as good a result as its
/// best passage. A document without passages is found by its words alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name in the index, unique there.
    pub id: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its text; may be empty.
    pub text: String,
    /// The bytes of `text` that each vector stands for.
    pub passages: Vec<Range<usize>>,
}

impl Document {
    /// A document with one passage, its whole text.
    pub fn new(id: impl Into<String>, title: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let whole = 0..text.len();
        Document {
            id: id.into(),
            title: title.into(),
            text,
            passages: vec![whole],
        }
    }

    /// Sets the passages.
    pub fn with_passages(mut self, passages: Vec<Range<usize>>) -> Self {
        self.passages = passages;
        self
    }

    /// The text of a passage, if there is one of this number.
    pub fn passage(&self, number: usize) -> Option<&str> {
        self.text.get(self.passages.get(number)?.clone())
    }
}

/// An error unless every document of a batch can be indexed.
pub(crate) fn check_batch(documents: &[Document]) -> Result<(), IndexError> {
    let mut ids = HashSet::with_capacity(documents.len());
    for (position, document) in documents.iter().enumerate() {
        if document.id.is_empty() {
            return Err(IndexError::EmptyId(position));
        }
        if !ids.insert(document.id.as_str()) {
            return Err(IndexError::RepeatedId(document.id.clone()));
        }
        for (number, passage) in document.passages.iter().enumerate() {
            let reason = if passage.start > passage.end {
                "it ends before it starts"
            } else if passage.end > document.text.len() {
                "it ends behind the end of the text"
            } else if document.text.get(passage.clone()).is_none() {
                "it splits a character"
            } else {
                continue;
            };
            return Err(IndexError::Passage {
                id: document.id.clone(),
                passage: number,
                start: passage.start,
                end: passage.end,
                reason,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_parts_of_the_text() {
        let document = Document::new("a", "", "naïve").with_passages(vec![0..4, 2..6]);
        check_batch(std::slice::from_ref(&document)).unwrap();
        assert_eq!(document.passage(0), Some("naï"));
        assert_eq!(document.passage(2), None);
        #[expect(clippy::reversed_empty_ranges, reason = "the mistake is what is tested")]
        let wrong = [0..3, 0..7, 4..2];
        for (passage, reason) in wrong.into_iter().zip(["splits", "behind", "before"]) {
            let document = document.clone().with_passages(vec![0..1, passage]);
            let message = check_batch(&[document]).unwrap_err().to_string();
            assert!(
                message.contains("`a`, passage 1") && message.contains(reason),
                "{message}"
            );
        }
    }

    #[test]
    fn ids_are_not_empty_and_not_repeated() {
        let [a, b] = ["a", "b"].map(|id| Document::new(id, "", ""));
        check_batch(&[a.clone(), b.clone()]).unwrap();
        let message = check_batch(&[a.clone(), b, a.clone()]).unwrap_err().to_string();
        assert!(message.contains("`a` occurs twice"), "{message}");
        let empty = Document::new("", "", "text");
        assert!(matches!(check_batch(&[a, empty]), Err(IndexError::EmptyId(1))));
    }
}
