//! The options of regression.

use serde::{Deserialize, Serialize};

/// The options of regression.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreOptions {
    /// Column with the texts, or with the first text of each pair; guessed from the header if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair; guessed from the header if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the scores; guessed from the header if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_column: Option<String>,
    /// Read pairs of texts.
    pub pairs: bool,
    /// Lowest score to predict: what is below is raised to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_below: Option<f64>,
    /// Highest score to predict: what is above is lowered to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_above: Option<f64>,
}
