//! Published corpora of labelled pairs of texts: inference, paraphrase, duplicate questions.

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::examples::{Examples, Labels, TextDataset, TextExample};
use crate::formats::table::Table;
use crate::message::counted;
use crate::source::Source;

/// A published corpus of pairs, each a folder with files of known names.
///
/// ```no_run
/// use datasets::PairCorpus;
/// let rte = PairCorpus::by_name("rte").expect("a known corpus");
/// let train = rte.train("glue/RTE".as_ref())?;
/// println!("{} pairs; {:?}", train.len(), train.examples()[0].second);
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Debug)]
pub struct PairCorpus {
    /// The corpus's name.
    pub name: &'static str,
    /// Training files; the first that exists is read.
    train: &'static [&'static str],
    /// Evaluation files: of each group the first that exists, all groups together.
    dev: &'static [&'static [&'static str]],
    /// Where one file holds all splits: the column that names the split, and its values for train and dev.
    split: Option<(&'static str, &'static str, &'static str)>,
    /// Where a file can be without a header: the names of its columns.
    columns: &'static [&'static str],
    /// Whether its files are known to have rows without a text or a field, which are skipped.
    broken_rows: bool,
    /// The files' spellings of each label, and the label's name, in the order of their numbers in GLUE.
    labels: &'static [(&'static [&'static str], &'static str)],
}

/// Names of the first text's column.
const FIRST: [&str; 6] = [
    "sentence1",
    "question1",
    "question",
    "premise",
    "sentence_A",
    "#1 String",
];
/// Names of the second text's column, in the same order.
const SECOND: [&str; 6] = [
    "sentence2",
    "question2",
    "sentence",
    "hypothesis",
    "sentence_B",
    "#2 String",
];
/// Names of the label's column.
const LABEL: [&str; 6] = [
    "gold_label",
    "label",
    "is_duplicate",
    "Quality",
    "entailment_label",
    "entailment_judgment",
];

const ENTAILMENT: (&[&str], &str) = (&["entailment", "ENTAILMENT", "entails"], "entailment");
const NEUTRAL: (&[&str], &str) = (&["neutral", "NEUTRAL"], "neutral");
const CONTRADICTION: (&[&str], &str) = (&["contradiction", "CONTRADICTION"], "contradiction");
const NOT_ENTAILMENT: (&[&str], &str) = (&["not_entailment"], "not_entailment");

/// SICK's file of all splits.
const SICK: &str = "SICK.txt";

/// The label of pairs on which the annotators of SNLI and MultiNLI did not agree; these pairs are skipped.
const NO_AGREEMENT: &str = "-";

/// The corpora.
pub static PAIR_CORPORA: [PairCorpus; 9] = [
    // Bowman et al. 2015.
    PairCorpus {
        name: "snli",
        train: &[
            "snli_1.0_train.jsonl",
            "snli_1.0_train.txt",
            "train.jsonl",
            "train.tsv",
        ],
        dev: &[&["snli_1.0_dev.jsonl", "snli_1.0_dev.txt", "dev.jsonl", "dev.tsv"]],
        split: None,
        columns: &[],
        broken_rows: false,
        labels: &[ENTAILMENT, NEUTRAL, CONTRADICTION],
    },
    // Williams, Nangia and Bowman 2018.
    PairCorpus {
        name: "mnli",
        train: &[
            "multinli_1.0_train.jsonl",
            "multinli_1.0_train.txt",
            "train.tsv",
            "train.jsonl",
        ],
        dev: &[
            &[
                "multinli_1.0_dev_matched.jsonl",
                "multinli_1.0_dev_matched.txt",
                "dev_matched.tsv",
                "dev.jsonl",
            ],
            &[
                "multinli_1.0_dev_mismatched.jsonl",
                "multinli_1.0_dev_mismatched.txt",
                "dev_mismatched.tsv",
            ],
        ],
        split: None,
        columns: &[],
        broken_rows: false,
        labels: &[ENTAILMENT, NEUTRAL, CONTRADICTION],
    },
    // Recognizing Textual Entailment 1, 2, 3 and 5, as GLUE has them (Wang et al. 2019).
    PairCorpus {
        name: "rte",
        train: &["train.tsv", "train.jsonl"],
        dev: &[&["dev.tsv", "val.jsonl", "dev.jsonl"]],
        split: None,
        columns: &[],
        broken_rows: false,
        labels: &[ENTAILMENT, NOT_ENTAILMENT],
    },
    // SQuAD's questions and sentences, as GLUE has them.
    PairCorpus {
        name: "qnli",
        train: &["train.tsv", "train.jsonl"],
        dev: &[&["dev.tsv", "dev.jsonl"]],
        split: None,
        columns: &[],
        broken_rows: false,
        labels: &[ENTAILMENT, NOT_ENTAILMENT],
    },
    // Dolan and Brockett 2005: GLUE's files, or Microsoft's own.
    PairCorpus {
        name: "mrpc",
        train: &["train.tsv", "msr_paraphrase_train.txt"],
        dev: &[&["dev.tsv", "msr_paraphrase_test.txt"]],
        split: None,
        columns: &[],
        broken_rows: false,
        labels: &[(&["0"], "not_equivalent"), (&["1"], "equivalent")],
    },
    // Quora's question pairs, as GLUE has them.
    PairCorpus {
        name: "qqp",
        train: &["train.tsv"],
        dev: &[&["dev.tsv"]],
        split: None,
        columns: &[],
        broken_rows: true,
        labels: &[(&["0"], "not_duplicate"), (&["1"], "duplicate")],
    },
    // Winograd schemas, as GLUE has them.
    PairCorpus {
        name: "wnli",
        train: &["train.tsv"],
        dev: &[&["dev.tsv"]],
        split: None,
        columns: &[],
        broken_rows: false,
        labels: &[
            (&["0", "not_entailment"], "not_entailment"),
            (&["1", "entailment"], "entailment"),
        ],
    },
    // Khot, Sabharwal and Clark 2018.
    PairCorpus {
        name: "scitail",
        train: &[
            "scitail_1.0_train.tsv",
            "scitail_1.0_train.txt",
            "scitail_1.0_train.jsonl",
            "tsv_format/scitail_1.0_train.tsv",
            "snli_format/scitail_1.0_train.txt",
        ],
        dev: &[&[
            "scitail_1.0_dev.tsv",
            "scitail_1.0_dev.txt",
            "scitail_1.0_dev.jsonl",
            "tsv_format/scitail_1.0_dev.tsv",
            "snli_format/scitail_1.0_dev.txt",
        ]],
        split: None,
        columns: &["premise", "hypothesis", "label"],
        broken_rows: false,
        labels: &[ENTAILMENT, NEUTRAL],
    },
    // Marelli et al. 2014.
    PairCorpus {
        name: "sick",
        train: &["SICK_train.txt", SICK],
        dev: &[&["SICK_trial.txt", SICK]],
        split: Some(("SemEval_set", "TRAIN", "TRIAL")),
        columns: &[],
        broken_rows: false,
        labels: &[ENTAILMENT, NEUTRAL, CONTRADICTION],
    },
];

impl PairCorpus {
    /// The corpus of this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        PAIR_CORPORA.iter().find(|corpus| corpus.name == name)
    }

    /// The labels in the order of their numbers.
    pub fn labels(&self) -> Labels {
        let names = self.labels.iter().map(|(_, name)| (*name).to_owned()).collect();
        Labels::from_names(names).expect("two labels or more")
    }

    /// The training pairs.
    ///
    /// # Errors
    /// If the folder has no such file, or it is malformed.
    pub fn train(&self, dir: &Path) -> Result<TextDataset, DataError> {
        let path = crate::file::find(dir, self.train)?;
        self.read(&path, self.split.map(|(column, train, _)| (column, train)))
    }

    /// The evaluation pairs: of MultiNLI the matched ones, then the mismatched ones where the folder has them.
    ///
    /// # Errors
    /// If the folder has no such file, or one is malformed.
    pub fn dev(&self, dir: &Path) -> Result<TextDataset, DataError> {
        let split = self.split.map(|(column, _, dev)| (column, dev));
        let mut groups = self.dev.iter();
        let first = groups.next().expect("a corpus has evaluation data");
        let mut all = self.read(&crate::file::find(dir, first)?, split)?;
        for group in groups {
            if let Ok(path) = crate::file::find(dir, group) {
                all = all.concat(self.read(&path, split)?);
            }
        }
        Ok(all)
    }

    /// An evaluation file of the same form: where it holds all splits, only those of dev are read.
    ///
    /// # Errors
    /// If it cannot be read, or is malformed.
    pub fn file(&self, path: &Path) -> Result<TextDataset, DataError> {
        self.read(path, self.split.map(|(column, _, dev)| (column, dev)))
    }

    fn read(&self, path: &Path, split: Option<(&str, &str)>) -> Result<TextDataset, DataError> {
        let table = Table::read_published(path, self.columns, self.broken_rows)?;
        let (column, labels) = column(&table, &LABEL)?;
        let Pairs { pairs, mut broken } = pairs_of(&table, split, self.broken_rows)?;
        let mut examples = vec![];
        for (pair, (_, label)) in pairs.into_iter().zip(labels) {
            let Some(pair) = pair else { continue };
            if label == NO_AGREEMENT {
                continue;
            }
            let named = self.labels.iter().find(|(raw, _)| raw.contains(&label.trim()));
            let Some((_, name)) = named else {
                let known: Vec<&str> = self
                    .labels
                    .iter()
                    .flat_map(|(raw, _)| raw.iter().copied())
                    .collect();
                let reason = format!("`{label}`; it must be one of {}", known.join(", "));
                return Err(pair.source.error(Some(column), reason));
            };
            examples.push(TextExample {
                label: Some((*name).to_owned()),
                ..pair
            });
        }
        let data = Examples::new(path, examples)?;
        broken.extend(table.broken());
        broken.sort_unstable();
        Ok(match broken[..] {
            [] => data,
            [first, ..] => data.with_note(format!(
                "{} of {} skipped, without two texts in {} fields; the first is line {first}",
                counted(broken.len(), "row"),
                path.display(),
                table.columns().len()
            )),
        })
    }
}

/// The pairs of a published table, without labels.
pub(crate) struct Pairs {
    /// One per row; `None` for rows of another split and for broken rows.
    pub(crate) pairs: Vec<Option<TextExample>>,
    /// The lines of rows without a text.
    broken: Vec<usize>,
}

/// The pairs of a published table; rows without a text are skipped if `broken`, else they are errors.
pub(crate) fn pairs_of(table: &Table, split: Option<(&str, &str)>, broken: bool) -> Result<Pairs, DataError> {
    let source = Source::file(table.file());
    let all = table.file().file_name().is_some_and(|file| file == SICK);
    let mut splits: Vec<bool> = match split {
        Some((name, value)) if all || table.columns().iter().any(|column| column == name) => table
            .column(name)?
            .into_iter()
            .map(|(_, field)| field.trim() == value)
            .collect(),
        _ => vec![],
    };
    // A file with only some of the rows is read in full.
    if !all && !splits.contains(&true) {
        splits.clear();
    }
    let (firsts, seconds) = (column(table, &FIRST)?, column(table, &SECOND)?);
    let mut found = Pairs {
        pairs: Vec::with_capacity(firsts.1.len()),
        broken: vec![],
    };
    for (row, (&(line, text), &(_, other))) in firsts.1.iter().zip(&seconds.1).enumerate() {
        let source = source.line(line);
        let empty = [(firsts.0, text), (seconds.0, other)]
            .into_iter()
            .find(|(_, text)| text.trim().is_empty());
        if splits.get(row) == Some(&false) {
            found.pairs.push(None);
            continue;
        }
        match empty {
            Some(_) if broken => {
                found.broken.push(line);
                found.pairs.push(None);
            }
            Some((column, _)) => {
                return Err(source.error(Some(column), "the text is empty; every row needs two"));
            }
            None => found.pairs.push(Some(TextExample {
                text: text.to_owned(),
                second: Some(other.to_owned()),
                label: None,
                source,
            })),
        }
    }
    Ok(found)
}

/// The first of these columns that the table has, with its name.
pub(crate) fn column<'t>(table: &'t Table, names: &[&str]) -> Result<(&'t str, Fields<'t>), DataError> {
    let mut columns = names
        .iter()
        .filter_map(|name| table.columns().iter().find(|column| column == name));
    match columns.next() {
        Some(name) => Ok((name, table.column(name)?)),
        None => Err(table.no_column(format!("the file has none of the columns {}", names.join(", ")))),
    }
}

/// The fields of a column, each with its line.
type Fields<'t> = Vec<(usize, &'t str)>;

/// The path of SICK's file, for its other column.
pub(crate) fn sick_file(dir: &Path, dev: bool) -> Result<PathBuf, DataError> {
    let sick = PairCorpus::by_name("sick").expect("it is in the table");
    crate::file::find(dir, if dev { sick.dev[0] } else { sick.train })
}

#[cfg(test)]
mod tests;
