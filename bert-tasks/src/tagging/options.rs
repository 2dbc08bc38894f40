//! The options of tagging.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use datasets::{Scheme, TagColumn};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::heads::{ClassWeights, check_smoothing};
use crate::task::{MAX_COUNT, Options, TaskError, check_counts, check_fits};

/// What [`ColumnChoice`] is, in messages.
const COLUMN: &str = "a whole number, 1 or more, or a name";

/// A column by its number or by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnChoice {
    /// Its number, from 1.
    Number(NonZeroUsize),
    /// Its name in the header, or the name of a list.
    Name(String),
}

impl ColumnChoice {
    fn number(number: u64) -> Result<Self, String> {
        let number = usize::try_from(number).ok().filter(|&number| number <= MAX_COUNT);
        let number = number.ok_or_else(|| format!("must be at most {MAX_COUNT}"))?;
        let number = NonZeroUsize::new(number).ok_or("must be at least 1")?;
        Ok(Self::Number(number))
    }
}

impl FromStr for ColumnChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(number) => Self::number(number),
            Err(_) if text.trim().is_empty() => Err(format!("must be {COLUMN}")),
            Err(_) => Ok(Self::Name(text.into())),
        }
    }
}

impl Serialize for ColumnChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => number.serialize(serializer),
            Self::Name(name) => name.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrName;
        impl Visitor<'_> for NumberOrName {
            type Value = ColumnChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(COLUMN)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ColumnChoice, E> {
                ColumnChoice::number(number).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ColumnChoice, E> {
                let number = u64::try_from(number).map_err(|_| E::custom("must be at least 1"))?;
                self.visit_u64(number)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ColumnChoice, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(NumberOrName)
    }
}

/// How entities are written in a file of tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemeChoice {
    /// As the tags of the file show.
    #[default]
    Auto,
    /// [`Scheme::Bio`].
    Bio,
    /// [`Scheme::Iob1`].
    Iob1,
    /// [`Scheme::Iobes`].
    Iobes,
}

impl SchemeChoice {
    /// The scheme; `None` if the tags show it.
    pub fn scheme(self) -> Option<Scheme> {
        match self {
            Self::Auto => None,
            Self::Bio => Some(Scheme::Bio),
            Self::Iob1 => Some(Scheme::Iob1),
            Self::Iobes => Some(Scheme::Iobes),
        }
    }
}

/// The options of tagging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Which tags of a CoNLL-U file are read.
    pub tags: TagColumn,
    /// Column with the words, counted from 1, in files of columns.
    pub word_column: NonZeroUsize,
    /// Column with the tags in files of columns, the last if it is not set; or the name of the list of tags in JSON and
    /// Parquet, guessed if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<ColumnChoice>,
    /// How entities are written.
    pub scheme: SchemeChoice,
    /// Tokens shared by neighbouring windows of a sentence that is longer than the maximum length.
    pub overlap: usize,
    /// Share of each label that is spread evenly over all labels (label smoothing).
    pub label_smoothing: f64,
    /// Weights of the labels in the loss; all equal if they are not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
}

const DEFAULT_OVERLAP: usize = 32;

impl Options for TagOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_counts([("word_column", self.word_column.get()), ("overlap", self.overlap)])?;
        check_smoothing(self.label_smoothing)
    }

    fn check_length(&self, max_length: usize) -> Result<(), TaskError> {
        // A window must have at least one token more than it shares, besides `[CLS]` and `[SEP]`.
        let most = max_length.saturating_sub(3);
        check_fits("overlap", [self.overlap, DEFAULT_OVERLAP, most], max_length)
    }
}

impl Default for TagOptions {
    fn default() -> Self {
        Self {
            tags: TagColumn::Upos,
            word_column: NonZeroUsize::MIN,
            tag_column: None,
            scheme: SchemeChoice::Auto,
            overlap: DEFAULT_OVERLAP,
            label_smoothing: 0.0,
            class_weights: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_column_is_a_number_or_a_name() {
        let read = |value| serde_json::from_value::<ColumnChoice>(value).map_err(|error| error.to_string());
        assert_eq!(
            read(json!(3)).unwrap(),
            ColumnChoice::Number(NonZeroUsize::new(3).unwrap())
        );
        assert_eq!(
            read(json!("3")).unwrap(),
            ColumnChoice::Number(NonZeroUsize::new(3).unwrap())
        );
        let name = ColumnChoice::Name("ner_tags".into());
        assert_eq!(read(json!("ner_tags")).unwrap(), name);
        assert_eq!(serde_json::to_value(name).unwrap(), json!("ner_tags"));
        assert!(read(json!(0)).unwrap_err().contains("at least 1"));
        assert!(read(json!(-1)).unwrap_err().contains("at least 1"));
        assert!(read(json!(true)).unwrap_err().contains(COLUMN));
        assert!(
            read(json!(1_000_000_001))
                .unwrap_err()
                .contains("at most 1000000000")
        );
        assert!(" ".parse::<ColumnChoice>().is_err() && "0".parse::<ColumnChoice>().is_err());
    }

    #[test]
    fn options_of_earlier_runs_are_read() {
        let text = json!({"tags": "xpos", "word_column": 2, "scheme": "iob1", "overlap": 8, "class_weights": "O=0.5,X=2"});
        let options: TagOptions = serde_json::from_value(text).unwrap();
        assert_eq!((options.tags, options.word_column.get()), (TagColumn::Xpos, 2));
        assert_eq!(options.scheme.scheme(), Some(Scheme::Iob1));
        for wrong in [
            json!({"tags": "upso"}),
            json!({"scheme": "bioo"}),
            json!({"word_column": 0}),
            json!({"class_weights": "balancedd"}),
        ] {
            assert!(
                serde_json::from_value::<TagOptions>(wrong.clone()).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_overlap_that_was_chosen_must_fit_the_maximum_length() {
        let fits = |overlap, max_length| {
            TagOptions {
                overlap,
                ..TagOptions::default()
            }
            .check_length(max_length)
        };
        assert!(fits(DEFAULT_OVERLAP, 16).is_ok() && fits(13, 16).is_ok());
        let error = fits(14, 16).unwrap_err().to_string();
        assert_eq!(
            error,
            "`overlap` is 14; it must be at most 13 where `max_length` is 16"
        );
    }
}
