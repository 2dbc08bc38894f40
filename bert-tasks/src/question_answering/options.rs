//! The options of question answering.

use serde::{Deserialize, Serialize};

/// The options of question answering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionOptions {
    /// Tokens that the windows share which a passage is cut into where it is too long; half a window at most.
    pub stride: usize,
    /// Most tokens of a question; longer ones lose their end.
    pub max_question_length: usize,
    /// Most tokens of an answer.
    pub max_answer_length: usize,
    /// Runners-up to tell, the best answer included.
    pub n_best: usize,
    /// Some questions have no answer, as in SQuAD 2.0: `[CLS]` competes with the spans.
    pub no_answer: bool,
    /// How much better than the best span `[CLS]` must be for no answer.
    pub null_threshold: f64,
    /// Train with the softmax over every place of the padded row, as transformers does, not over the passage and `[CLS]`.
    pub all_positions: bool,
}

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
