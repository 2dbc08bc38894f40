//! A row: a part of a text, or two parts, before anything in it is masked.

use bert_core::Encoding;
use serde::{Deserialize, Serialize};

use crate::task::EncodedRow;

/// A row of token ids before anything in it is masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedRow {
    /// All tokens, special tokens included.
    pub ids: Vec<u32>,
    /// How many tokens have type 0: those of the first part, with its special tokens.
    pub first: u32,
    /// Whether the second part follows the first in their document; none where there is one part.
    pub is_next: Option<bool>,
    /// Whether the mask tokens in it are those of its text: then nothing else is masked, and what they mask is not known.
    pub has_gaps: bool,
    /// Whether something was cut off.
    pub truncated: bool,
    /// The number of its example in the dataset.
    pub example: usize,
}

impl MaskedRow {
    /// The row of `encoding`, of one part.
    pub fn new(encoding: Encoding, example: usize) -> Self {
        Self {
            first: encoding.type_ids.iter().filter(|&&kind| kind == 0).count() as u32,
            ids: encoding.ids,
            is_next: None,
            has_gaps: false,
            truncated: encoding.truncated,
            example,
        }
    }

    /// The row with other tokens in the same positions, as the encoder reads it.
    pub(super) fn encoding(&self, ids: Vec<u32>) -> Encoding {
        let first = self.first as usize;
        let type_ids = (0..ids.len()).map(|position| u8::from(position >= first));
        Encoding {
            type_ids: type_ids.collect(),
            ids,
            truncated: self.truncated,
        }
    }
}

impl EncodedRow for MaskedRow {
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.ids.len()
    }

    fn is_truncated(&self) -> bool {
        self.truncated
    }

    fn count_of(&self, id: u32) -> usize {
        self.ids.iter().filter(|&&other| other == id).count()
    }

    fn has_target(&self) -> bool {
        !self.has_gaps
    }

    fn fingerprint(&self, bytes: &mut Vec<u8>) {
        bytes.extend((self.ids.len() as u64).to_le_bytes());
        bytes.extend(self.ids.iter().flat_map(|id| id.to_le_bytes()));
        bytes.extend(self.first.to_le_bytes());
        bytes.extend([self.is_next.map_or(2, u8::from), u8::from(self.has_gaps)]);
    }
}
