//! Passages as tokens, windows over them, and the position of an answer in a window.

use bert_core::{BertTokenizer, Pieces};
use serde::{Deserialize, Serialize};

use crate::task::TaskError;

/// A passage, tokenised once for all its questions.
pub(super) struct TokenizedPassage {
    pub(super) ids: Vec<u32>,
    pub(super) offsets: Vec<(u32, u32)>,
}

impl TokenizedPassage {
    pub(super) fn new(text: &str, tokenizer: &BertTokenizer) -> Result<Self, TaskError> {
        let Pieces { ids, offsets } = tokenizer.tokenize(text)?;
        Ok(Self { ids, offsets })
    }
}

/// The part of the passage that a row holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Window {
    /// The row's first token of the passage.
    pub(super) first: u32,
    /// Start and end in the passage of each of the row's passage tokens, in bytes.
    pub(super) offsets: Vec<(u32, u32)>,
}

/// The position of an answer in its row, and the tokens among which it is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerTokens {
    /// The answer's first token; 0, which is `[CLS]`, if the row does not hold the answer.
    pub start: u32,
    /// Its last token.
    pub end: u32,
    /// The row's first token of the passage.
    pub first: u32,
    /// Tokens of the passage in the row.
    pub count: u32,
}

impl Window {
    /// The row's tokens that hold the bytes of `answer`; `[CLS]` where the row does not hold them all.
    pub(super) fn target(&self, answer: Option<(u32, u32)>) -> AnswerTokens {
        let (first, offsets) = (self.first, &self.offsets);
        let count = offsets.len() as u32;
        let none = AnswerTokens {
            start: 0,
            end: 0,
            first,
            count,
        };
        let (Some((begin, end)), Some(head), Some(tail)) = (answer, offsets.first(), offsets.last()) else {
            return none;
        };
        if head.0 > begin || tail.1 < end {
            return none;
        }
        // The last token that begins no later, and the first that ends no earlier: where an answer begins or ends
        // inside a word, the whole word is taken.
        let from = offsets.iter().rposition(|&(start, _)| start <= begin);
        let to = offsets.iter().position(|&(_, stop)| stop >= end);
        match (from, to) {
            (Some(from), Some(to)) if from <= to => AnswerTokens {
                start: first + from as u32,
                end: first + to as u32,
                first,
                count,
            },
            _ => none,
        }
    }
}
