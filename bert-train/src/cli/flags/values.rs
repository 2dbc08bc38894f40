//! The values of flags: how they are read from the command line and from TOML, and how help shows them.

use std::path::PathBuf;
use std::str::FromStr;

use bert_train::optim::schedule::Decay;
use bert_train::precision::Precision;
use clap::ValueEnum;
use serde::de::{Deserialize, Deserializer, Error};
use toml::Spanned;
use toml::de::DeValue;

use super::run::{LogName, WatchName};

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

macro_rules! from_toml {
    ($($type:ty: $expected:literal),* $(,)?) => {
        $( impl FromToml for $type { const EXPECTED: &'static str = $expected; } )*
    };
}

from_toml! {
    usize: "a whole number",
    u64: "a whole number",
    bool: "true or false",
    String: "a text",
    PathBuf: "a text",
    Count: "a whole number",
    Finite: "a finite number",
    Switch: "true or false",
    Vec<u64>: "a list of whole numbers",
    WatchName: "a text",
    Vec<LogName>: "a list of texts",
    DecayName: "a text",
    PrecisionName: "a text",
    TagColumnName: "a text",
    SchemeName: "a text",
}

/// A whole number of at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub usize);

impl TryFrom<usize> for Count {
    type Error = &'static str;

    fn try_from(number: usize) -> Result<Self, Self::Error> {
        match number {
            0 => Err("must be at least 1"),
            number => Ok(Self(number)),
        }
    }
}

impl FromStr for Count {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number: usize = text.parse().map_err(|_| "must be a whole number")?;
        number.try_into()
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        usize::deserialize(deserializer)?
            .try_into()
            .map_err(D::Error::custom)
    }
}

impl From<Count> for usize {
    fn from(count: Count) -> Self {
        count.0
    }
}

impl From<Count> for Option<usize> {
    fn from(count: Count) -> Self {
        Some(count.0)
    }
}

/// A number that is neither infinite nor NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finite(f64);

impl TryFrom<f64> for Finite {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        match number.is_finite() {
            true => Ok(Self(number)),
            false => Err("must be a finite number"),
        }
    }
}

impl FromStr for Finite {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number: f64 = text.parse().map_err(|_| "must be a finite number")?;
        number.try_into()
    }
}

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer)?
            .try_into()
            .map_err(D::Error::custom)
    }
}

impl From<Finite> for f64 {
    fn from(number: Finite) -> Self {
        number.0
    }
}

impl From<Finite> for Option<f64> {
    fn from(number: Finite) -> Self {
        Some(number.0)
    }
}

/// A flag without a value, which says yes; in a file, `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Switch(bool);

impl FromStr for Switch {
    type Err = std::str::ParseBoolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch.0
    }
}

/// The names of [`Decay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecayName {
    /// In a straight line to zero.
    Linear,
    /// Along half a cosine to zero.
    Cosine,
    /// Not at all.
    Constant,
    /// As the remaining share of the steps, to the power of --schedule-power.
    Polynomial,
}

impl From<DecayName> for Decay {
    fn from(name: DecayName) -> Self {
        match name {
            DecayName::Linear => Decay::Linear,
            DecayName::Cosine => Decay::Cosine,
            DecayName::Constant => Decay::Constant,
            DecayName::Polynomial => Decay::Polynomial,
        }
    }
}

/// The columns of tags in a CoNLL-U file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagColumnName {
    Upos,
    Xpos,
}

impl From<TagColumnName> for String {
    fn from(name: TagColumnName) -> Self {
        match name {
            TagColumnName::Upos => "upos".into(),
            TagColumnName::Xpos => "xpos".into(),
        }
    }
}

/// The schemes in which entities are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemeName {
    Auto,
    Bio,
    Iob1,
    Iobes,
}

impl From<SchemeName> for String {
    fn from(name: SchemeName) -> Self {
        match name {
            SchemeName::Auto => "auto".into(),
            SchemeName::Bio => "bio".into(),
            SchemeName::Iob1 => "iob1".into(),
            SchemeName::Iobes => "iobes".into(),
        }
    }
}

/// The names of [`Precision`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrecisionName {
    /// 32-bit floats.
    F32,
    /// Numbers rounded to bfloat16, on processors that multiply these (AVX512-BF16).
    Bf16,
}

impl From<PrecisionName> for Precision {
    fn from(name: PrecisionName) -> Self {
        match name {
            PrecisionName::F32 => Precision::F32,
            PrecisionName::Bf16 => Precision::Bf16,
        }
    }
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

/// The name among a flag's that stands for `value`.
fn named<N: ValueEnum + Into<V>, V: PartialEq>(value: &V) -> Option<String> {
    let name = N::value_variants()
        .iter()
        .find(|name| (*name).clone().into() == *value)?;
    name.to_possible_value().map(|name| name.get_name().to_owned())
}

impl Shown for Decay {
    fn shown(&self) -> Option<String> {
        named::<DecayName, _>(self)
    }
}

impl Shown for Precision {
    fn shown(&self) -> Option<String> {
        named::<PrecisionName, _>(self)
    }
}
