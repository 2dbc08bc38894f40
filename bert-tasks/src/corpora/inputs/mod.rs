//! The inputs of a prediction: arguments, a file, or standard input.

mod blank_lines;
mod blocks;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use datasets::{DataError, JsonObjects, LineBlocks, Source, counted, has_extension, json_objects, open_data};

pub use self::blank_lines::BlankLines;
pub use self::blocks::InputBlocks;
use super::CorpusError;
use super::files::check_exists;

/// Where the inputs of a prediction come from.
#[derive(Debug)]
pub enum Inputs {
    /// Single texts.
    Arguments(Vec<String>),
    /// Two texts that belong together: a pair, or a question and its passage.
    Pair(String, String),
    /// A file with columns or objects: CSV, TSV, JSON or Parquet.
    File(PathBuf),
    /// Lines, from a file without columns or from standard input.
    Lines(Lines),
}

/// A text in UTF-8 with one input per line; or JSON, one object per line or an array of objects. It is read as it is needed.
#[derive(Debug)]
pub struct Lines {
    source: PathBuf,
    text: Text,
    blank: BlankLines,
}

/// What lines are read from.
enum Text {
    /// A file on a disk, from this byte on.
    File(File, u64),
    Stream(Box<dyn Read + Send>),
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Text::File(file, _) => file.fmt(f),
            Text::Stream(_) => f.write_str("a stream"),
        }
    }
}

impl Lines {
    /// The lines of a stream; `source` is its name in messages.
    pub fn stream(source: impl Into<PathBuf>, stream: Box<dyn Read + Send>) -> Self {
        Self::new(source.into(), Text::Stream(stream))
    }

    /// The lines of an open file, from its position on.
    pub fn file(source: impl Into<PathBuf>, mut file: File) -> Self {
        // A pipe or a terminal has no position.
        let regular = file.metadata().is_ok_and(|data| data.is_file());
        let text = match file.stream_position() {
            Ok(start) if regular => Text::File(file, start),
            _ => Text::Stream(Box::new(file)),
        };
        Self::new(source.into(), text)
    }

    fn new(source: PathBuf, text: Text) -> Self {
        let blank = BlankLines::new(&source);
        Self { source, text, blank }
    }

    fn open(self) -> Result<(LineBlocks, PathBuf, BlankLines), DataError> {
        let Self { source, text, blank } = self;
        let text = match text {
            Text::Stream(stream) => stream,
            Text::File(mut file, start) => {
                file.seek(SeekFrom::Start(start))
                    .map_err(|e| io_error(&source, e))?;
                Box::new(file)
            }
        };
        Ok((LineBlocks::new(&source, text), source, blank))
    }
}

fn io_error(file: &Path, source: io::Error) -> DataError {
    DataError::Io {
        file: file.into(),
        source,
    }
}

impl Inputs {
    /// A file: lines where its name ends in `.txt`, else columns or objects.
    ///
    /// # Errors
    /// If it does not exist, cannot be opened, or is a Git LFS pointer.
    pub fn from_file(path: &Path) -> Result<Self, DataError> {
        if !has_extension(path, &["txt"]) {
            check_exists(path)?;
            return Ok(Inputs::File(path.into()));
        }
        Ok(Inputs::Lines(Lines::file(path, open_data(path)?)))
    }

    /// The blank lines among the lines that have been read, which get no answer. JSON objects may have blank lines between
    /// them.
    pub fn blank_lines(&self) -> BlankLines {
        match self {
            Inputs::Lines(lines) => lines.blank.clone(),
            _ => BlankLines::new(Self::arguments()),
        }
    }

    /// The same lines for a first reading, which finds faults before anything is answered; `None` if they can be read only
    /// once, or are read whole anyway. The two share a position: the first reading must end before the second begins.
    pub fn first_reading(&self) -> Option<Self> {
        match self {
            Inputs::Lines(Lines {
                source,
                text: Text::File(file, start),
                ..
            }) => {
                let text = Text::File(file.try_clone().ok()?, *start);
                Some(Inputs::Lines(Lines::new(source.clone(), text)))
            }
            _ => None,
        }
    }

    /// The name of the arguments in messages.
    pub fn arguments() -> &'static Path {
        Path::new("arguments")
    }
}

/// The content of [`Inputs`]: lines of text or JSON objects.
#[derive(Debug)]
pub(crate) enum Content {
    /// Plain texts among the arguments.
    Texts(Vec<String>),
    /// A pair of texts among the arguments.
    Pair(String, String),
    /// Plain lines.
    Lines(InputLines),
    /// JSON objects, with the name of their source.
    Objects(PathBuf, JsonObjects),
    /// A file with columns or objects.
    File(PathBuf),
}

impl Inputs {
    pub(crate) fn content(self) -> Result<Content, DataError> {
        let lines = match self {
            Inputs::Arguments(texts) => return Ok(Content::Texts(texts)),
            Inputs::Pair(a, b) => return Ok(Content::Pair(a, b)),
            Inputs::File(path) => return Ok(Content::File(path)),
            Inputs::Lines(lines) => lines,
        };
        let (mut blocks, source, blank) = lines.open()?;
        Ok(match is_json(blocks.first_block()?) {
            true => {
                let objects = json_objects(&source, blocks.into_text());
                Content::Objects(source, objects)
            }
            false => Content::Lines(InputLines {
                source,
                blocks: Some(blocks),
                blank,
                any: false,
            }),
        })
    }
}

/// Plain lines that are not blank, in blocks of at least one, each with its place; at least one block.
#[derive(Debug)]
pub(crate) struct InputLines {
    source: PathBuf,
    /// None after an error or the end.
    blocks: Option<LineBlocks>,
    blank: BlankLines,
    /// Whether there was a line.
    any: bool,
}

impl InputLines {
    /// What errors call the lines.
    pub(crate) fn source(&self) -> &Path {
        &self.source
    }

    fn next_block(&mut self) -> Result<Option<Vec<(Source, String)>>, DataError> {
        let Some(blocks) = &mut self.blocks else {
            return Ok(None);
        };
        for block in blocks {
            let mut lines = block?;
            lines.retain(|(source, line)| {
                let blank = line.trim().is_empty();
                if blank {
                    self.blank.add(source.line);
                }
                !blank
            });
            if !lines.is_empty() {
                self.any = true;
                return Ok(Some(lines));
            }
        }
        match self.any {
            true => Ok(None),
            false => Err(DataError::Empty(self.source.clone())),
        }
    }
}

impl Iterator for InputLines {
    type Item = Result<Vec<(Source, String)>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        if !matches!(block, Some(Ok(_))) {
            self.blocks = None;
        }
        block
    }
}

/// Whether the first line that is not empty is a JSON object; a plain text hardly ever is.
fn is_json(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    // An object may take several lines, or be in an array.
    first.is_some_and(|line| {
        let start = line.trim_ascii_start();
        start.starts_with(b"{") || start.starts_with(b"[")
    }) && datasets::starts_with_object(bytes)
}

/// The two texts in a line of plain text, with a tab between them; `what` names the pair in messages.
pub(crate) fn pair(source: &Source, text: &str, what: &str) -> Result<(String, String), DataError> {
    match text.split('\t').collect::<Vec<_>>()[..] {
        [a, b] if !a.trim().is_empty() && !b.trim().is_empty() => Ok((a.to_owned(), b.to_owned())),
        [_, _] => Err(source.error(None, "empty text; a pair has two")),
        ref fields => {
            let reason = format!(
                "{} where this model reads {what}: two texts with one tab between them, or JSON objects",
                counted(fields.len(), "text")
            );
            Err(source.error(None, reason))
        }
    }
}

/// Arguments in pairs.
pub(crate) fn two_by_two(texts: &[String], what: &str) -> Result<Vec<(String, String)>, CorpusError> {
    match texts.as_chunks::<2>() {
        (pairs, []) => Ok(pairs.iter().cloned().map(|[a, b]| (a, b)).collect()),
        _ => Err(CorpusError::Inputs(format!(
            "an odd number of texts was given ({}); this model reads {what}",
            texts.len()
        ))),
    }
}

#[cfg(test)]
mod tests;
