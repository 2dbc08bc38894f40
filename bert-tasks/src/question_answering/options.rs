//! The options of question answering.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::task::{Options, at_least_one, finite};

/// The options of question answering.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionOptions {
    /// Tokens that the windows share which a passage is cut into where it is too long; half a window at most.
    #[arg(long, value_name = "TOKENS", default_value_t = 128)]
    pub stride: usize,
    /// Most tokens of a question; longer ones lose their end.
    #[arg(long, value_name = "TOKENS", default_value_t = 64, value_parser = at_least_one)]
    pub max_question_length: usize,
    /// Most tokens of an answer.
    #[arg(long, value_name = "TOKENS", default_value_t = 30, value_parser = at_least_one)]
    pub max_answer_length: usize,
    /// Runners-up to tell, the best answer included.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one)]
    pub n_best: usize,
    /// Some questions have no answer, as in SQuAD 2.0: `[CLS]` competes with the spans.
    #[arg(long)]
    pub no_answer: bool,
    /// How much better than the best span `[CLS]` must be for no answer.
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = finite, allow_hyphen_values = true)]
    pub null_threshold: f64,
    /// Train with the softmax over every place of the padded row, as transformers does, not over the passage and `[CLS]`.
    #[arg(long)]
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
