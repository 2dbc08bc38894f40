//! The inputs of a prediction: arguments, a file, or standard input.

use std::path::{Path, PathBuf};

use datasets::{DataError, Source, has_extension};

use super::CorpusError;

/// Where the inputs of a prediction come from.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// Texts from the command line.
    Arguments(Vec<String>),
    /// Two texts that belong together, from the command line: a pair, or a question and its passage.
    Pair(String, String),
    /// A file with columns or objects: CSV, TSV, JSON or Parquet.
    File(PathBuf),
    /// Lines, from a file without columns or from standard input.
    Lines {
        /// Their name in messages.
        source: PathBuf,
        /// UTF-8, one input per line, or one JSON object per line.
        bytes: Vec<u8>,
    },
}

impl Inputs {
    /// A file: lines where its name ends in `.txt`, else columns or objects.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, DataError> {
        if !has_extension(path, &["txt"]) {
            return Ok(Inputs::File(path.into()));
        }
        let bytes = std::fs::read(path).map_err(|source| DataError::Io {
            file: path.into(),
            source,
        })?;
        Ok(Inputs::Lines {
            source: path.into(),
            bytes,
        })
    }

    /// The name of the arguments in messages.
    pub fn arguments() -> &'static Path {
        Path::new("arguments")
    }
}

/// The content of [`Inputs`]: lines of text or JSON objects.
#[derive(Clone, Debug)]
pub(crate) enum Given<'a> {
    /// Plain texts, with the name of their source.
    Texts(&'a Path, Vec<String>),
    /// Pairs of texts.
    Pairs(&'a Path, Vec<(String, String)>),
    /// JSON lines.
    Objects(&'a Path, &'a [u8]),
    /// A file with columns or objects.
    File(&'a Path),
}

impl Inputs {
    /// The inputs of a task that reads single texts.
    pub(crate) fn singly(&self) -> Result<Given<'_>, CorpusError> {
        Ok(match self {
            Inputs::Arguments(texts) => Given::Texts(Self::arguments(), texts.clone()),
            Inputs::Pair(a, b) => Given::Pairs(Self::arguments(), vec![(a.clone(), b.clone())]),
            Inputs::File(path) => Given::File(path),
            Inputs::Lines { source, bytes } if is_json(bytes) => Given::Objects(source, bytes),
            Inputs::Lines { source, bytes } => {
                let texts = texts_of(source, bytes)?
                    .into_iter()
                    .map(|(_, text)| text.to_owned());
                Given::Texts(source, texts.collect())
            }
        })
    }

    /// The inputs of a task that reads pairs; `what` names the pair in messages.
    ///
    /// In a line of plain text, a tab separates the two.
    pub(crate) fn in_pairs(&self, what: &str) -> Result<Given<'_>, CorpusError> {
        let given = self.singly()?;
        let Given::Texts(source, _) = &given else {
            return Ok(given);
        };
        let pairs = match self {
            Inputs::Lines { bytes, .. } => tabbed(source, bytes, what)?,
            Inputs::Arguments(texts) => two_by_two(texts, what)?,
            Inputs::Pair(..) | Inputs::File(_) => return Ok(given),
        };
        Ok(Given::Pairs(source, pairs))
    }
}

/// Whether the first line that is not empty is a JSON object; a plain text hardly ever is.
fn is_json(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    first.is_some_and(|line| {
        serde_json::from_slice::<serde_json::Value>(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
            .is_ok_and(|value| value.is_object())
    })
}

/// The lines with their numbers.
fn texts_of<'a>(source: &Path, bytes: &'a [u8]) -> Result<Vec<(usize, &'a str)>, DataError> {
    let text = datasets::utf8(source, bytes)?;
    Ok(text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .collect())
}

fn tabbed(source: &Path, bytes: &[u8], what: &str) -> Result<Vec<(String, String)>, CorpusError> {
    let pair = |(line, text): (usize, &str)| match text.split('\t').collect::<Vec<_>>()[..] {
        [a, b] => Ok((a.to_owned(), b.to_owned())),
        ref fields => {
            let reason = format!(
                "{} where this model reads {what}: two texts with one tab between them, or JSON objects",
                match fields.len() {
                    1 => "1 text".to_owned(),
                    count => format!("{count} texts"),
                }
            );
            Err(Source::file(source).line(line).error(None, reason).into())
        }
    };
    texts_of(source, bytes)?.into_iter().map(pair).collect()
}

/// Arguments in pairs.
fn two_by_two(texts: &[String], what: &str) -> Result<Vec<(String, String)>, CorpusError> {
    match texts.as_chunks::<2>() {
        (pairs, []) => Ok(pairs.iter().cloned().map(|[a, b]| (a, b)).collect()),
        _ => Err(CorpusError::Inputs(format!(
            "an odd number of texts was given ({}); this model reads {what}",
            texts.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Inputs {
        Inputs::Lines {
            source: "standard input".into(),
            bytes: text.into(),
        }
    }

    #[test]
    fn objects_are_told_from_texts() {
        assert!(matches!(
            lines("\n{\"text\": \"a\"}").singly().unwrap(),
            Given::Objects(..)
        ));
        assert!(matches!(
            lines("{so it goes}").singly().unwrap(),
            Given::Texts(..)
        ));
        assert!(matches!(lines("[1]").singly().unwrap(), Given::Texts(..)));
    }

    #[test]
    fn two_texts_belong_together() {
        let pairs = |inputs: &Inputs| match inputs.in_pairs("pairs of texts").map_err(|e| e.to_string())? {
            Given::Pairs(_, pairs) => Ok(pairs),
            other => Err(format!("{other:?}")),
        };
        let expected = vec![("a".to_owned(), "b".to_owned())];
        let words = |words: &[&str]| Inputs::Arguments(words.iter().map(|word| word.to_string()).collect());
        assert_eq!(pairs(&words(&["a", "b"])).unwrap(), expected);
        assert_eq!(pairs(&lines("a\tb\n")).unwrap(), expected);
        let error = pairs(&words(&["a", "b", "c"])).unwrap_err();
        assert!(
            error.contains("odd number of texts was given (3)") && error.contains("pairs of texts"),
            "{error}"
        );
        let error = pairs(&lines("a\tb\na\n")).unwrap_err();
        assert!(
            error.starts_with("standard input, line 2: 1 text where"),
            "{error}"
        );
    }
}
