//! The options of masked language modelling.

use serde::{Deserialize, Serialize};

use super::super::new_model::options_with_new_model;
use crate::task::{NewModel, Options, TaskError, check_counts};

options_with_new_model! {
    /// The options of masked language modelling.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct MaskedOptions {
        /// Share of the tokens that are masked.
        pub mask_probability: f64,
        /// Whether whole words are masked, with all of their pieces.
        pub whole_words: bool,
        /// Whether the model also predicts if the second part of a row follows the first (next-sentence prediction).
        pub nsp: bool,
        /// Whether each line is a row of its own; otherwise rows are parts of larger texts.
        pub line_by_line: bool,
        /// Column with the texts, in tables; guessed from its name if it is not set.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub text_column: Option<String>,
        /// How many words are given for each masked token, the most probable first.
        pub top_k: usize,
    }
}

/// Special tokens and two tokens of text in a row of two parts.
const MIN_PAIR_LENGTH: usize = 5;

impl Default for MaskedOptions {
    fn default() -> Self {
        Self {
            mask_probability: 0.15,
            whole_words: false,
            nsp: false,
            line_by_line: false,
            text_column: None,
            top_k: 5,
            vocabulary: None,
            size: None,
            layers: None,
            hidden: None,
            heads: None,
            intermediate: None,
            positions: None,
        }
    }
}

impl Options for MaskedOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_counts([("top_k", self.top_k)])?;
        if self.top_k == 0 {
            return Err(TaskError::option("top_k", " is 0; it must be at least 1"));
        }
        let share = self.mask_probability;
        if !(share > 0.0 && share < 1.0) {
            let reason = format!(" is {share}; it must be above 0 and below 1");
            return Err(TaskError::option("mask_probability", reason));
        }
        if self.nsp && self.line_by_line {
            let what = " reads rows of two parts of a document, and cannot be combined with ";
            return Err(TaskError::needs("nsp", what, "line_by_line"));
        }
        self.of_new_model().check()
    }

    fn check_length(&self, max_length: usize) -> Result<(), TaskError> {
        if self.nsp && max_length < MIN_PAIR_LENGTH {
            let reason = format!(
                " is {max_length}; it must be at least {MIN_PAIR_LENGTH}, to leave room for two parts"
            );
            return Err(TaskError::option("max_length", reason));
        }
        Ok(())
    }

    fn new_model(&self) -> Option<NewModel> {
        self.of_new_model().new_model()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(options: MaskedOptions) -> String {
        options.check().unwrap_err().message().to_string()
    }

    #[test]
    fn impossible_options_are_refused() {
        MaskedOptions::default().check().unwrap();
        for share in [0.0, 1.0, -0.1, f64::NAN] {
            let options = MaskedOptions {
                mask_probability: share,
                ..MaskedOptions::default()
            };
            assert!(error(options).starts_with("`mask_probability` is "));
        }
        let both = MaskedOptions {
            nsp: true,
            line_by_line: true,
            ..MaskedOptions::default()
        };
        let refused = error(both);
        assert!(
            refused.contains("`nsp`") && refused.contains("`line_by_line`"),
            "{refused}"
        );
        let none = MaskedOptions {
            top_k: 0,
            ..MaskedOptions::default()
        };
        assert!(error(none).contains("`top_k` is 0"));
        let pairs = MaskedOptions {
            nsp: true,
            ..MaskedOptions::default()
        };
        assert!(pairs.check_length(4).is_err() && pairs.check_length(5).is_ok());
        assert!(MaskedOptions::default().check_length(4).is_ok());
    }
}
