//! Options: the settings of a task, which are the `[options]` of a `run.toml`.

use std::fmt::Debug;
use std::path::PathBuf;

use bert_core::BertConfig;
use datasets::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::TaskError;

/// The largest number of steps, texts, tokens or the like that an option may have.
pub const MAX_COUNT: usize = 1_000_000_000;

/// The settings of a task: plain data with defaults.
pub trait Options:
    Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static
{
    /// Checks what can be checked before any data is read.
    ///
    /// # Errors
    /// For the first option with a value that it cannot have.
    fn check(&self) -> Result<(), TaskError> {
        Ok(())
    }

    /// Checks what depends on the maximum number of tokens per row. A default adapts to a short maximum; a value that
    /// somebody has chosen must fit.
    ///
    /// # Errors
    /// For the first option that does not fit.
    fn check_length(&self, _max_length: usize) -> Result<(), TaskError> {
        Ok(())
    }

    /// Whether each example is a pair of texts, where the task leaves a choice.
    fn reads_pairs(&self) -> bool {
        false
    }

    /// The new model that training starts from, if the options describe one.
    fn new_model(&self) -> Option<NewModel> {
        None
    }
}

/// A new model, with random weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewModel {
    /// The file or the folder of its vocabulary.
    pub vocabulary: PathBuf,
    /// Layers.
    pub layers: usize,
    /// The width of the encoder.
    pub hidden: usize,
    /// Attention heads in each layer.
    pub heads: usize,
    /// The width inside the feed-forward networks.
    pub intermediate: usize,
    /// Rows of the position embeddings.
    pub positions: usize,
}

impl NewModel {
    /// Its configuration, over `tokens` tokens of which `padding` is the one for padding.
    pub fn config(&self, tokens: usize, padding: u32) -> BertConfig {
        BertConfig {
            vocab_size: tokens,
            pad_token_id: padding as usize,
            num_hidden_layers: self.layers,
            hidden_size: self.hidden,
            num_attention_heads: self.heads,
            intermediate_size: self.intermediate,
            max_position_embeddings: self.positions,
            ..BertConfig::default()
        }
    }
}

/// Checks the options that count something: their names and values.
///
/// # Errors
/// For the first that is above [`MAX_COUNT`].
pub(crate) fn check_counts<const N: usize>(counts: [(&'static str, usize); N]) -> Result<(), TaskError> {
    match counts.into_iter().find(|(_, count)| *count > MAX_COUNT) {
        Some((option, count)) => {
            let reason = format!(" is {count}; it must be at most {MAX_COUNT}");
            Err(TaskError::option(option, reason))
        }
        None => Ok(()),
    }
}

/// Checks the options that must be finite: their names and values.
///
/// # Errors
/// For the first that is infinite or NaN.
pub(crate) fn check_finite<const N: usize>(
    numbers: [(&'static str, Option<f64>); N],
) -> Result<(), TaskError> {
    let wrong = |number: &f64| !number.is_finite();
    match numbers
        .into_iter()
        .find(|(_, number)| number.as_ref().is_some_and(wrong))
    {
        Some((option, _)) => Err(TaskError::option(option, " must be a finite number")),
        None => Ok(()),
    }
}

/// Checks that `tokens`, unless it is the default, is at most `most`, which `max_length` tokens per row allow.
///
/// # Errors
/// If it is more.
pub(crate) fn check_fits(
    option: &'static str,
    [tokens, default, most]: [usize; 3],
    max_length: usize,
) -> Result<(), TaskError> {
    if tokens == default || tokens <= most {
        return Ok(());
    }
    Err(TaskError::Option {
        option,
        reason: Message::default()
            .option(option)
            .text(format!(" is {tokens}; it must be at most {most} where "))
            .option("max_length")
            .text(format!(" is {max_length}")),
    })
}
