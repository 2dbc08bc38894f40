//! What each sub-command does.

pub mod eval;
pub mod info;
pub mod predict;
pub mod train;

use std::io;
use std::path::PathBuf;

use bert_core::{BertConfig, ConfigError, DeviceError, StoreError, TokenizerError};
use bert_tasks::{CorpusError, TaskError};
use bert_train::{FineTunedError, RunError, TrainError};
use datasets::DataError;

/// Why a command failed, for its user.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// From the data.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// From the data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// From the device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// From a configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// From weights.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// From a tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// From a task.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// From a run folder.
    #[error(transparent)]
    Run(#[from] RunError),
    /// From training.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// From a fine-tuned model.
    #[error(transparent)]
    FineTuned(#[from] FineTunedError),
    /// From the options.
    #[error("{0}")]
    Option(String),
    /// From the system.
    #[error("{what}: {source}", what = .what.display())]
    Io {
        /// The file or stream.
        what: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl CommandError {
    fn io(what: impl Into<PathBuf>, source: io::Error) -> Self {
        let what = what.into();
        CommandError::Io { what, source }
    }
}

/// Checks that texts of `max_length` tokens fit the model.
fn check_length(max_length: usize, config: &BertConfig) -> Result<(), CommandError> {
    let positions = config.max_position_embeddings;
    if max_length > positions {
        let text = format!("--max-length is {max_length}; this model reads at most {positions} tokens");
        return Err(CommandError::Option(text));
    }
    Ok(())
}

/// Checks that the tokenizer's ids are all rows of the model's table.
fn check_vocabulary(tokens: usize, config: &BertConfig) -> Result<(), CommandError> {
    if tokens > config.vocab_size {
        let text = format!(
            "the tokenizer has {tokens} tokens, but config.json's `vocab_size` is {}: they belong to different models",
            config.vocab_size
        );
        return Err(CommandError::Option(text));
    }
    Ok(())
}

/// Tells how many texts were cut.
fn tell_truncated(what: &str, truncated: usize, total: usize, max_length: usize) {
    if truncated > 0 {
        eprintln!("{what}: {truncated} of {total} texts are longer than {max_length} tokens and were cut");
    }
}
