//! Numbers and switches as the values of flags.

use std::str::FromStr;

use bert_train::recipe::MOST;

use super::values::Value;

/// A whole number of at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub usize);

/// A whole number, 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(usize);

/// The whole number of at least `least` that a word stands for. Numbers that no run can have are refused here, so that none
/// of them leads to an overflow or an endless preparation later.
fn whole(word: &str, least: usize) -> Result<usize, String> {
    // Longer numbers than any type holds are too large, too.
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match word.parse() {
        Ok(number) if number < least => Err(format!("must be at least {least}")),
        Ok(number) if number <= MOST => Ok(number),
        Err(_) if !digits => Err(format!("must be a whole number, {least} or more")),
        _ => Err(format!("must be at most {MOST}")),
    }
}

/// A number that is neither infinite nor NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finite(f64);

/// A number above 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

/// A flag without a value, which says yes; in a file, `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch(bool);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_word(text)
    }
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_word(text)
    }
}

impl FromStr for Finite {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_word(text)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_word(text)
    }
}

impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_word(text)
    }
}

impl Value for Count {
    fn expected() -> String {
        "a whole number, 1 or more".into()
    }

    fn from_word(word: &str) -> Result<Self, String> {
        whole(word, 1).map(Self)
    }
}

impl Value for Number {
    fn expected() -> String {
        "a whole number, 0 or more".into()
    }

    fn from_word(word: &str) -> Result<Self, String> {
        whole(word, 0).map(Self)
    }
}

impl Value for Finite {
    fn expected() -> String {
        "a finite number".into()
    }

    fn from_word(word: &str) -> Result<Self, String> {
        let number = word.parse().ok().filter(|number: &f64| number.is_finite());
        number
            .map(Self)
            .ok_or_else(|| format!("must be {}", Self::expected()))
    }
}

impl Value for Share {
    fn expected() -> String {
        "a number above 0 and below 1".into()
    }

    fn from_word(word: &str) -> Result<Self, String> {
        let number = word
            .parse()
            .ok()
            .filter(|&number: &f64| number > 0.0 && number < 1.0);
        number
            .map(Self)
            .ok_or_else(|| format!("must be {}", Self::expected()))
    }
}

impl Value for Switch {
    fn expected() -> String {
        bool::expected()
    }

    fn from_word(word: &str) -> Result<Self, String> {
        bool::from_word(word).map(Self)
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
