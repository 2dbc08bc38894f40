//! The options of tagging.

use serde::{Deserialize, Serialize};

use crate::heads::check_smoothing;
use crate::task::{Options, TaskError};

/// The options of tagging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Which tags of a CoNLL-U file are read: `upos` or `xpos`.
    pub tags: String,
    /// Column with the words, counted from 1, in files of columns.
    pub word_column: usize,
    /// Column with the tags, counted from 1, in files of columns; the last if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<usize>,
    /// How entities are written: `bio`, `iob1` or `iobes`; `auto` detects it.
    pub scheme: String,
    /// Tokens shared by neighbouring windows of a sentence that is longer than the maximum length.
    pub overlap: usize,
    /// Share of each label that is spread evenly over all labels (label smoothing).
    pub label_smoothing: f64,
    /// Weights of the labels in the loss: `balanced`, or a list such as `good=2,bad=1`; all equal if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}

impl Options for TagOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_smoothing(self.label_smoothing)
    }
}

impl Default for TagOptions {
    fn default() -> Self {
        Self {
            tags: "upos".into(),
            word_column: 1,
            tag_column: None,
            scheme: "auto".into(),
            overlap: 32,
            label_smoothing: 0.0,
            class_weights: None,
        }
    }
}
