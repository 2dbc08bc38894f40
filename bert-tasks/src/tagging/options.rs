//! The options of tagging.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::heads::check_smoothing;
use crate::task::{Options, TaskError};

/// A column by its number or by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "NumberOrText")]
pub enum ColumnChoice {
    /// Its number, from 1.
    Number(usize),
    /// Its name in the header, or the name of a list.
    Name(String),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(usize),
    Text(String),
}

impl FromStr for ColumnChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(number) => NumberOrText::Number(number).try_into(),
            Err(_) if text.trim().is_empty() => Err("must be a number or a name"),
            Err(_) => Ok(Self::Name(text.into())),
        }
    }
}

impl TryFrom<NumberOrText> for ColumnChoice {
    type Error = &'static str;

    fn try_from(column: NumberOrText) -> Result<Self, Self::Error> {
        match column {
            NumberOrText::Number(0) => Err("must be at least 1"),
            NumberOrText::Number(number) => Ok(Self::Number(number)),
            NumberOrText::Text(text) => text.parse(),
        }
    }
}

impl From<ColumnChoice> for NumberOrText {
    fn from(column: ColumnChoice) -> Self {
        match column {
            ColumnChoice::Number(number) => Self::Number(number),
            ColumnChoice::Name(name) => Self::Text(name),
        }
    }
}

/// The options of tagging.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Which tags of a CoNLL-U file are read: `upos` or `xpos`.
    pub tags: String,
    /// Column with the words, counted from 1, in files of columns.
    pub word_column: usize,
    /// Column with the tags in files of columns, the last if it is not set; or the name of the list of tags in JSON and
    /// Parquet, guessed if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<ColumnChoice>,
    /// How entities are written: `bio`, `iob1` or `iobes`; `auto` detects it.
    pub scheme: String,
    /// Tokens shared by neighbouring windows of a sentence that is longer than the maximum length.
    pub overlap: usize,
    /// Share of each label that is spread evenly over all labels (label smoothing).
    pub label_smoothing: f64,
    /// Weights of the labels in the loss: `balanced`, or a list such as `good=2,bad=1`; all equal if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}

impl Options for TagOptions {
    fn check(&self) -> Result<(), TaskError> {
        check_smoothing(self.label_smoothing)
    }
}

impl Default for TagOptions {
    fn default() -> Self {
        Self {
            tags: "upos".into(),
            word_column: 1,
            tag_column: None,
            scheme: "auto".into(),
            overlap: 32,
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
        assert_eq!(read(json!(3)).unwrap(), ColumnChoice::Number(3));
        assert_eq!(read(json!("3")).unwrap(), ColumnChoice::Number(3));
        let name = ColumnChoice::Name("ner_tags".into());
        assert_eq!(read(json!("ner_tags")).unwrap(), name);
        assert_eq!(serde_json::to_value(name).unwrap(), json!("ner_tags"));
        assert!(read(json!(0)).unwrap_err().contains("at least 1"));
        assert!(" ".parse::<ColumnChoice>().is_err() && "0".parse::<ColumnChoice>().is_err());
    }
}
