//! The options of question answering.

use serde::{Deserialize, Serialize};

use crate::task::Options;

/// The options of question answering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionOptions {
    /// Tokens shared by neighbouring windows of a passage that is too long; at most half a window.
    pub stride: usize,
    /// Maximum number of tokens per question; longer questions are cut.
    pub max_question_length: usize,
    /// Maximum number of tokens per answer.
    pub max_answer_length: usize,
    /// Number of candidate answers to report, the best one included.
    pub n_best: usize,
    /// Whether some questions have no answer, as in SQuAD 2.0: `[CLS]` competes with the spans.
    pub no_answer: bool,
    /// How much better than the best span `[CLS]` must score for no answer.
    pub null_threshold: f64,
    /// Whether training uses the softmax over every position of the padded row, as transformers does, instead of the
    /// passage and `[CLS]`.
    pub all_positions: bool,
}

impl Options for QuestionOptions {}

impl Default for QuestionOptions {
    fn default() -> Self {
        Self {
            stride: 128,
            max_question_length: 64,
            max_answer_length: 30,
            n_best: 20,
            no_answer: false,
            null_threshold: 0.0,
            all_positions: false,
        }
    }
}
