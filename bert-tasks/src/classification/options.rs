//! The options of classification.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::task::Options;

/// The options of classification.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextOptions {
    /// Column with the texts, or with the first text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the labels [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
    /// Read pairs of texts.
    #[arg(long)]
    pub pairs: bool,
    /// Share of a label that is spread over all of them (label smoothing).
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = crate::task::finite)]
    pub label_smoothing: f64,
    /// What classes weigh in the loss: `balanced`, or label=weight with commas between [default: all alike].
    #[arg(long, value_name = "WEIGHTS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}

impl Options for TextOptions {}
