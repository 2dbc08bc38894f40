//! The options of causal language modelling.

use serde::{Deserialize, Serialize};

use super::super::new_model::options_with_new_model;
use crate::task::{NewModel, Options, TaskError};

options_with_new_model! {
    /// The options of causal language modelling.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct CausalOptions {
        /// Whether each line is a text of its own, at whose end the model learns to stop.
        pub line_by_line: bool,
        /// Whether a blank line ends a text, so that the model learns to stop there.
        pub documents: bool,
        /// Column with the texts, in tables; guessed from its name if it is not set.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub text_column: Option<String>,
    }
}

impl Options for CausalOptions {
    fn check(&self) -> Result<(), TaskError> {
        if self.documents && self.line_by_line {
            let what = " ends a text at a blank line, and cannot be combined with ";
            return Err(TaskError::needs("documents", what, "line_by_line"));
        }
        self.of_new_model().check()
    }

    fn new_model(&self) -> Option<NewModel> {
        self.of_new_model().new_model()
    }
}
