//! The labels of a classification, numbered.

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(Vec<String>);

impl Labels {
    /// Labels in the given order.
    ///
    /// # Errors
    /// If there are fewer than two, or one is empty or occurs twice.
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
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                return error(format!("label {index} is empty"));
            }
            if names[..index].contains(name) {
                return error(format!("the label `{name}` occurs twice"));
            }
        }
        Ok(Self(names))
    }

    /// The distinct names among `names`, sorted: by value if all are whole numbers, else by their characters.
    ///
    /// # Errors
    /// If there are fewer than two different ones, or one is empty.
    pub fn collect<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, DataError> {
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        let numbers: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
        if numbers.is_some() {
            names.sort_by_key(|name| name.parse::<i64>().unwrap_or_default());
        }
        Self::from_names(names)
    }

    /// The number of labels.
    #[allow(clippy::len_without_is_empty)] // There are always two.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// A label's number.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|known| known == name)
    }

    /// A number's label.
    ///
    /// # Panics
    /// If there is no such number.
    pub fn name(&self, index: usize) -> &str {
        &self.0[index]
    }

    /// All labels, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(String::as_str)
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
    fn order_is_by_value_for_numbers_and_by_character_for_words() {
        let order = |names: &[&str]| Labels::collect(names.iter().copied()).unwrap().0;
        assert_eq!(order(&["2", "-1", "10"]), ["-1", "2", "10"]);
        assert_eq!(order(&["b", "B", "a", "1"]), ["1", "B", "a", "b"]);
    }
}
