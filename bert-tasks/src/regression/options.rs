//! The options of regression.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::task::{Options, finite};

/// The options of regression.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreOptions {
    /// Column with the texts, or with the first text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the scores [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_column: Option<String>,
    /// Read pairs of texts.
    #[arg(long)]
    pub pairs: bool,
    /// Lowest score to predict: what is below is raised to it.
    #[arg(long, value_name = "SCORE", value_parser = finite, allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_below: Option<f64>,
    /// Highest score to predict: what is above is lowered to it.
    #[arg(long, value_name = "SCORE", value_parser = finite, allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_above: Option<f64>,
}

impl Options for ScoreOptions {}
