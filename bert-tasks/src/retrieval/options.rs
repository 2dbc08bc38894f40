//! The options of retrieval.

use bert_core::Pooling;
use serde::{Deserialize, Serialize};

use super::negatives::Draws;
use crate::task::{Options, TaskError, check_counts};

/// The options of retrieval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetrievalOptions {
    /// Column with the queries, in a file of pairs; guessed from its name if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_column: Option<String>,
    /// Column with the relevant articles, in a file of pairs; guessed from its name if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_column: Option<String>,
    /// Column with articles that are not relevant, in a file of pairs; guessed from its name if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_column: Option<String>,
    /// How the vectors of a text's tokens become one vector; if it is not set, as in the model that training starts from, else
    /// their mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    /// Whether vectors are scaled to length 1, so that scores are cosines; if it is not set, as in the model that training starts
    /// from, else they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalize: Option<bool>,
    /// What the scores are multiplied by before the softmax.
    pub scale: f64,
    /// Maximum number of tokens of a query; that of an article if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_query_length: Option<usize>,
    /// Hard negatives of a query in a batch, at most.
    pub hard_negatives: usize,
    /// Articles drawn at random for each query of a batch.
    pub negatives: usize,
    /// How they are drawn.
    pub negatives_by: Draws,
    /// Texts that are computed at a time in training, so that large batches take little memory; all at once if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_cache: Option<usize>,
}

impl Default for RetrievalOptions {
    fn default() -> Self {
        Self {
            query_column: None,
            article_column: None,
            negative_column: None,
            pooling: None,
            normalize: None,
            scale: 20.0,
            max_query_length: None,
            hard_negatives: 1,
            negatives: 0,
            negatives_by: Draws::Uniform,
            gradient_cache: None,
        }
    }
}

/// `[CLS]`, a token and `[SEP]`.
const MIN_LENGTH: usize = 3;

impl Options for RetrievalOptions {
    fn check(&self) -> Result<(), TaskError> {
        if !(self.scale > 0.0 && self.scale <= 1e6) {
            let reason = format!(" is {}; it must be a positive number, at most 1e6", self.scale);
            return Err(TaskError::option("scale", reason));
        }
        check_counts([
            ("max_query_length", self.max_query_length.unwrap_or(MIN_LENGTH)),
            ("hard_negatives", self.hard_negatives),
            ("negatives", self.negatives),
            ("gradient_cache", self.gradient_cache.unwrap_or(1)),
        ])?;
        if let Some(length) = self.max_query_length.filter(|&length| length < MIN_LENGTH) {
            let reason = format!(" is {length}; it must be at least {MIN_LENGTH}, to leave room for text");
            return Err(TaskError::option("max_query_length", reason));
        }
        if self.gradient_cache == Some(0) {
            return Err(TaskError::option(
                "gradient_cache",
                " is 0; it must be at least 1",
            ));
        }
        if self.negatives_by != Draws::Uniform && self.negatives == 0 {
            return Err(TaskError::needs(
                "negatives_by",
                " is only of use with ",
                "negatives",
            ));
        }
        Ok(())
    }
}
