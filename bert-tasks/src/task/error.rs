//! Why a task cannot be done.

use bert_core::TokenizerError;
use datasets::{DataError, Message};

/// Examples that cannot be encoded, or options that do not fit them.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The data's reason.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What the model lacks.
    #[error("{0}")]
    Model(Message),
    /// An option has a value that it cannot have.
    #[error("{reason}")]
    Option {
        /// The option's field.
        option: &'static str,
        /// What is wrong with it; names the option.
        reason: Message,
    },
}

impl TaskError {
    /// An option with a value that it cannot have: `reason` follows its name.
    pub fn option(option: &'static str, reason: impl Into<String>) -> Self {
        TaskError::Option {
            option,
            reason: Message::default().option(option).text(reason),
        }
    }

    /// An option that cannot be set without another, or not with it: `reason` stands between their names.
    pub fn needs(option: &'static str, reason: &str, other: &'static str) -> Self {
        TaskError::Option {
            option,
            reason: Message::default().option(option).text(reason).option(other),
        }
    }

    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            TaskError::Tokenizer(TokenizerError::MaxLength { max_length, least }) => {
                Message::default().option("max_length").text(format!(
                    " is {max_length}; it must be at least {least}, to leave room for text"
                ))
            }
            TaskError::Tokenizer(error) => error.to_string().into(),
            TaskError::Data(error) => error.message(),
            TaskError::Model(reason) => reason.clone(),
            TaskError::Option { reason, .. } => reason.clone(),
        }
    }
}
