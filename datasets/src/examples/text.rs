//! Texts and pairs of texts, with labels where they have some.

#[cfg(feature = "files")]
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

#[cfg(feature = "files")]
use super::Storable;
use super::{Example, Examples, Labels};
use crate::error::DataError;
use crate::file::utf8;
use crate::source::Source;

/// One text, or two that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextExample {
    /// The text; the first of a pair.
    pub text: String,
    /// The second text of a pair.
    pub second: Option<String>,
    /// Its label, by name.
    pub label: Option<String>,
    /// Where it is from.
    #[serde(skip)]
    pub source: Source,
}

impl Example for TextExample {
    fn source(&self) -> &Source {
        &self.source
    }

    fn labels(&self) -> Vec<&str> {
        self.label.iter().map(String::as_str).collect()
    }
}

#[cfg(feature = "files")]
impl Storable for TextExample {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        let label = self.label.as_deref().map(Cow::Borrowed);
        let second = self.second.as_deref().map(Cow::Borrowed);
        [Some(Cow::Borrowed(&self.text)), second, label]
    }

    fn from_parts([text, second, label]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        Self {
            text: text.unwrap_or_default().to_owned(),
            second: second.map(str::to_owned),
            label: label.map(str::to_owned),
            source,
        }
    }
}

/// Labelled texts in the order of their files.
///
/// ```
/// use datasets::TextDataset;
/// use std::path::Path;
/// let texts = TextDataset::from_texts(Path::new("arguments"), &["One.".into(), "Two.".into()])?;
/// assert_eq!(texts.len(), 2);
/// assert_eq!(texts.examples()[1].text, "Two.");
/// # Ok::<(), datasets::DataError>(())
/// ```
pub type TextDataset = Examples<TextExample>;

impl TextDataset {
    /// Texts that do not come from a file; `source` names where they come from, and a text's line is its number.
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_texts(source: &Path, texts: &[String]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let example = |(index, text): (usize, &String)| {
            if text.trim().is_empty() {
                return Err(DataError::at(source, index + 1, None, "empty text"));
            }
            Ok(TextExample {
                text: text.clone(),
                second: None,
                label: None,
                source: file.line(index + 1),
            })
        };
        let examples = texts.iter().enumerate().map(example).collect::<Result<_, _>>()?;
        Self::new(source, examples)
    }

    /// Pairs of texts that do not come from a file, as [`from_texts`](Self::from_texts).
    ///
    /// # Errors
    /// If there is none, or a text is empty.
    pub fn from_pairs(source: &Path, pairs: &[(&str, &str)]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let example = |(index, &(text, second)): (usize, &(&str, &str))| {
            let source = file.line(index + 1);
            if text.trim().is_empty() || second.trim().is_empty() {
                return Err(source.error(None, "empty text; a pair has two"));
            }
            Ok(TextExample {
                text: text.to_owned(),
                second: Some(second.to_owned()),
                label: None,
                source,
            })
        };
        let examples = pairs.iter().enumerate().map(example).collect::<Result<_, _>>()?;
        Self::new(source, examples)
    }

    /// Texts in UTF-8, one per line.
    ///
    /// # Errors
    /// If there is none, a line is empty, or the bytes are not UTF-8.
    pub fn from_lines(source: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let text = utf8(source, bytes)?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Self::from_texts(source, &lines)
    }

    /// The different labels: those that the file names, in its order, else those that occur, sorted.
    ///
    /// # Errors
    /// If there are fewer than two, or a temporary file cannot be read.
    pub fn labels(&self) -> Result<Labels, DataError> {
        let labels = match self.label_names()? {
            [] => Labels::collect(self.label_counts()?.keys().map(String::as_str)),
            names => Labels::from_names(names.to_vec()),
        };
        let file = &self.first()?.source.file;
        labels.map_err(|error| DataError::Labels(format!("{}: {error}", file.display())))
    }

    /// How many examples each label has.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub fn label_counts(&self) -> Result<BTreeMap<String, usize>, DataError> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        self.try_for_each(|example| {
            if let Some(label) = &example.label {
                match counts.get_mut(label) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(label.clone(), 1)),
                }
            }
            Ok::<(), DataError>(())
        })?;
        Ok(counts)
    }

    /// Every example's label by its number in `labels`.
    ///
    /// # Errors
    /// At the first example without a label, or with one that is not in `labels`.
    pub fn require_labels(&self, labels: &Labels) -> Result<Vec<usize>, DataError> {
        let mut numbers = Vec::with_capacity(self.len());
        self.try_for_each(|example| {
            let Some(label) = &example.label else {
                return Err(example.source.error(None, "no label"));
            };
            numbers.push(labels.index(label).ok_or_else(|| DataError::UnknownLabel {
                file: example.source.file.to_path_buf(),
                line: example.source.line,
                label: label.clone(),
                known: labels.shown(),
            })?);
            Ok(())
        })?;
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        TextDataset::from_lines(Path::new("in.txt"), bytes)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn lines_must_hold_something() {
        assert_eq!(error(b""), "in.txt: no rows; at least one is needed");
        assert_eq!(error(b"one\n \ntwo"), "in.txt, line 2: empty text");
    }

    #[test]
    fn bytes_must_be_utf8() {
        let error = error(b"one\ntw\xff");
        assert!(
            error.starts_with("in.txt, line 2: byte 3 of the line is not UTF-8"),
            "{error}"
        );
    }

    #[test]
    fn marks_and_line_ends_are_no_text() {
        let texts = TextDataset::from_lines(Path::new("in.txt"), b"\xef\xbb\xbfone\r\ntwo\r\n").unwrap();
        let texts: Vec<&str> = texts.examples().iter().map(|e| e.text.as_str()).collect();
        assert_eq!(texts, ["one", "two"]);
    }
}
