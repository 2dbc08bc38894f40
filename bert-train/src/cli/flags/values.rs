//! The values of options: how they are read from a settings file, and how help shows them.

use std::path::PathBuf;

use serde::de::value::Error;
use serde::de::{Deserialize, IntoDeserializer};
use toml::Spanned;
use toml::de::DeValue;

/// A value that a settings file can give.
pub trait FromToml: for<'de> Deserialize<'de> {
    /// What it must be, for messages.
    const EXPECTED: &'static str;
}

/// Reads a value from a settings file. As on the command line, a number may stand in quotes, a text may be a number, and
/// a list may be a single value.
///
/// # Errors
/// What it must be, if it is not.
pub fn from_toml<T: FromToml>(value: Spanned<DeValue<'_>>) -> Result<T, String> {
    let word = match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        _ => None,
    };
    T::deserialize(value.into_deserializer()).or_else(|error| match error.message() {
        message if message.starts_with("invalid type") => word
            .and_then(|word| from_word(&word))
            .ok_or_else(|| format!("must be {}", T::EXPECTED)),
        message => Err(message.to_owned()),
    })
}

/// The value that a word means as a flag.
fn from_word<T: FromToml>(word: &str) -> Option<T> {
    fn read<'de, T: FromToml>(value: impl IntoDeserializer<'de, Error>) -> Option<T> {
        T::deserialize(value.into_deserializer()).ok()
    }
    let numbers: Option<Vec<u64>> = word.split(',').map(|part| part.parse().ok()).collect();
    word.parse::<i64>()
        .ok()
        .and_then(read)
        .or_else(|| word.parse::<f64>().ok().and_then(read))
        .or_else(|| read(word))
        .or_else(|| numbers.and_then(read))
        .or_else(|| read(word.split(',').collect::<Vec<_>>()))
}

/// Declares types that a settings file can give, with what such a value must be.
macro_rules! read_from_toml {
    ($($type:ty: $expected:literal),* $(,)?) => {
        $(
            impl $crate::cli::flags::values::FromToml for $type {
                const EXPECTED: &'static str = $expected;
            }
        )*
    };
}
pub(super) use read_from_toml;

read_from_toml! {
    usize: "a whole number",
    u64: "a whole number",
    bool: "true or false",
    String: "a text",
    PathBuf: "a text",
    Vec<u64>: "a list of whole numbers",
}

/// A value of the options, as help shows defaults; `None` where there is none to show.
pub trait Shown {
    /// The text.
    fn shown(&self) -> Option<String>;
}

macro_rules! shown {
    ($($type:ty),*) => {
        $( impl Shown for $type { fn shown(&self) -> Option<String> { Some(self.to_string()) } } )*
    };
}

shown!(usize, u64, f64, bool, String);

impl<T> Shown for Option<T> {
    /// What is not given has no value; its help says in words what that means.
    fn shown(&self) -> Option<String> {
        None
    }
}

impl<T> Shown for Vec<T> {
    fn shown(&self) -> Option<String> {
        None
    }
}
