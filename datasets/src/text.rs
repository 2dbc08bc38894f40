//! Texts, with labels where they have some.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn_dataset::{Dataset, DatasetError};

use crate::error::DataError;
use crate::labels::Labels;

/// One text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextExample {
    /// The text.
    pub text: String,
    /// Its label, by name.
    pub label: Option<String>,
    /// The file it came from.
    pub file: Arc<Path>,
    /// The line it came from, from 1.
    pub line: usize,
}

/// Texts in the order of their files.
///
/// ```
/// use datasets::TextDataset;
/// use std::path::Path;
/// let texts = TextDataset::from_texts(Path::new("arguments"), &["One.".into(), "Two.".into()])?;
/// assert_eq!(texts.len(), 2);
/// assert_eq!(texts.examples()[1].text, "Two.");
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextDataset {
    examples: Vec<TextExample>,
}

impl TextDataset {
    /// A dataset of `examples`.
    ///
    /// # Errors
    /// If there is none; `file` is then named as the one that was empty.
    pub fn new(file: &Path, examples: Vec<TextExample>) -> Result<Self, DataError> {
        if examples.is_empty() {
            return Err(DataError::Empty(file.into()));
        }
        Ok(Self { examples })
    }

    /// Texts that are in no file; `source` names where they are from, and a text's line is its number.
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_texts(source: &Path, texts: &[String]) -> Result<Self, DataError> {
        let file: Arc<Path> = source.into();
        let example = |(place, text): (usize, &String)| {
            if text.trim().is_empty() {
                return Err(DataError::at(source, place + 1, None, "empty text"));
            }
            Ok(TextExample {
                text: text.clone(),
                label: None,
                file: file.clone(),
                line: place + 1,
            })
        };
        let examples = texts.iter().enumerate().map(example).collect::<Result<_, _>>()?;
        Self::new(source, examples)
    }

    /// Texts one a line, in UTF-8.
    ///
    /// # Errors
    /// If there is none, a line is empty, or the bytes are no UTF-8.
    pub fn from_lines(source: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let text = utf8(source, bytes)?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Self::from_texts(source, &lines)
    }

    /// The examples.
    pub fn examples(&self) -> &[TextExample] {
        &self.examples
    }

    /// How many there are: at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// The different labels.
    ///
    /// # Errors
    /// If there are fewer than two.
    pub fn labels(&self) -> Result<Labels, DataError> {
        Labels::collect(
            self.examples
                .iter()
                .filter_map(|example| example.label.as_deref()),
        )
        .map_err(|error| DataError::Labels(format!("{}: {error}", self.examples[0].file.display())))
    }

    /// Every example's label by its number in `labels`.
    ///
    /// # Errors
    /// At the first example without a label, or with one that is not in `labels`.
    pub fn require_labels(&self, labels: &Labels) -> Result<Vec<usize>, DataError> {
        let number = |example: &TextExample| {
            let Some(label) = &example.label else {
                return Err(DataError::at(&example.file, example.line, None, "no label"));
            };
            labels.index(label).ok_or_else(|| DataError::UnknownLabel {
                file: example.file.to_path_buf(),
                line: example.line,
                label: label.clone(),
                known: labels.iter().collect::<Vec<_>>().join(", "),
            })
        };
        self.examples.iter().map(number).collect()
    }

    /// This dataset's examples, then the other's.
    pub fn concat(mut self, other: Self) -> Self {
        self.examples.extend(other.examples);
        self
    }

    /// The dataset without every `nth` row, and those rows.
    ///
    /// # Errors
    /// If there are fewer than `nth` rows, so that none would be held out.
    pub fn hold_out(self, nth: usize) -> Result<(Self, Self), DataError> {
        let file = self.examples[0].file.clone();
        let rows = self.examples.len();
        if rows < nth {
            let reason =
                format!("only {rows} rows: too few to hold out every {nth}th; give a file to judge by");
            return Err(DataError::at(&file, rows, None, reason));
        }
        let (mut kept, mut held) = (vec![], vec![]);
        for (row, example) in self.examples.into_iter().enumerate() {
            if row % nth == nth - 1 {
                held.push(example);
            } else {
                kept.push(example);
            }
        }
        Ok((Self { examples: kept }, Self { examples: held }))
    }
}

impl Dataset<TextExample> for TextDataset {
    fn get(&self, index: usize) -> Result<TextExample, DatasetError> {
        Ok(self.examples[index].clone())
    }

    fn len(&self) -> usize {
        self.examples.len()
    }
}

/// `bytes` as text, without a byte-order mark.
pub(crate) fn utf8<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let reason = format!(
            "byte {} of the line is not UTF-8; convert the file to UTF-8",
            before.len() - start + 1
        );
        DataError::at(file, line, None, reason)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The text of a file.
pub(crate) fn read_utf8(file: &Path) -> Result<String, DataError> {
    let bytes = std::fs::read(file).map_err(|e| DataError::io(file, e))?;
    Ok(utf8(file, &bytes)?.to_owned())
}

/// The first of `names` that is a file in `dir`.
pub(crate) fn find(dir: &Path, names: &[&str]) -> Result<PathBuf, DataError> {
    let found = names
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| DataError::NoFile {
        dir: dir.into(),
        looked: names.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> String {
        TextDataset::from_lines(Path::new("in.txt"), bytes)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn lines_must_hold_something() {
        assert_eq!(fault(b""), "in.txt: no rows; at least one is needed");
        assert_eq!(fault(b"one\n \ntwo"), "in.txt, line 2: empty text");
    }

    #[test]
    fn bytes_must_be_utf8() {
        let fault = fault(b"one\ntw\xff");
        assert!(
            fault.starts_with("in.txt, line 2: byte 3 of the line is not UTF-8"),
            "{fault}"
        );
    }

    #[test]
    fn marks_and_line_ends_are_no_text() {
        let texts = TextDataset::from_lines(Path::new("in.txt"), b"\xef\xbb\xbfone\r\ntwo\r\n").unwrap();
        let texts: Vec<&str> = texts.examples().iter().map(|e| e.text.as_str()).collect();
        assert_eq!(texts, ["one", "two"]);
    }

    #[test]
    fn every_tenth_row_is_held_out() {
        let lines: String = (1..=25).map(|i| format!("text {i}\n")).collect();
        let all = TextDataset::from_lines(Path::new("in.txt"), lines.as_bytes()).unwrap();
        let (kept, held) = all.clone().hold_out(10).unwrap();
        assert_eq!((kept.len(), held.len()), (23, 2));
        assert_eq!(held.examples()[0].text, "text 10");
        assert!(held.hold_out(10).unwrap_err().to_string().contains("too few"));
    }
}
