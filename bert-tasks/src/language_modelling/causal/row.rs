//! The row of a text that is read from left to right.

use serde::{Deserialize, Serialize};

use crate::task::EncodedRow;

/// `[CLS]` and a part of a text, with `[SEP]` where the text ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CausalRow {
    /// The ids of its tokens. Each but the first is to be predicted from those before it; so the model never reads the last.
    pub ids: Vec<u32>,
    /// The number of its example in the dataset.
    pub example: usize,
}

impl CausalRow {
    /// The tokens that the model reads: all but the last. A row of `[CLS]` alone is read, and predicts nothing.
    pub fn read(&self) -> &[u32] {
        &self.ids[..(self.ids.len() - 1).max(1)]
    }

    /// The tokens that are to be predicted.
    pub fn next(&self) -> &[u32] {
        &self.ids[1..]
    }
}

impl EncodedRow for CausalRow {
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.read().len()
    }

    fn is_truncated(&self) -> bool {
        false
    }

    fn count_of(&self, id: u32) -> usize {
        self.ids.iter().filter(|&&other| other == id).count()
    }

    fn fingerprint(&self, bytes: &mut Vec<u8>) {
        bytes.extend((self.ids.len() as u64).to_le_bytes());
        bytes.extend(self.ids.iter().flat_map(|id| id.to_le_bytes()));
    }
}
