//! The options of tagging.

use serde::{Deserialize, Serialize};

/// The options of tagging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Which tags of a CoNLL-U file: upos or xpos.
    pub tags: String,
    /// Column with the words, counted from 1, in files of columns.
    pub word_column: usize,
    /// Column with the tags, counted from 1, in files of columns; the last if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<usize>,
    /// How entities are written: bio, iob1, iobes; auto finds out.
    pub scheme: String,
    /// Tokens that the windows share which a sentence is cut into where it is longer than a row.
    pub overlap: usize,
    /// Share of a label that is spread over all of them (label smoothing).
    pub label_smoothing: f64,
    /// What classes weigh in the loss: `balanced`, or label=weight with commas between; all weigh 1 if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
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
