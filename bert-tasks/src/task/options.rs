//! Options: the settings of a task, which are the `[options]` of a `run.toml`.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::TaskError;

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

    /// Whether each example is a pair of texts, where the task leaves a choice.
    fn reads_pairs(&self) -> bool {
        false
    }
}
