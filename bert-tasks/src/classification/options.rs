//! The options of classification.

use serde::{Deserialize, Serialize};

/// The options of classification.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextOptions {
    /// Column with the texts, or with the first text of each pair; guessed from the header if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair; guessed from the header if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the labels; guessed from the header if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
    /// Read pairs of texts.
    pub pairs: bool,
    /// Share of a label that is spread over all of them (label smoothing).
    pub label_smoothing: f64,
    /// What classes weigh in the loss: `balanced`, or label=weight with commas between; all weigh 1 if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}
