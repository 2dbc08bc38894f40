//! Users' files of texts or pairs of texts, with labels or scores.

mod blocks;

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::examples::{
    Collector, Example, Examples, ScoredDataset, ScoredExample, Storable, TextDataset, TextExample,
};
use crate::extension::has_extension;
use crate::formats::table::{Parts, Table, number};
use crate::message::Message;
use crate::source::Source;

pub use blocks::TextBlocks;

/// Frequent names of a column of texts, the most likely first.
const TEXT_NAMES: [&str; 14] = [
    "text",
    "sentence",
    "review",
    "content",
    "document",
    "utterance",
    "comment",
    "tweet",
    "message",
    "question",
    "body",
    "title",
    "headline",
    "sentence1",
];
/// Frequent names of the two columns of a pair, the most likely first.
const PAIR_NAMES: [(&str, &str); 12] = [
    ("sentence1", "sentence2"),
    ("text1", "text2"),
    ("text_a", "text_b"),
    ("text", "second"),
    ("first", "second"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("sentence_A", "sentence_B"),
    ("question", "answer"),
    ("question", "sentence"),
    ("query", "passage"),
    ("query", "document"),
];
/// Frequent names of a column of labels, the most likely first.
const LABEL_NAMES: [&str; 12] = [
    "label",
    "labels",
    "class",
    "category",
    "sentiment",
    "target",
    "intent",
    "gold_label",
    "rating",
    "tag",
    "topic",
    "y",
];
/// Frequent names of a column of scores, the most likely first.
const SCORE_NAMES: [&str; 10] = [
    "score",
    "similarity",
    "relatedness_score",
    "rating",
    "stars",
    "value",
    "label",
    "target",
    "grade",
    "y",
];

/// Which file to read, and which of its columns.
///
/// ```no_run
/// use datasets::TextFile;
/// let reviews = TextFile::new("reviews.csv".as_ref()).target_column("stars").read()?;
/// println!("{} texts", reviews.len());
/// let pairs = TextFile::new("pairs.tsv".as_ref()).pairs(true).read_scored()?;
/// println!("{:?}", pairs.examples()[0].score);
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextFile {
    path: PathBuf,
    text: Option<String>,
    second: Option<String>,
    target: Option<String>,
    labelled: bool,
    pairs: bool,
}

/// The target of a file's texts.
#[derive(Clone, Copy)]
struct Kind {
    /// Its name in messages.
    name: &'static str,
    /// The option that names its column.
    option: &'static str,
    /// Frequent names of its column.
    names: &'static [&'static str],
}

const LABEL: Kind = Kind {
    name: "label",
    option: "label_column",
    names: &LABEL_NAMES,
};
const SCORE: Kind = Kind {
    name: "score",
    option: "score_column",
    names: &SCORE_NAMES,
};

/// The names of the columns to read.
#[derive(Debug)]
struct Columns {
    text: String,
    second: Option<String>,
    target: Option<String>,
}

/// A text with its label as a score.
fn scored(example: TextExample, columns: &Columns) -> Result<ScoredExample, DataError> {
    let TextExample {
        text,
        second,
        label,
        source,
    } = example;
    let score = match (&label, &columns.target) {
        (Some(field), Some(column)) => Some(number(field, &source, column, None)?),
        _ => None,
    };
    Ok(ScoredExample {
        text,
        second,
        score,
        source,
    })
}

impl TextFile {
    /// A CSV, TSV or JSON-lines file; the columns are guessed from their names.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            text: None,
            second: None,
            target: None,
            labelled: true,
            pairs: false,
        }
    }

    /// The column with the texts, or with the first text of each pair.
    pub fn text_column(mut self, name: &str) -> Self {
        self.text = Some(name.into());
        self
    }

    /// The column with the second text of each pair; the file then holds pairs.
    pub fn second_column(mut self, name: &str) -> Self {
        self.second = Some(name.into());
        self.pairs(true)
    }

    /// The column with the labels or scores.
    pub fn target_column(mut self, name: &str) -> Self {
        self.target = Some(name.into());
        self
    }

    /// Whether the file holds pairs of texts.
    pub fn pairs(mut self, pairs: bool) -> Self {
        self.pairs = pairs;
        self
    }

    /// Whether labels or scores are needed, as they are for training.
    pub fn labelled(mut self, labelled: bool) -> Self {
        self.labelled = labelled;
        self
    }

    /// Reads the file, with labels.
    ///
    /// # Errors
    /// If the file is malformed, a column is missing or cannot be guessed, or a text or label is empty.
    pub fn read(&self) -> Result<TextDataset, DataError> {
        match self.read_large(LABEL, |example, _| Ok(example))? {
            Some(data) => Ok(data),
            None => self.texts(&Table::read(&self.path)?),
        }
    }

    /// Reads the file, with scores.
    ///
    /// # Errors
    /// As [`read`](Self::read), and at the first score that is not a finite number.
    pub fn read_scored(&self) -> Result<ScoredDataset, DataError> {
        if let Some(data) = self.read_large(SCORE, scored)? {
            return Ok(data);
        }
        let table = Table::read(&self.path)?;
        let columns = self.choose(&table, SCORE)?;
        let rows = self.rows(&table, &columns, SCORE)?.into_iter();
        let rows = rows.map(|example| scored(example, &columns));
        let data = ScoredDataset::new(&self.path, rows.collect::<Result<_, DataError>>()?)?;
        Ok(self.noted(data, &table, &columns, SCORE))
    }

    /// The examples of a large file, which are kept in a temporary file; `None` if the file must be read as a whole.
    fn read_large<E: Storable>(
        &self,
        kind: Kind,
        convert: impl Fn(TextExample, &Columns) -> Result<E, DataError>,
    ) -> Result<Option<Examples<E>>, DataError> {
        let Some(mut parts) = Parts::open(&self.path)? else {
            return Ok(None);
        };
        let mut examples = Collector::of_size(&self.path, 0);
        let Some(first) = parts.next_table()? else {
            return Ok(None);
        };
        let columns = self.choose(&first, kind)?;
        self.collect(&first, &columns, kind, &convert, &mut examples)?;
        while let Some(table) = parts.next_table()? {
            self.collect(&table, &columns, kind, &convert, &mut examples)?;
        }
        Ok(Some(self.noted(examples.finish()?, &first, &columns, kind)))
    }

    /// Collects the rows of a part.
    fn collect<E: Storable>(
        &self,
        table: &Table,
        columns: &Columns,
        kind: Kind,
        convert: impl Fn(TextExample, &Columns) -> Result<E, DataError>,
        examples: &mut Collector<E>,
    ) -> Result<(), DataError> {
        for example in self.rows(table, columns, kind)? {
            examples.push(convert(example, columns)?)?;
        }
        Ok(())
    }

    fn texts(&self, table: &Table) -> Result<TextDataset, DataError> {
        let columns = self.choose(table, LABEL)?;
        let data = TextDataset::new(&self.path, self.rows(table, &columns, LABEL)?)?;
        Ok(self.noted(data, table, &columns, LABEL))
    }

    /// `data` with notes about how it was read.
    fn noted<E: Example>(
        &self,
        data: Examples<E>,
        table: &Table,
        columns: &Columns,
        kind: Kind,
    ) -> Examples<E> {
        let notes = table.notes().iter().cloned();
        let notes = notes.chain(self.guessed(columns, kind));
        let data = notes.fold(data, Examples::with_note);
        let target = columns.target.as_deref();
        match target.and_then(|target| table.label_names(target)) {
            Some(names) => data.with_label_names(names.to_vec()),
            None => data,
        }
    }

    /// A note about the columns that are read, if one was guessed.
    fn guessed(&self, columns: &Columns, kind: Kind) -> Option<String> {
        let asked = [&self.text, &self.second, &self.target];
        let read = [
            Some(&columns.text),
            columns.second.as_ref(),
            columns.target.as_ref(),
        ];
        let guess = asked
            .iter()
            .zip(read)
            .any(|(asked, read)| asked.is_none() && read.is_some());
        let texts = match &columns.second {
            Some(second) => format!("columns `{}` and `{second}`", columns.text),
            None => format!("column `{}`", columns.text),
        };
        let mut note = format!("{}: texts are in the {texts}", self.path.display());
        if let Some(target) = &columns.target {
            note += &format!(", {}s in `{target}`", kind.name);
        }
        guess.then_some(note)
    }

    fn rows(&self, table: &Table, columns: &Columns, kind: Kind) -> Result<Vec<TextExample>, DataError> {
        let fields = |name: &str, asked: &Option<String>, option| match asked {
            Some(_) => table.column(name).map_err(|error| error.named_by(option)),
            None => table.column(name),
        };
        let others = |name: &Option<String>, asked, option| {
            let name = name.as_deref();
            name.map(|name| fields(name, asked, option)).transpose()
        };
        let texts = fields(&columns.text, &self.text, "text_column")?;
        let seconds = others(&columns.second, &self.second, "second_column")?;
        let targets = others(&columns.target, &self.target, kind.option)?;
        let source = Source::file(&self.path);
        let mut examples = Vec::with_capacity(texts.len());
        for (row, &(line, text)) in texts.iter().enumerate() {
            let source = source.line(line);
            let filled = |name: &str, field: &str, what: &str| match field.trim().is_empty() {
                true => Err(source.error(Some(name), format!("empty {what}; every row needs one"))),
                false => Ok(()),
            };
            filled(&columns.text, text, "text")?;
            let second = seconds.as_ref().map(|seconds| seconds[row].1);
            if let (Some(name), Some(second)) = (&columns.second, second) {
                filled(name, second, "text")?;
            }
            let target = targets.as_ref().map(|targets| targets[row].1.trim());
            if let (Some(name), Some(target)) = (&columns.target, target) {
                filled(name, target, kind.name)?;
            }
            examples.push(TextExample {
                text: text.to_owned(),
                second: second.map(str::to_owned),
                label: target.map(str::to_owned),
                source,
            });
        }
        Ok(examples)
    }

    /// The columns that are set, or guessed: by name, else the only one that remains.
    fn choose(&self, table: &Table, kind: Kind) -> Result<Columns, DataError> {
        let columns = table.columns();
        let find = |name: &str| columns.iter().find(|column| column.eq_ignore_ascii_case(name));
        let guess = |names: &[&str], taken: &[Option<&String>]| {
            let free = |column: &&String| !taken.contains(&Some(*column));
            names.iter().find_map(|name| find(name).filter(free)).cloned()
        };
        let left = |taken: &[Option<&String>]| {
            let mut free = columns.iter().filter(|column| !taken.contains(&Some(*column)));
            let first = free.next().cloned();
            first.filter(|_| free.next().is_none())
        };
        // No other column takes the place of a field that has the name but is a list.
        let is_list = |names: &[&str]| names.iter().any(|name| table.is_nested(name));
        let missing = |what: &str, option: &'static str| {
            let header = match has_extension(&self.path, &["csv", "tsv", "txt"]) {
                true => " (the first line must name the columns)",
                false => "",
            };
            let question = Message::new(format!("which column holds the {what}? Name it with "));
            table.no_column(question.option(option).text(header))
        };
        let (mut text, mut second) = (self.text.clone(), self.second.clone());
        if self.pairs {
            let fits = |asked: &Option<String>, name: &str| match asked {
                Some(asked) => Some(asked)
                    .filter(|asked| asked.eq_ignore_ascii_case(name))
                    .cloned(),
                None => find(name).cloned(),
            };
            let known = PAIR_NAMES
                .iter()
                .find_map(|(a, b)| Some((fits(&text, a)?, fits(&second, b)?)));
            if let Some((a, b)) = known {
                (text, second) = (Some(a), Some(b));
            }
        }
        // Without a header, an unknown name may be a text.
        let only = columns.len() == 1 && !self.labelled && has_extension(&self.path, &["csv", "tsv", "txt"]);
        let mut target = match self.target.clone() {
            Some(name) => Some(name),
            None if self.labelled => guess(kind.names, &[text.as_ref(), second.as_ref()]),
            None => None,
        };
        let text = text
            .or_else(|| guess(&TEXT_NAMES, &[target.as_ref(), second.as_ref()]))
            .or_else(|| {
                left(&[target.as_ref(), second.as_ref()]).filter(|_| !only && !is_list(&TEXT_NAMES[..1]))
            });
        let pair = PAIR_NAMES.iter().find_map(|(a, b)| Some([find(a)?, find(b)?]));
        if let (false, None, Some(pair)) = (self.pairs, &self.text, pair)
            && text.as_ref().is_none_or(|text| pair.contains(&text))
            && !target.as_ref().is_some_and(|target| pair.contains(&target))
            && columns.len() > usize::from(self.labelled) + 1
        {
            let looks = format!("`{}` and `{}` look like pairs of texts: set ", pair[0], pair[1]);
            let reason = Message::new(looks)
                .option("pairs")
                .text(" to read them, or name one of them with ")
                .option("text_column");
            return Err(table.no_column(reason));
        }
        let what = if self.pairs { "first texts" } else { "texts" };
        let text = text.ok_or_else(|| missing(what, "text_column"))?;
        if self.pairs && second.is_none() {
            second = left(&[Some(&text), target.as_ref()]);
            if second.is_none() {
                return Err(missing("second texts", "second_column"));
            }
        }
        if !self.labelled {
            target = None;
        } else if target.is_none() {
            target = left(&[Some(&text), second.as_ref()]).filter(|_| !is_list(&kind.names[..2]));
            if target.is_none() {
                return Err(missing(&format!("{}s", kind.name), kind.option));
            }
        }
        Ok(Columns { text, second, target })
    }
}

#[cfg(test)]
mod tests;
