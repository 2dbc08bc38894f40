//! Files of words with their tags: CoNLL-U, and columns.

use std::path::{Path, PathBuf};

use super::line_blocks::LineBlocks;
use super::parquet::parquet_files;
use super::tag_objects::TagObjects;
use crate::error::DataError;
use crate::examples::tag_column::TagColumn;
use crate::examples::{Collector, MAX_WORDS, TaggedDataset, TaggedExample};
use crate::file::open_data;
use crate::message::{Message, counted};
use crate::source::Source;

/// Names of the column of words in a header.
const WORDS: [&str; 5] = ["word", "words", "token", "tokens", "form"];
/// Names of columns of tags in a header.
const TAGS: [&str; 15] = [
    "tag",
    "tags",
    "label",
    "labels",
    "ner",
    "ner_tag",
    "ner_tags",
    "entity",
    "pos",
    "pos_tag",
    "upos",
    "xpos",
    "chunk",
    "chunk_tag",
    "iob",
];

/// Which file to read, and which of its columns or lists.
///
/// JSON (`.jsonl`, `.ndjson`, `.json`) and Parquet hold one object per sentence, with a list of `tokens` or `words` and a list
/// of tags.
///
/// A file whose name ends in `.conllu` is CoNLL-U (universaldependencies.org/format): ten columns, separated
/// by tabs. Ranges of multi-word tokens (`1-2`) and empty nodes (`1.1`) are skipped. Other files (as CoNLL-2000, CoNLL-2003
/// and WNUT-17) have one word per line, columns separated by tabs or spaces, and a blank line after each sentence. Lines
/// with `-DOCSTART-`, which start a document, a sentence's `# id`, and a header line (`token`, `word` or `form`, and a column of tags) are skipped.
/// The default column of tags is the last one. Then all lines must have the same number of columns as the first: a line
/// with fewer is truncated.
///
/// ```no_run
/// use datasets::TagFile;
/// let sentences = TagFile::new("train.txt".as_ref()).tag_column(3).read()?;
/// println!("{:?}", sentences.examples()[0].words);
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TagFile {
    path: PathBuf,
    conllu: TagColumn,
    word: usize,
    tag: Option<usize>,
    tag_name: Option<String>,
    labelled: bool,
}

impl TagFile {
    /// A file with words in its first column and tags in its last one; for CoNLL-U, the universal tags.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            conllu: TagColumn::Upos,
            word: 0,
            tag: None,
            tag_name: None,
            labelled: true,
        }
    }

    /// Which tags of a CoNLL-U file.
    pub fn conllu_column(mut self, column: TagColumn) -> Self {
        self.conllu = column;
        self
    }

    /// The column of the words, counted from 0, in a file of columns.
    pub fn word_column(mut self, column: usize) -> Self {
        self.word = column;
        self
    }

    /// The column of the tags, counted from 0, in a file of columns.
    pub fn tag_column(mut self, column: usize) -> Self {
        self.tag = Some(column);
        self
    }

    /// The name of the tags: of a list in JSON or Parquet, or of a column that the file's header names.
    pub fn tag_name(mut self, name: &str) -> Self {
        self.tag_name = Some(name.into());
        self
    }

    /// Whether tags are needed, as they are for training.
    pub fn labelled(mut self, labelled: bool) -> Self {
        self.labelled = labelled;
        self
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// If it cannot be read, or a line is malformed.
    pub fn read(&self) -> Result<TaggedDataset, DataError> {
        let extension = self.path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "conllu" => self.read_conllu(),
            "json" | "jsonl" | "ndjson" => self.objects().read_file(),
            _ if !parquet_files(&self.path).is_empty() => self.objects().read_file(),
            // Its lines would look like words with tags.
            "csv" => {
                let reason = "sentences with tags are CoNLL-U (.conllu), columns with tabs or spaces between them, or JSON \
                              or Parquet with lists, not .csv";
                Err(DataError::at(&self.path, 1, None, reason))
            }
            _ => self.read_columns(),
        }
    }

    fn objects(&self) -> TagObjects<'_> {
        TagObjects {
            path: &self.path,
            tags: self.tag_name.as_deref(),
            labelled: self.labelled,
        }
    }

    fn read_conllu(&self) -> Result<TaggedDataset, DataError> {
        let (column, name) = match self.conllu {
            TagColumn::Upos => (3, "UPOS"),
            TagColumn::Xpos => (4, "XPOS"),
        };
        let mut sentences = Sentences::new(self);
        for (number, line) in self.lines()?.flat_map(numbered) {
            let line = line?;
            if line.trim().is_empty() {
                sentences.close()?;
                continue;
            }
            if line.starts_with('#') {
                if line.starts_with("# newdoc") {
                    sentences.next_document()?;
                }
                continue;
            }
            let source = sentences.source.line(number);
            let fields: Vec<&str> = line.split('\t').collect();
            if fields.len() != 10 {
                let found = counted(fields.len(), "field");
                let reason = format!("{found} where CoNLL-U has 10, with tabs between them");
                return Err(source.error(None, reason));
            }
            let (id, word, tag) = (fields[0], fields[1], fields[column]);
            if id.contains('-') || id.contains('.') {
                continue;
            }
            if id.parse::<usize>().is_err() {
                let reason = format!("`{id}`; a word's number is needed here");
                return Err(source.error(Some("ID"), reason));
            }
            if word.trim().is_empty() {
                return Err(source.error(Some("FORM"), "no word"));
            }
            if self.labelled && (tag.is_empty() || (tag == "_" && word != "_")) {
                return Err(source.error(Some(name), "no tag; every word needs one"));
            }
            sentences.word(word, tag, source)?;
        }
        sentences.finish()
    }

    fn read_columns(&self) -> Result<TaggedDataset, DataError> {
        let mut sentences = Sentences::new(self);
        let mut width = None;
        let mut lines = self.lines()?;
        let tag_column = self.named_column(lines.first_block()?)?;
        for (number, line) in lines.flat_map(numbered) {
            let line = line?;
            let line = line.as_str();
            let no_word =
                line.starts_with("-DOCSTART-") || (sentences.is_closed() && line.starts_with("# id "));
            if line.trim().is_empty() || no_word {
                sentences.close()?;
                if line.starts_with("-DOCSTART-") {
                    sentences.next_document()?;
                }
                continue;
            }
            let source = sentences.source.line(number);
            let fields = fields(line);
            let needed = match (self.labelled, tag_column) {
                (true, tag) => 1 + self.word.max(tag.unwrap_or(self.word + 1)),
                (false, _) => 1 + self.word,
            };
            if fields.len() < needed {
                let found = counted(fields.len(), "column");
                let what = if self.labelled { ", a word and its tag" } else { "" };
                let mut reason = Message::new(format!("{found} where at least {needed} are needed{what}"));
                for (option, column) in [
                    ("word_column", Some(self.word).filter(|&word| word > 0)),
                    ("tag_column", self.tag.filter(|_| self.labelled)),
                ] {
                    if let Some(column) = column {
                        reason = reason
                            .text("; ")
                            .option(option)
                            .text(format!(" is {}", column + 1));
                    }
                }
                return Err(source.error(None, reason));
            }
            if number == 1 && self.is_header(&fields) {
                continue;
            }
            let width = *width.get_or_insert(fields.len());
            if self.labelled && tag_column.is_none() && fields.len() != width {
                let found = counted(fields.len(), "column");
                let reason = format!(
                    "{found} where the first line has {width}; the last column is read as the tags; set "
                );
                let reason = Message::new(reason)
                    .option("tag_column")
                    .text(" if they are in another column");
                return Err(source.error(None, reason));
            }
            let word = fields[self.word];
            let tag = match self.labelled {
                true => fields[tag_column.unwrap_or(fields.len() - 1)],
                false => "",
            };
            if word.is_empty() || (self.labelled && tag.is_empty()) {
                return Err(source.error(None, "an empty word or tag"));
            }
            sentences.word(word, tag, source)?;
        }
        sentences.finish()
    }

    /// The lines of the file, some at a time.
    fn lines(&self) -> Result<LineBlocks, DataError> {
        Ok(LineBlocks::new(&self.path, Box::new(open_data(&self.path)?)))
    }

    /// The column of the tags, if it is set by number or by name in the header at the `start` of the file.
    fn named_column(&self, start: &[u8]) -> Result<Option<usize>, DataError> {
        let Some(name) = self.tag_name.as_deref().filter(|_| self.labelled) else {
            return Ok(self.tag);
        };
        let first = String::from_utf8_lossy(start.split(|&byte| byte == b'\n').next().unwrap_or_default());
        let header = fields(&first);
        let is_header = header.len() > self.word && self.is_header(&header);
        let column = header.iter().position(|known| known.eq_ignore_ascii_case(name));
        match column.filter(|_| is_header) {
            Some(column) => Ok(Some(column)),
            None => {
                let reason = format!("no header names a column `{name}`; give its number in ");
                let reason = Message::new(reason).option("tag_column");
                Err(DataError::at(&self.path, 1, None, reason))
            }
        }
    }

    /// Whether the fields are names of columns.
    fn is_header(&self, fields: &[&str]) -> bool {
        let named = |names: &[&str], field: &str| names.iter().any(|name| name.eq_ignore_ascii_case(field));
        let tags = fields
            .iter()
            .enumerate()
            .filter(|&(column, _)| column != self.word);
        named(&WORDS, fields[self.word]) && tags.into_iter().any(|(_, field)| named(&TAGS, field))
    }
}

/// The lines of a block with their numbers, or its error.
fn numbered(
    block: Result<Vec<(Source, String)>, DataError>,
) -> impl Iterator<Item = (usize, Result<String, DataError>)> {
    let (lines, error) = match block {
        Ok(lines) => (lines, None),
        Err(error) => (vec![], Some(error)),
    };
    let lines = lines.into_iter().map(|(source, line)| (source.line, Ok(line)));
    lines.chain(error.map(|error| (0, Err(error))))
}

/// The columns of a line, split at its tabs if it has any, else at its spaces. (Non-breaking spaces are parts of words.)
fn fields(line: &str) -> Vec<&str> {
    let space = |character: char| character.is_ascii_whitespace();
    let line = line.trim_end_matches(space);
    match line.contains('\t') {
        true => line.split('\t').map(|field| field.trim_matches(space)).collect(),
        false => line.split_ascii_whitespace().collect(),
    }
}

/// Collects words into sentences.
struct Sentences<'a> {
    file: &'a TagFile,
    source: Source,
    first: Source,
    words: Vec<String>,
    tags: Vec<String>,
    done: Collector<TaggedExample>,
}

impl<'a> Sentences<'a> {
    fn new(file: &'a TagFile) -> Self {
        let source = Source::file(&file.path);
        Self {
            file,
            first: source.clone(),
            source,
            words: vec![],
            tags: vec![],
            done: Collector::new(&file.path),
        }
    }

    /// The next sentences are of another document.
    fn next_document(&mut self) -> Result<(), DataError> {
        self.close()?;
        let number = self.source.document.map_or(0, |number| number.saturating_add(1));
        self.source.document = Some(number);
        Ok(())
    }

    /// Whether the next word starts a sentence.
    fn is_closed(&self) -> bool {
        self.words.is_empty()
    }

    fn word(&mut self, word: &str, tag: &str, source: Source) -> Result<(), DataError> {
        if self.words.len() == MAX_WORDS {
            let reason = format!("a sentence of more than {MAX_WORDS} words; a blank line ends a sentence");
            return Err(source.error(None, reason));
        }
        if self.is_closed() {
            self.first = source;
        }
        self.words.push(word.into());
        self.tags.push(tag.into());
        Ok(())
    }

    fn close(&mut self) -> Result<(), DataError> {
        if self.is_closed() {
            return Ok(());
        }
        let tags = std::mem::take(&mut self.tags);
        self.done.push(TaggedExample {
            words: std::mem::take(&mut self.words),
            tags: self.file.labelled.then_some(tags),
            text: None,
            offsets: None,
            source: self.first.clone(),
        })
    }

    fn finish(mut self) -> Result<TaggedDataset, DataError> {
        self.close()?;
        self.done.finish()
    }
}

#[cfg(test)]
mod tests;
