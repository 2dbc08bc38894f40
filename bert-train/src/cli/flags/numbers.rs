//! Numbers and switches as the values of flags.

use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};

use super::values::read_from_toml;

read_from_toml! {
    Count: "a whole number",
    Finite: "a finite number",
    Share: "a number above 0 and below 1",
    Switch: "true or false",
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

/// A number above 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

impl TryFrom<f64> for Share {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        match number > 0.0 && number < 1.0 {
            true => Ok(Self(number)),
            false => Err("must be above 0 and below 1"),
        }
    }
}

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number: f64 = text.parse().map_err(|_| "must be a number above 0 and below 1")?;
        number.try_into()
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer)?
            .try_into()
            .map_err(D::Error::custom)
    }
}

impl From<Share> for Option<f64> {
    fn from(share: Share) -> Self {
        Some(share.0)
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
