//! The options of classification.

use serde::{Deserialize, Serialize};

use crate::heads::{ClassWeights, check_smoothing};
use crate::task::{Options, TaskError, check_counts};

/// The options of classification.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextOptions {
    /// Column with the texts, or with the first text of each pair; guessed from the header if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair; guessed from the header if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the labels; guessed from the header if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
    /// Whether pairs of texts are read.
    pub pairs: bool,
    /// Share of each label that is spread evenly over all labels (label smoothing).
    pub label_smoothing: f64,
    /// Weights of the labels in the loss; all equal if they are not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// How many labels get a probability in a prediction, the most probable first; 0 for all of them. If it is not set, all of
    /// up to 100 labels, else the 10 most probable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<usize>,
}

/// The most labels of which a prediction gives all probabilities by default.
pub const ALL: usize = 100;
/// The number of labels in a prediction where there are more.
pub const DEFAULT_TOP_K: usize = 10;

impl Options for TextOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_counts([("top_k", self.top_k.unwrap_or(0))])?;
        check_smoothing(self.label_smoothing)
    }

    fn reads_pairs(&self) -> bool {
        self.pairs || self.second_column.is_some()
    }
}
