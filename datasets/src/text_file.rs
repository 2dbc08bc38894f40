//! A user's own file of texts, or of pairs of texts, with labels or scores.

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::examples::Source;
use crate::file::{has_extension, utf8};
use crate::scores::{ScoredDataset, ScoredExample, number};
use crate::table::Table;
use crate::text::{TextDataset, TextExample};

/// Names that a column of texts often has, the likeliest first.
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
/// Names that the two columns of a pair often have, the likeliest first.
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
/// Names that a column of labels often has, the likeliest first.
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
/// Names that a column of scores often has, the likeliest first.
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

/// What the texts of a file come with.
#[derive(Clone, Copy)]
struct Kind {
    /// What it is called, in messages and in the name of its flag.
    name: &'static str,
    /// Names that its column often has.
    names: &'static [&'static str],
}

const LABEL: Kind = Kind {
    name: "label",
    names: &LABEL_NAMES,
};
const SCORE: Kind = Kind {
    name: "score",
    names: &SCORE_NAMES,
};

/// The names of the columns to read.
#[derive(Debug)]
struct Columns {
    text: String,
    second: Option<String>,
    target: Option<String>,
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

    /// The column with the second text of each pair; there are then pairs.
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

    /// Reads all of it, with labels.
    ///
    /// # Errors
    /// If the file is malformed, a column is missing or cannot be guessed, or a text or label is empty.
    pub fn read(&self) -> Result<TextDataset, DataError> {
        self.texts(&Table::read(&self.path)?)
    }

    /// Reads all of it, with scores.
    ///
    /// # Errors
    /// As [`read`](Self::read), and at the first score that is no finite number.
    pub fn read_scored(&self) -> Result<ScoredDataset, DataError> {
        let table = Table::read(&self.path)?;
        let columns = self.choose(&table, SCORE)?;
        let scored = |example: TextExample| {
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
        };
        let rows = self.rows(&table, &columns, SCORE)?.into_iter().map(scored);
        let data = ScoredDataset::new(&self.path, rows.collect::<Result<_, DataError>>()?)?;
        Ok(match self.guessed(&columns, SCORE) {
            Some(remark) => data.remarked(remark),
            None => data,
        })
    }

    /// Reads JSON lines that are in no file; errors call them by the path.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_json_lines(&self, bytes: &[u8]) -> Result<TextDataset, DataError> {
        self.texts(&Table::parse_json_lines(&self.path, utf8(&self.path, bytes)?)?)
    }

    fn texts(&self, table: &Table) -> Result<TextDataset, DataError> {
        let columns = self.choose(table, LABEL)?;
        let data = TextDataset::new(&self.path, self.rows(table, &columns, LABEL)?)?;
        Ok(match self.guessed(&columns, LABEL) {
            Some(remark) => data.remarked(remark),
            None => data,
        })
    }

    /// Which columns are read, where one was guessed.
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
        let mut said = format!(
            "{}: texts are in the column `{}`",
            self.path.display(),
            columns.text
        );
        if let Some(second) = &columns.second {
            said += &format!(" and `{second}`");
        }
        if let Some(target) = &columns.target {
            said += &format!(", {}s in `{target}`", kind.name);
        }
        guess.then(|| format!("{}: {said}", self.path.display()))
    }

    fn rows(&self, table: &Table, columns: &Columns, kind: Kind) -> Result<Vec<TextExample>, DataError> {
        let texts = table.column(&columns.text)?;
        let fields = |name: &Option<String>| name.as_deref().map(|name| table.column(name)).transpose();
        let (seconds, targets) = (fields(&columns.second)?, fields(&columns.target)?);
        let source = Source::file(&self.path);
        let mut examples = Vec::with_capacity(texts.len());
        for (row, &(line, text)) in texts.iter().enumerate() {
            let source = source.line(line);
            let filled = |name: &str, field: &str, what: &str| match field.trim().is_empty() {
                true => Err(source.fault(Some(name), format!("empty {what}; every row needs one"))),
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

    /// The columns asked for, or guessed: by name, else the only one that is left.
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
        let missing = |what: &str, flag: &str| {
            let header = match has_extension(&self.path, &["csv", "tsv", "txt"]) {
                true => " (the first line must name the columns)",
                false => "",
            };
            table.no_column(format!(
                "which column holds the {what}? Give --{flag}-column NAME{header}"
            ))
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
        // A name that tells nothing may be a text, where there is no header.
        let only = columns.len() == 1 && !self.labelled && has_extension(&self.path, &["csv", "tsv", "txt"]);
        let mut target = match self.target.clone() {
            Some(name) => Some(name),
            None if self.labelled => guess(kind.names, &[text.as_ref(), second.as_ref()]),
            None => None,
        };
        let text = text
            .or_else(|| guess(&TEXT_NAMES, &[target.as_ref(), second.as_ref()]))
            .or_else(|| left(&[target.as_ref(), second.as_ref()]).filter(|_| !only));
        let pair = PAIR_NAMES.iter().find_map(|(a, b)| Some([find(a)?, find(b)?]));
        if let (false, None, Some(pair)) = (self.pairs, &self.text, pair)
            && text.as_ref().is_none_or(|text| pair.contains(&text))
            && !target.as_ref().is_some_and(|target| pair.contains(&target))
            && columns.len() > usize::from(self.labelled) + 1
        {
            return Err(table.no_column(format!(
                "`{}` and `{}` look like pairs of texts: give --pairs to read them, or --text-column NAME for one",
                pair[0], pair[1]
            )));
        }
        let what = if self.pairs { "first texts" } else { "texts" };
        let text = text.ok_or_else(|| missing(what, "text"))?;
        if self.pairs && second.is_none() {
            second = left(&[Some(&text), target.as_ref()]);
            if second.is_none() {
                return Err(missing("second texts", "second"));
            }
        }
        if !self.labelled {
            target = None;
        } else if target.is_none() {
            target = left(&[Some(&text), second.as_ref()]);
            if target.is_none() {
                return Err(missing(&format!("{}s", kind.name), kind.name));
            }
        }
        Ok(Columns { text, second, target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        name: &str,
        content: &str,
        change: impl Fn(TextFile) -> TextFile,
    ) -> Result<Vec<(String, Option<String>)>, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, content).unwrap();
        let read = change(TextFile::new(&file)).read();
        read.map(|data| {
            data.examples()
                .iter()
                .map(|e| (e.text.clone(), e.label.clone()))
                .collect()
        })
        .map_err(|e| e.to_string())
    }

    fn row(text: &str, label: &str) -> Vec<(String, Option<String>)> {
        vec![(text.into(), Some(label.into()))]
    }

    #[test]
    fn columns_are_guessed_from_the_header() {
        let read = |content| read("t.csv", content, |file| file).unwrap();
        assert_eq!(
            read("id,Review,stars,Sentiment\n1,fine,5,good\n"),
            row("fine", "good")
        );
        assert_eq!(read("label,words\nx,fine\n"), row("fine", "x"));
        assert_eq!(read("sentence,verdict\nfine,x\n"), row("fine", "x"));
    }

    #[test]
    fn columns_can_be_named() {
        let found = read("t.csv", "text,label,stars\nfine,x,5\n", |f| {
            f.target_column("stars")
        });
        assert_eq!(found.unwrap(), row("fine", "5"));
        let found = read("t.csv", "text,label,note\nfine,x,so\n", |f| f.text_column("note"));
        assert_eq!(found.unwrap(), row("so", "x"));
        let fault = read("t.csv", "text,label\nfine,x\n", |f| f.text_column("body")).unwrap_err();
        assert!(fault.contains("no column `body`"), "{fault}");
    }

    #[test]
    fn what_cannot_be_guessed_is_asked_for() {
        let fault = |content| read("t.csv", content, |file| file).unwrap_err();
        let no_header = fault("a fine film,1,x\na poor film,0,y\n");
        assert!(
            no_header.contains("--text-column NAME") && no_header.contains("a fine film, 1, x"),
            "{no_header}"
        );
        assert!(fault("text,a,b\nfine,1,2\n").contains("--label-column NAME"));
    }

    #[test]
    fn empty_fields_are_told() {
        let fault = |content| read("t.csv", content, |file| file).unwrap_err();
        assert!(fault("text,label\nfine,x\n ,x\n").contains("line 3, column `text`: empty text"));
        assert!(fault("text,label\nfine,\n").contains("line 2, column `label`: empty label"));
    }

    #[test]
    fn labels_are_not_needed_to_predict() {
        let found = read("t.csv", "text,more\nfine,1\n", |f| f.labelled(false)).unwrap();
        assert_eq!(found, [("fine".to_owned(), None)]);
    }

    #[test]
    fn a_text_is_not_taken_for_a_header() {
        let fault = read("t.csv", "a fine film\na poor film\n", |f| f.labelled(false)).unwrap_err();
        assert!(
            fault.contains("--text-column NAME") && fault.contains("a fine film"),
            "{fault}"
        );
        let named = read("t.csv", "Review\na fine film\n", |f| f.labelled(false)).unwrap();
        assert_eq!(named, [("a fine film".to_owned(), None)]);
        let json = read("t.jsonl", "{\"words\": \"a fine film\"}\n", |f| f.labelled(false)).unwrap();
        assert_eq!(json, [("a fine film".to_owned(), None)]);
    }

    #[test]
    fn pairs_are_not_read_by_half() {
        let content = "sentence1,sentence2,label\na,b,x\n";
        let fault = read("t.csv", content, |file| file).unwrap_err();
        assert!(
            fault.contains("--pairs") && fault.contains("`sentence1` and `sentence2`"),
            "{fault}"
        );
        // An answer may be a label, and a text may stand beside a pair.
        let faq = read("t.csv", "question,answer\na,b\n", |file| file);
        assert_eq!(faq.unwrap(), row("a", "b"));
        let faq = read("t.csv", "id,question,answer\n1,a,b\n", |f| {
            f.target_column("answer")
        });
        assert_eq!(faq.unwrap(), row("a", "b"));
        let beside = read("t.csv", "text,premise,hypothesis,label\na,b,c,x\n", |file| file);
        assert_eq!(beside.unwrap(), row("a", "x"));
        assert_eq!(
            read("t.csv", content, |f| f.text_column("sentence2")).unwrap(),
            row("b", "x")
        );
    }

    #[test]
    fn guesses_are_told() {
        let remarks = |change: fn(TextFile) -> TextFile| {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("t.csv");
            std::fs::write(&file, "review,stars\nfine,5\n").unwrap();
            change(TextFile::new(&file))
                .read_scored()
                .unwrap()
                .remarks()
                .to_vec()
        };
        let guessed = remarks(|file| file);
        assert!(
            guessed[0].ends_with("t.csv: texts are in the column `review`, scores in `stars`"),
            "{guessed:?}"
        );
        assert!(remarks(|file| file.text_column("review").target_column("stars")).is_empty());
    }

    fn pair(content: &str) -> Result<(String, Option<String>, Option<String>), String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.csv");
        std::fs::write(&file, content).unwrap();
        let read = TextFile::new(&file).pairs(true).read();
        let first = |data: TextDataset| data.into_vec().remove(0);
        read.map(first)
            .map(|e| (e.text, e.second, e.label))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn pairs_have_two_columns() {
        let expected = ("a".to_owned(), Some("b".to_owned()), Some("x".to_owned()));
        assert_eq!(pair("id,sentence1,sentence2,label\n1,a,b,x\n").unwrap(), expected);
        assert_eq!(pair("Hypothesis,premise,label\nb,a,x\n").unwrap(), expected);
        assert_eq!(pair("text,other,label\na,b,x\n").unwrap(), expected);
        let fault = pair("text,other,more,label\na,b,c,x\n").unwrap_err();
        assert!(fault.contains("--second-column NAME"), "{fault}");
        let fault = pair("sentence1,sentence2,label\na,,x\n").unwrap_err();
        assert!(
            fault.contains("line 2, column `sentence2`: empty text"),
            "{fault}"
        );
    }

    #[test]
    fn scores_are_numbers() {
        let scores = |content: &str| {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("s.csv");
            std::fs::write(&file, content).unwrap();
            TextFile::new(&file).read_scored().map_err(|e| e.to_string())
        };
        let data = scores("text,stars\nfine,4.5\npoor,-1\n").unwrap();
        let found: Vec<_> = data.examples().iter().map(|e| e.score).collect();
        assert_eq!(found, [Some(4.5), Some(-1.0)]);
        for bad in ["good", "NaN", "inf"] {
            let fault = scores(&format!("text,stars\nfine,{bad}\n")).unwrap_err();
            assert!(
                fault.contains("line 2, column `stars`") && fault.contains("no number"),
                "{fault}"
            );
        }
        assert!(
            scores("text,a,b\nfine,1,2\n")
                .unwrap_err()
                .contains("--score-column NAME")
        );
    }

    #[test]
    fn lines_of_json_need_no_file() {
        let source = Path::new("standard input");
        let file = TextFile::new(source).pairs(true).labelled(false);
        let data = file.read_json_lines(br#"{"text": "a", "second": "b"}"#).unwrap();
        assert_eq!(data.examples()[0].second.as_deref(), Some("b"));
        let fault = file
            .read_json_lines(b"{\"text\": \"a\"}")
            .unwrap_err()
            .to_string();
        assert!(
            fault.contains("standard input") && fault.contains("--second-column"),
            "{fault}"
        );
    }
}
