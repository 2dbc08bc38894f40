//! Numbers and switches as the values of flags and of settings in files.

use std::any::TypeId;
use std::num::NonZeroUsize;
use std::str::FromStr;

use bert_tasks::ColumnChoice;
use bert_train::recipe::{MAX_COUNT, MAX_SEED};
use clap::{Arg, Command};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A whole number of at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(NonZeroUsize);

/// A whole number, 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(usize);

/// A number that is neither infinite nor NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finite(f64);

/// A number above 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

/// A flag without a value, which says yes; in a file, `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Switch(bool);

/// Lets each flag for a number take a negative one. clap would read `-1` as a flag; the flag's own check refuses it with the
/// range.
pub fn accept_negative_numbers(command: Command) -> Command {
    let numbers = [
        TypeId::of::<Count>(),
        TypeId::of::<Number>(),
        TypeId::of::<Finite>(),
        TypeId::of::<Share>(),
        TypeId::of::<u64>(),
        TypeId::of::<ColumnChoice>(),
    ];
    let accept = |flag: Arg| {
        let value = flag.get_value_parser().type_id();
        match numbers.iter().any(|number| value == *number) {
            true => flag.allow_hyphen_values(true),
            false => flag,
        }
    };
    command.mut_args(accept).mut_subcommands(accept_negative_numbers)
}

/// What a number of at least `least` must be.
fn whole(least: usize) -> String {
    format!("must be a whole number, {least} or more")
}

/// Whether a number is in the range. Numbers that no run can have are refused here, so that none of them leads to an
/// overflow or an endless preparation later.
fn limited(number: u64, least: usize) -> Result<usize, String> {
    match usize::try_from(number) {
        Ok(number) if number < least => Err(format!("must be at least {least}")),
        Ok(number) if number <= MAX_COUNT => Ok(number),
        _ => Err(format!("must be at most {MAX_COUNT}")),
    }
}

/// The number that a word of the command line stands for.
fn parsed(word: &str, least: usize) -> Result<usize, String> {
    // Longer numbers than any type holds are too large, too.
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match word.parse() {
        Ok(number) => limited(number, least),
        Err(_) if digits => limited(u64::MAX, least),
        Err(_) => Err(whole(least)),
    }
}

/// A seed.
///
/// # Errors
/// If the word is no whole number, or too large.
pub fn parse_seed(word: &str) -> Result<u64, String> {
    word.parse()
        .map_err(|_| format!("must be a whole number from 0 to {MAX_SEED}"))
}

impl Count {
    fn of(number: usize) -> Result<Self, String> {
        NonZeroUsize::new(number)
            .map(Self)
            .ok_or_else(|| "must be at least 1".into())
    }
}

impl Finite {
    fn of(number: f64) -> Result<Self, String> {
        match number.is_finite() {
            true => Ok(Self(number)),
            false => Err("must be a finite number".into()),
        }
    }
}

impl Share {
    fn of(number: f64) -> Result<Self, String> {
        match number > 0.0 && number < 1.0 {
            true => Ok(Self(number)),
            false => Err("must be a number above 0 and below 1".into()),
        }
    }
}

impl FromStr for Count {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        parsed(word, 1).and_then(Self::of)
    }
}

impl FromStr for Number {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        parsed(word, 0).map(Self)
    }
}

impl FromStr for Finite {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::of(word.parse().unwrap_or(f64::NAN))
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::of(word.parse().unwrap_or(f64::NAN))
    }
}

impl FromStr for Switch {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        word.parse().map(Self).map_err(|_| "must be true or false".into())
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = whole_number(deserializer, 1)?;
        Self::of(number).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole_number(deserializer, 0).map(Self)
    }
}

/// The whole number of a setting.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D, least: usize) -> Result<usize, D::Error> {
    let number = u64::deserialize(deserializer).map_err(|error| {
        // The reader of settings knows whether the number is too large, and not its least value.
        match error.to_string().contains("smaller") {
            true => D::Error::custom(format!("must be at most {MAX_COUNT}")),
            false => D::Error::custom(whole(least)),
        }
    })?;
    limited(number, least).map_err(D::Error::custom)
}

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl From<Count> for NonZeroUsize {
    fn from(count: Count) -> Self {
        count.0
    }
}

impl From<Count> for usize {
    fn from(count: Count) -> Self {
        count.0.get()
    }
}

impl From<Count> for Option<usize> {
    fn from(count: Count) -> Self {
        Some(count.0.get())
    }
}

impl From<Number> for usize {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl From<Number> for Option<usize> {
    fn from(number: Number) -> Self {
        Some(number.0)
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

impl From<Share> for Option<f64> {
    fn from(share: Share) -> Self {
        Some(share.0)
    }
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch.0
    }
}
