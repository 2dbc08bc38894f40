//! Options: the settings of a task or a training, which stand in `run.toml` and can be set on the command line.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A set of options: each field has `#[arg(long)]` and, if it is needed, a default.
pub trait Options:
    clap::Args + Serialize + DeserializeOwned + Clone + Debug + PartialEq + Send + Sync + 'static
{
    /// The options where nothing is set: those that the fields' `default_value_t` declare.
    fn defaults() -> Self {
        let command = Self::augment_args(clap::Command::new("defaults").no_binary_name(true));
        let matches = command.get_matches_from(std::iter::empty::<&str>());
        Self::from_arg_matches(&matches).expect("no option is required")
    }
}

/// Parses a count.
///
/// # Errors
/// If it is not a whole number, or 0.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("it must be a whole number".into()),
    }
}

/// Parses a number.
///
/// # Errors
/// If it is not a number, or not finite.
pub fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("it must be a finite number".into()),
    }
}
