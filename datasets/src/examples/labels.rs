//! The labels of a classification, numbered.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::DataError;

/// At least two different labels; a label's number is its index.
///
/// ```
/// use datasets::Labels;
/// let labels = Labels::collect(["spam", "ham", "spam"])?;
/// assert_eq!(labels.iter().collect::<Vec<_>>(), ["ham", "spam"]);
/// assert_eq!(labels.index("spam"), Some(1));
/// // Numbers are put in the order of their values.
/// assert_eq!(Labels::collect(["10", "9"])?.name(0), "9");
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct Labels {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

/// The most labels: more are a column of texts or of ids, and a model for them would not fit into memory.
const MAX: usize = 1_000_000;

impl Labels {
    /// Labels in the given order.
    ///
    /// # Errors
    /// If there are fewer than two or more than a million, or one is empty or occurs twice.
    pub fn from_names(names: Vec<String>) -> Result<Self, DataError> {
        let error = |text: String| Err(DataError::Labels(text));
        if names.len() < 2 {
            return error(match names.first() {
                None => "there is no label; a classification needs at least two".into(),
                Some(only) => format!(
                    "every row has the label `{only}`; a classification needs at least two different ones"
                ),
            });
        }
        if names.len() > MAX {
            return error(format!(
                "{} different labels; at most {MAX} are trained: is this the column of the labels?",
                names.len()
            ));
        }
        let mut numbers = HashMap::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                return error(format!("label {index} is empty"));
            }
            if numbers.insert(name.clone(), index).is_some() {
                return error(format!("the label `{name}` occurs twice"));
            }
        }
        Ok(Self { names, numbers })
    }

    /// The distinct names among `names`, sorted: by value if all are whole numbers, else by their characters.
    ///
    /// # Errors
    /// If there are fewer than two different ones, or one is empty.
    pub fn collect<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, DataError> {
        let mut names: Vec<&str> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let numbers: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
        if numbers.is_some() {
            names.sort_by_key(|name| name.parse::<i64>().unwrap_or_default());
        }
        Self::from_names(names.into_iter().map(str::to_owned).collect())
    }

    /// The number of labels.
    #[allow(clippy::len_without_is_empty)] // There are always two.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// A label's number.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// A number's label.
    ///
    /// # Panics
    /// If there is no such number.
    pub fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// All labels, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(String::as_str)
    }

    /// The first labels, as messages list them.
    pub(crate) fn shown(&self) -> String {
        const SHOWN: usize = 20;
        let shown = self.names[..self.len().min(SHOWN)].join(", ");
        match self.len().saturating_sub(SHOWN) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl Eq for Labels {}

/// The names alone, in their order: a part of the key of cached rows.
impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Labels").field(&self.names).finish()
    }
}

impl From<Labels> for Vec<String> {
    fn from(labels: Labels) -> Self {
        labels.names
    }
}

impl TryFrom<Vec<String>> for Labels {
    type Error = DataError;

    fn try_from(names: Vec<String>) -> Result<Self, DataError> {
        Self::from_names(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_reported() {
        let error = |names: &[&str]| {
            let names = names.iter().map(|name| name.to_string()).collect();
            Labels::from_names(names).unwrap_err().to_string()
        };
        assert!(error(&[]).contains("no label"));
        assert!(error(&["a"]).contains("every row has the label `a`"));
        assert!(error(&["a", ""]).contains("label 1 is empty"));
        assert!(error(&["a", "b", "a"]).contains("`a` occurs twice"));
    }

    #[test]
    fn many_labels_are_found_at_once_and_too_many_are_refused() {
        let names: Vec<String> = (0..100_000).map(|label| format!("label {label:06}")).collect();
        let labels = Labels::collect(names.iter().rev().map(String::as_str)).unwrap();
        assert!(
            names
                .iter()
                .enumerate()
                .all(|(index, name)| labels.index(name) == Some(index))
        );
        assert_eq!(labels.index("label"), None);
        assert!(
            labels.shown().ends_with("label 000019 and 99980 more"),
            "{}",
            labels.shown()
        );
        let error = Labels::from_names((0..=MAX).map(|label| label.to_string()).collect()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("1000001 different labels; at most 1000000"),
            "{error}"
        );
    }

    #[test]
    fn labels_are_stored_and_shown_as_their_names() {
        let labels = Labels::collect(["b", "a"]).unwrap();
        assert_eq!(format!("{labels:?}"), "Labels([\"a\", \"b\"])");
        let stored = serde_json::to_string(&labels).unwrap();
        assert_eq!(stored, "[\"a\",\"b\"]");
        assert_eq!(serde_json::from_str::<Labels>(&stored).unwrap(), labels);
        assert!(serde_json::from_str::<Labels>("[\"a\",\"a\"]").is_err());
    }

    #[test]
    fn order_is_by_value_for_numbers_and_by_character_for_words() {
        let order = |names: &[&str]| Vec::from(Labels::collect(names.iter().copied()).unwrap());
        assert_eq!(order(&["2", "-1", "10"]), ["-1", "2", "10"]);
        assert_eq!(order(&["b", "B", "a", "1"]), ["1", "B", "a", "b"]);
    }
}
