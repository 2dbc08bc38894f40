//! The values of options: how they are read from a settings file, and how help shows them.

use std::path::PathBuf;

use serde::de::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

/// A value that a settings file can give.
pub trait FromToml: for<'de> Deserialize<'de> {
    /// What it must be, for messages.
    const EXPECTED: &'static str;
}

/// Reads a value from a settings file.
///
/// # Errors
/// What it must be, if it is not.
pub fn from_toml<T: FromToml>(value: Spanned<DeValue<'_>>) -> Result<T, String> {
    use serde::de::IntoDeserializer;
    T::deserialize(value.into_deserializer()).map_err(|error| match error.message() {
        message if message.starts_with("invalid type") => format!("must be {}", T::EXPECTED),
        message => message.to_owned(),
    })
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
