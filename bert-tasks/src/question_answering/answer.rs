//! Answers, and how files show them.

use serde_json::{Map, Value, json};

/// A span of the passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its text; empty for no answer.
    pub text: String,
    /// Its position in the passage, in Unicode code points.
    pub start: usize,
    /// The position after its end.
    pub end: usize,
    /// The sum of its start's and its end's output.
    pub score: f32,
    /// The softmax of the score over the runners-up.
    pub probability: f64,
}

/// The model's answer to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionAnswer {
    /// The best answers, the best first; never empty.
    pub candidates: Vec<Candidate>,
    /// How much better no answer scores than the best span; none if there is no span.
    pub null_difference: Option<f64>,
}

impl QuestionAnswer {
    /// The answer's text; empty for no answer.
    pub fn text(&self) -> &str {
        &self.candidates[0].text
    }
}

/// A candidate as files show it.
pub(super) fn fields(candidate: &Candidate) -> Map<String, Value> {
    Map::from_iter([
        ("answer".to_owned(), candidate.text.as_str().into()),
        ("start".to_owned(), candidate.start.into()),
        ("end".to_owned(), candidate.end.into()),
        ("score".to_owned(), json!(candidate.score)),
        ("probability".to_owned(), json!(candidate.probability)),
    ])
}

/// Counts code points before a byte, fast where the text is ASCII.
pub(super) struct Characters<'a> {
    text: &'a str,
    ascii: bool,
}

impl<'a> Characters<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
        }
    }

    pub(super) fn before(&mut self, byte: usize) -> usize {
        if self.ascii {
            byte
        } else {
            self.text[..byte].chars().count()
        }
    }
}
