//! The options of question answering.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::task::{Options, TaskError, check_counts, check_finite, check_fits};

/// The options of question answering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionOptions {
    /// Tokens shared by neighbouring windows of a passage that is too long; at most half a window.
    pub stride: usize,
    /// Maximum number of tokens per question; longer questions are cut.
    pub max_question_length: NonZeroUsize,
    /// Maximum number of tokens per answer.
    pub max_answer_length: NonZeroUsize,
    /// Number of candidate answers to report, the best one included.
    pub n_best: NonZeroUsize,
    /// Whether some questions have no answer, as in SQuAD 2.0: `[CLS]` competes with the spans.
    pub no_answer: bool,
    /// How much better than the best span `[CLS]` must score for no answer.
    pub null_threshold: f64,
    /// Whether training uses the softmax over every position of the padded row, as transformers does, instead of the
    /// passage and `[CLS]`.
    pub all_positions: bool,
}

/// `[CLS]` and two `[SEP]`.
const SPECIAL: usize = 3;
const DEFAULT_STRIDE: usize = 128;
const DEFAULT_QUESTION: NonZeroUsize = NonZeroUsize::new(64).unwrap();

impl Options for QuestionOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_counts([
            ("stride", self.stride),
            ("max_question_length", self.max_question_length.get()),
            ("max_answer_length", self.max_answer_length.get()),
            ("n_best", self.n_best.get()),
        ])?;
        check_finite([("null_threshold", Some(self.null_threshold))])
    }

    fn check_length(&self, max_length: usize) -> Result<(), TaskError> {
        // A window of the passage holds at least one token.
        let question = max_length.saturating_sub(SPECIAL + 1);
        let lengths = [self.max_question_length, DEFAULT_QUESTION].map(NonZeroUsize::get);
        check_fits(
            "max_question_length",
            [lengths[0], lengths[1], question],
            max_length,
        )?;
        let window = max_length.saturating_sub(SPECIAL);
        check_fits("stride", [self.stride, DEFAULT_STRIDE, window], max_length)
    }
}

impl Default for QuestionOptions {
    fn default() -> Self {
        Self {
            stride: DEFAULT_STRIDE,
            max_question_length: DEFAULT_QUESTION,
            max_answer_length: const { NonZeroUsize::new(30).unwrap() },
            n_best: const { NonZeroUsize::new(20).unwrap() },
            no_answer: false,
            null_threshold: 0.0,
            all_positions: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_were_chosen_must_fit_the_maximum_length() {
        let with = |stride, question: usize| QuestionOptions {
            stride,
            max_question_length: NonZeroUsize::new(question).unwrap(),
            ..QuestionOptions::default()
        };
        assert!(QuestionOptions::default().check_length(16).is_ok());
        assert!(with(13, 12).check_length(16).is_ok());
        for (options, part) in [
            (
                with(13, 13),
                "`max_question_length` is 13; it must be at most 12 where `max_length` is 16",
            ),
            (with(14, 12), "`stride` is 14; it must be at most 13"),
        ] {
            let error = options.check_length(16).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn numbers_have_limits() {
        let many = NonZeroUsize::new(1_000_000_001).unwrap();
        let options = QuestionOptions {
            n_best: many,
            ..QuestionOptions::default()
        };
        assert!(options.check().unwrap_err().to_string().contains("`n_best`"));
        let options = QuestionOptions {
            null_threshold: f64::NAN,
            ..QuestionOptions::default()
        };
        assert!(
            options
                .check()
                .unwrap_err()
                .to_string()
                .contains("`null_threshold`")
        );
    }
}
