//! The options of tagging.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::task::Options;

/// The options of tagging.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Which tags of a CoNLL-U file: upos or xpos.
    #[arg(long, value_name = "COLUMN", default_value = "upos", value_parser = ["upos", "xpos"])]
    pub tags: String,
    /// Column with the words, counted from 1, in files of columns.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = crate::task::at_least_one)]
    pub word_column: usize,
    /// Column with the tags, counted from 1, in files of columns [default: the last].
    #[arg(long, value_name = "N", value_parser = crate::task::at_least_one)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<usize>,
    /// How entities are written: bio, iob1, iobes; auto finds out.
    #[arg(long, value_name = "SCHEME", default_value = "auto", value_parser = ["auto", "bio", "iob1", "iobes"])]
    pub scheme: String,
    /// Tokens that the windows share which a sentence is cut into where it is longer than --max-length.
    #[arg(long, value_name = "TOKENS", default_value_t = 32)]
    pub overlap: usize,
    /// Share of a label that is spread over all of them (label smoothing).
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = crate::task::finite)]
    pub label_smoothing: f64,
    /// What classes weigh in the loss: `balanced`, or label=weight with commas between [default: all alike].
    #[arg(long, value_name = "WEIGHTS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}

impl Options for TagOptions {}

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
