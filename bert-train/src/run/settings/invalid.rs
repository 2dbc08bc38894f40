//! What is wrong with a setting, in words for its user.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};
use toml::Spanned;
use toml::de::DeString;

const NOT_KNOWN: &str = "is not known";

/// A value that its setting cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidValue {
    /// The names of the tables and the setting, the outermost last.
    pub(super) names: Vec<String>,
    /// Where the innermost of them is in the file, in bytes.
    pub(super) offset: Option<usize>,
    /// The nearest known name, if the name is not known.
    pub(super) nearest: Option<String>,
    /// What is wrong: "must be …".
    pub(super) reason: String,
}

impl InvalidValue {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            names: vec![],
            offset: None,
            nearest: None,
            reason: reason.into(),
        }
    }

    /// The same, in the setting or table `name`.
    pub(super) fn within(mut self, name: &Spanned<DeString<'_>>) -> Self {
        self.offset.get_or_insert(name.span().start);
        self.names.push(underscored(name.get_ref()));
        self
    }

    /// What is wrong, without the name: "must be …".
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl std::error::Error for InvalidValue {}

impl Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl de::Error for InvalidValue {
    fn custom<T: Display>(reason: T) -> Self {
        Self::new(reason.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(match expected.to_string() {
            table if table.starts_with("struct ") => "must be a table".into(),
            other => format!("must be {other}"),
        })
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match unexpected {
            // Zero where it is not allowed, as in `NonZeroUsize`.
            Unexpected::Unsigned(0) => Self::new("must be at least 1"),
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => Self::new("must be a smaller number"),
            other => Self::invalid_type(other, expected),
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let names = match expected {
            [name] => (*name).to_owned(),
            names => format!("one of {}", names.join(", ")),
        };
        Self::new(format!("is {variant}; it must be {names}"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self {
            nearest: nearest(field, expected.iter().copied()).map(str::to_owned),
            ..Self::new(NOT_KNOWN)
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            names: vec![field.into()],
            ..Self::new("is missing")
        }
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::new("is set twice")
    }
}

/// A message about an unknown name, with the nearest one that is known.
pub fn unknown(name: &str, nearest: Option<&str>) -> String {
    let hint = nearest.map_or(String::new(), |nearest| {
        format!("; the nearest known name is `{nearest}`")
    });
    format!("`{name}` {NOT_KNOWN}{hint}")
}

/// The name that is most like `name`, if one is.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |known: &&str| strsim::jaro_winkler(name, known);
    // The threshold is that of clap for flags.
    let alike = known.filter(|known| likeness(known) > 0.7);
    alike.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// A name as fields have it.
pub fn underscored(name: &str) -> String {
    name.replace('-', "_")
}
