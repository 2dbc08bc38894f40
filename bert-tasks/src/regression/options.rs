//! The options of regression.

use datasets::Message;
use serde::{Deserialize, Serialize};

use crate::task::{Options, TaskError, check_finite};

/// The options of regression.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreOptions {
    /// Column with the texts, or with the first text of each pair; guessed from the header if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair; guessed from the header if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the scores; guessed from the header if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_column: Option<String>,
    /// Whether pairs of texts are read.
    pub pairs: bool,
    /// Lowest score to predict: lower ones are raised to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_below: Option<f64>,
    /// Highest score to predict: higher ones are lowered to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_above: Option<f64>,
}

impl Options for ScoreOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_finite([("clip_below", self.clip_below), ("clip_above", self.clip_above)])?;
        match (self.clip_below, self.clip_above) {
            (Some(low), Some(high)) if low > high => Err(TaskError::Option {
                option: "clip_below",
                reason: Message::default()
                    .option("clip_below")
                    .text(format!(" {low} is above "))
                    .option("clip_above")
                    .text(format!(" {high}")),
            }),
            _ => Ok(()),
        }
    }

    fn reads_pairs(&self) -> bool {
        self.pairs || self.second_column.is_some()
    }
}
