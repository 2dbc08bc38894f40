//! The values of options: how they are read from a settings file, and how help shows them.

use std::path::PathBuf;

use toml::de::DeValue;

/// The value of an option. The words on the command line and in a settings file are the same.
pub trait Value: Sized {
    /// What it must be, after "must be".
    fn expected() -> String;

    /// The value that a word stands for.
    ///
    /// # Errors
    /// What the value must be, as "must be …".
    fn from_word(word: &str) -> Result<Self, String>;

    /// The value that a list of words stands for.
    ///
    /// # Errors
    /// What the value must be, as "must be …".
    fn from_list(_words: Vec<String>) -> Result<Self, String> {
        Err(must_be::<Self>())
    }
}

fn must_be<T: Value>() -> String {
    format!("must be {}", T::expected())
}

/// Reads a value from a settings file. As on the command line, a number may stand in quotes, a text may be a number, and
/// a list may be a single value.
///
/// # Errors
/// What the value must be, as "must be …".
pub fn from_toml<T: Value>(value: &DeValue<'_>) -> Result<T, String> {
    let read = match value {
        DeValue::Array(items) => {
            let words: Option<Vec<String>> = items.iter().map(|item| word(item.get_ref())).collect();
            words.map(T::from_list)
        }
        value => word(value).map(|word| T::from_word(&word)),
    };
    read.unwrap_or_else(|| Err(must_be::<T>()))
}

/// A text, a number or a truth value as the command line writes it; none for a table, a list and a date.
fn word(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let number = i128::from_str_radix(number.as_str(), number.radix()).ok();
            number.map(|number| number.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Declares how types are read that the standard library parses, with what a value must be.
macro_rules! parsed {
    ($($type:ty: $expected:literal),* $(,)?) => {
        $(
            impl Value for $type {
                fn expected() -> String {
                    $expected.into()
                }

                fn from_word(word: &str) -> Result<Self, String> {
                    word.parse().map_err(|_| must_be::<Self>())
                }
            }
        )*
    };
}

parsed! {
    u64: "a whole number, 0 or more",
    bool: "true or false",
    String: "a text",
    PathBuf: "a text",
}

impl<T: Value> Value for Vec<T> {
    fn expected() -> String {
        format!("a list, each item {}", T::expected())
    }

    fn from_word(word: &str) -> Result<Self, String> {
        Self::from_list(word.split(',').map(str::to_owned).collect())
    }

    fn from_list(words: Vec<String>) -> Result<Self, String> {
        let items = words.iter().map(|word| T::from_word(word));
        items.collect::<Result<_, _>>().map_err(|_| must_be::<Self>())
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
