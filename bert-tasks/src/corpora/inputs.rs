//! The inputs of a prediction: arguments, a file, or standard input.

use std::path::{Path, PathBuf};

use datasets::{DataError, Source, has_extension};

use super::CorpusError;

/// Where the inputs of a prediction come from.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// Single texts.
    Arguments(Vec<String>),
    /// Two texts that belong together: a pair, or a question and its passage.
    Pair(String, String),
    /// A file with columns or objects: CSV, TSV, JSON or Parquet.
    File(PathBuf),
    /// Lines, from a file without columns or from standard input.
    Lines {
        /// Their name in messages.
        source: PathBuf,
        /// UTF-8, one input per line; or JSON, one object per line or an array of objects.
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

    /// A note about the blank lines, which get no answer; `None` if there are none. JSON objects may have blank lines
    /// between them.
    pub fn blank_lines(&self) -> Option<String> {
        const SHOWN: usize = 5;
        let Inputs::Lines { source, bytes } = self else {
            return None;
        };
        if is_json(bytes) {
            return None;
        }
        // The reader reports text that is not UTF-8.
        let text = datasets::utf8(source, bytes).ok()?;
        let lines = text.lines().enumerate();
        let mut blank = lines
            .filter(|(_, line)| line.trim().is_empty())
            .map(|(at, _)| at + 1);
        let numbers: Vec<String> = blank.by_ref().take(SHOWN).map(|line| line.to_string()).collect();
        let count = numbers.len() + blank.count();
        let more = if count > SHOWN { ", …" } else { "" };
        let (source, numbers) = (source.display(), numbers.join(", "));
        match count {
            0 => None,
            1 => Some(format!("{source}: line {numbers} is blank and gets no answer")),
            count => Some(format!(
                "{source}: {count} blank lines get no answer: lines {numbers}{more}"
            )),
        }
    }

    /// The name of the arguments in messages.
    pub fn arguments() -> &'static Path {
        Path::new("arguments")
    }
}

/// The content of [`Inputs`]: lines of text or JSON objects.
#[derive(Clone, Debug)]
pub(crate) enum Content<'a> {
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
    pub(crate) fn singly(&self) -> Result<Content<'_>, CorpusError> {
        Ok(match self {
            Inputs::Arguments(texts) => Content::Texts(Self::arguments(), texts.clone()),
            Inputs::Pair(a, b) => Content::Pairs(Self::arguments(), vec![(a.clone(), b.clone())]),
            Inputs::File(path) => Content::File(path),
            Inputs::Lines { source, bytes } if is_json(bytes) => Content::Objects(source, bytes),
            Inputs::Lines { source, bytes } => {
                let texts = texts_of(source, bytes)?
                    .into_iter()
                    .map(|(_, text)| text.to_owned());
                Content::Texts(source, texts.collect())
            }
        })
    }

    /// The inputs of a task that reads pairs; `what` names the pair in messages.
    ///
    /// In a line of plain text, a tab separates the two.
    pub(crate) fn in_pairs(&self, what: &str) -> Result<Content<'_>, CorpusError> {
        let content = self.singly()?;
        let Content::Texts(source, _) = &content else {
            return Ok(content);
        };
        let pairs = match self {
            Inputs::Lines { bytes, .. } => tabbed(source, bytes, what)?,
            Inputs::Arguments(texts) => two_by_two(texts, what)?,
            Inputs::Pair(..) | Inputs::File(_) => return Ok(content),
        };
        Ok(Content::Pairs(source, pairs))
    }
}

/// Whether the first line that is not empty is a JSON object; a plain text hardly ever is.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    // An object may take several lines, or be in an array.
    first.is_some_and(|line| {
        let start = line
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(line)
            .trim_ascii_start();
        start.starts_with(b"{") || start.starts_with(b"[")
    }) && datasets::starts_with_object(bytes)
}

/// The lines with their numbers, without blank ones.
fn texts_of<'a>(source: &Path, bytes: &'a [u8]) -> Result<Vec<(usize, &'a str)>, DataError> {
    let text = datasets::utf8(source, bytes)?;
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    Ok(lines.filter(|(_, line)| !line.trim().is_empty()).collect())
}

fn tabbed(source: &Path, bytes: &[u8], what: &str) -> Result<Vec<(String, String)>, CorpusError> {
    let pair = |(line, text): (usize, &str)| match text.split('\t').collect::<Vec<_>>()[..] {
        [a, b] if !a.trim().is_empty() && !b.trim().is_empty() => Ok((a.to_owned(), b.to_owned())),
        [_, _] => {
            let reason = "empty text; a pair has two";
            Err(Source::file(source).line(line).error(None, reason).into())
        }
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
            Content::Objects(..)
        ));
        assert!(matches!(
            lines("{so it goes}").singly().unwrap(),
            Content::Texts(..)
        ));
        assert!(matches!(lines("[1]").singly().unwrap(), Content::Texts(..)));
    }

    #[test]
    fn blank_lines_are_noted_and_left_out() {
        let note = |text: &str| lines(text).blank_lines();
        assert_eq!(note("a\nb\n"), None);
        assert_eq!(note("{\"text\": \"a\"}\n\n"), None);
        assert_eq!(
            note("a\n\nb\n").unwrap(),
            "standard input: line 2 is blank and gets no answer"
        );
        assert_eq!(
            note("\na\n \t\r\n\n\n\n\nb").unwrap(),
            "standard input: 6 blank lines get no answer: lines 1, 3, 4, 5, 6, …"
        );
        let Content::Texts(_, texts) = lines("a\n\n  \nb\n").singly().unwrap() else {
            panic!("these are texts");
        };
        assert_eq!(texts, ["a", "b"]);
        // Later lines keep their numbers in messages.
        let fault = lines("a\tb\n\na\n").in_pairs("pairs").unwrap_err().to_string();
        assert!(
            fault.starts_with("standard input, line 3: 1 text where"),
            "{fault}"
        );
        let fault = lines("a\tb\n\na\t \n").in_pairs("pairs").unwrap_err().to_string();
        assert!(fault.starts_with("standard input, line 3: empty text"), "{fault}");
    }

    #[test]
    fn two_texts_belong_together() {
        let pairs = |inputs: &Inputs| match inputs.in_pairs("pairs of texts").map_err(|e| e.to_string())? {
            Content::Pairs(_, pairs) => Ok(pairs),
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
