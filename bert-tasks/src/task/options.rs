//! The settings of a task.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The settings of a task alone: plain data, with defaults, that stands in the table `[options]` of a run's `run.toml`.
pub trait Options:
    Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static
{
}

impl<T> Options for T where
    T: Serialize + DeserializeOwned + Default + Clone + Debug + PartialEq + Send + Sync + 'static
{
}
