//! Published corpora of labelled pairs of texts: inference, paraphrase, duplicate questions.

use std::path::{Path, PathBuf};

use crate::error::{DataError, counted};
use crate::examples::{Examples, Source};
use crate::labels::Labels;
use crate::table::Table;
use crate::text::{TextDataset, TextExample};

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
    /// The name on the command line.
    pub name: &'static str,
    /// Files to learn from; the first that is there.
    train: &'static [&'static str],
    /// Files to judge by: of each group the first that is there, all groups together.
    dev: &'static [&'static [&'static str]],
    /// Where one file holds all splits: the column that says which, and its values for train and dev.
    split: Option<(&'static str, &'static str, &'static str)>,
    /// Where a file may be without a header: the names of its columns.
    columns: &'static [&'static str],
    /// Whether its files are known to have rows that lack a text or a field: these are left out.
    broken_rows: bool,
    /// What the files have for each label, and the label's name, in the order of their numbers in GLUE.
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

/// In what the annotators of SNLI and MultiNLI could not agree upon, there is nothing to learn.
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

    /// The pairs to learn from.
    ///
    /// # Errors
    /// If the folder has no such file, or it is malformed.
    pub fn train(&self, dir: &Path) -> Result<TextDataset, DataError> {
        let path = crate::file::find(dir, self.train)?;
        self.read(&path, self.split.map(|(column, train, _)| (column, train)))
    }

    /// The pairs to judge by: of MultiNLI the matched ones, then the mismatched ones where the folder has them.
    ///
    /// # Errors
    /// If the folder has no such file, or one is malformed.
    pub fn dev(&self, dir: &Path) -> Result<TextDataset, DataError> {
        let split = self.split.map(|(column, _, dev)| (column, dev));
        let mut groups = self.dev.iter();
        let first = groups.next().expect("a corpus has something to judge by");
        let mut all = self.read(&crate::file::find(dir, first)?, split)?;
        for group in groups {
            if let Ok(path) = crate::file::find(dir, group) {
                all = all.concat(self.read(&path, split)?);
            }
        }
        Ok(all)
    }

    /// A file of the same form to judge by: where it holds all splits, only those of dev are taken.
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
                return Err(pair.source.fault(Some(column), reason));
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
            [first, ..] => data.remarked(format!(
                "{} of {} left out, which have not two texts in {} fields, the first of them line {first}",
                counted(broken.len(), "row"),
                path.display(),
                table.columns().len()
            )),
        })
    }
}

/// The pairs of a published table, without labels.
pub(crate) struct Pairs {
    /// One a row; `None` for rows of another split and for broken ones.
    pub(crate) pairs: Vec<Option<TextExample>>,
    /// The lines of rows that lack a text.
    broken: Vec<usize>,
}

/// The pairs of a published table; rows without a text are faults if they are not known to be `broken`.
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
    // A part of the whole that was cut out of it is read as it is.
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
                return Err(source.fault(Some(column), "the text is empty; every row needs two"));
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
        None => Err(table.no_column(format!("none of the columns {} is there", names.join(", ")))),
    }
}

/// The fields of a column, each with its line.
type Fields<'t> = Vec<(usize, &'t str)>;

/// The path of a corpus' file, for those who read more of it.
pub(crate) fn sick_file(dir: &Path, dev: bool) -> Result<PathBuf, DataError> {
    let sick = PairCorpus::by_name("sick").expect("it is in the table");
    crate::file::find(dir, if dev { sick.dev[0] } else { sick.train })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(corpus: &str, name: &str, content: &[u8]) -> Result<Vec<(String, String, String)>, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), content).unwrap();
        let corpus = PairCorpus::by_name(corpus).unwrap();
        let data = if name.contains("dev") || name.contains("test") || name.contains("trial") {
            corpus.dev(dir.path())
        } else {
            corpus.train(dir.path())
        };
        let row = |e: &TextExample| {
            (
                e.text.clone(),
                e.second.clone().unwrap(),
                e.label.clone().unwrap(),
            )
        };
        data.map(|data| data.examples().iter().map(row).collect())
            .map_err(|e| e.to_string())
    }

    fn row(first: &str, second: &str, label: &str) -> Vec<(String, String, String)> {
        vec![(first.into(), second.into(), label.into())]
    }

    #[test]
    fn inference_in_json_lines_and_in_tabs() {
        let json = br#"{"gold_label": "-", "sentence1": "A.", "sentence2": "B."}
{"annotator_labels": ["neutral"], "gold_label": "neutral", "sentence1": "A man.", "sentence2": "A tall man."}
"#;
        let expected = row("A man.", "A tall man.", "neutral");
        assert_eq!(read("snli", "snli_1.0_train.jsonl", json).unwrap(), expected);
        assert_eq!(
            read("mnli", "multinli_1.0_dev_matched.jsonl", json).unwrap(),
            expected
        );
        let tabs = b"index\tsentence1\tsentence2\tlabel1\tgold_label\n0\tA \"man.\tA tall man.\tentailment\tneutral\n";
        assert_eq!(
            read("mnli", "train.tsv", tabs).unwrap(),
            row("A \"man.", "A tall man.", "neutral")
        );
    }

    #[test]
    fn matched_and_mismatched_come_together() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let content = format!("sentence1\tsentence2\tgold_label\n{text}\tB.\tneutral\n");
            std::fs::write(dir.path().join(name), content).unwrap();
        };
        file("dev_matched.tsv", "one");
        let mnli = PairCorpus::by_name("mnli").unwrap();
        assert_eq!(mnli.dev(dir.path()).unwrap().len(), 1);
        file("dev_mismatched.tsv", "two");
        let both = mnli.dev(dir.path()).unwrap();
        assert_eq!((both.len(), both.examples()[1].text.as_str()), (2, "two"));
    }

    #[test]
    fn glue_tables() {
        let rte = b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tnot_entailment\n";
        assert_eq!(
            read("rte", "train.tsv", rte).unwrap(),
            row("A.", "B.", "not_entailment")
        );
        let qnli = b"index\tquestion\tsentence\tlabel\n0\tWho?\tHe.\tentailment\n";
        assert_eq!(
            read("qnli", "dev.tsv", qnli).unwrap(),
            row("Who?", "He.", "entailment")
        );
        let qqp = b"id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWho?\tWho is?\t1\n";
        assert_eq!(
            read("qqp", "train.tsv", qqp).unwrap(),
            row("Who?", "Who is?", "duplicate")
        );
        let wnli = b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t0\n";
        assert_eq!(
            read("wnli", "train.tsv", wnli).unwrap(),
            row("A.", "B.", "not_entailment")
        );
        let short = b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\n";
        let fault = read("wnli", "train.tsv", short).unwrap_err();
        assert!(
            fault.contains("train.tsv, line 2: 3 fields where the header has 4"),
            "{fault}"
        );
    }

    #[test]
    fn quoras_broken_rows_are_left_out_and_told() {
        let qqp = b"id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWho?\n\
            2\t4\t5\tWho?\t\t0\n3\t6\t7\tWho?\tWhich?\t0\n";
        assert_eq!(
            read("qqp", "train.tsv", qqp).unwrap(),
            row("Who?", "Which?", "not_duplicate")
        );
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("dev.tsv");
        std::fs::write(&file, qqp).unwrap();
        let data = PairCorpus::by_name("qqp").unwrap().file(&file).unwrap();
        let remark = &data.remarks()[0];
        assert!(
            remark.starts_with("2 rows of ") && remark.ends_with("the first of them line 2"),
            "{remark}"
        );
    }

    #[test]
    fn glue_s_snli_has_labels_that_its_header_does_not_name() {
        let snli = b"index\tsentence1\tsentence2\tlabel1\tgold_label\n0\tA.\tB.\tneutral\tentailment\n\
            1\tC.\tD.\tneutral\tneutral\tneutral\tentailment\tneutral\tneutral\n";
        let mut expected = row("A.", "B.", "entailment");
        expected.extend(row("C.", "D.", "neutral"));
        assert_eq!(read("snli", "train.tsv", snli).unwrap(), expected);
        let torn = b"sentence1\tsentence2\tgold_label\nA\tb.\tC.\tneutral\n";
        let fault = read("snli", "train.tsv", torn).unwrap_err();
        assert!(fault.contains("train.tsv, line 2"), "{fault}");
    }

    #[test]
    fn microsofts_file_has_a_mark_and_carriage_returns() {
        let mrpc =
            "\u{feff}Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tHe \"said.\tShe said.\r\n";
        let expected = row("He \"said.", "She said.", "equivalent");
        assert_eq!(
            read("mrpc", "msr_paraphrase_train.txt", mrpc.as_bytes()).unwrap(),
            expected
        );
        assert_eq!(
            read("mrpc", "msr_paraphrase_test.txt", mrpc.as_bytes()).unwrap(),
            expected
        );
    }

    #[test]
    fn scitail_has_no_header_or_is_json() {
        let tabs = b"A plant.\tA living thing.\tentails\n";
        let expected = row("A plant.", "A living thing.", "entailment");
        assert_eq!(read("scitail", "scitail_1.0_train.tsv", tabs).unwrap(), expected);
        let json =
            br#"{"gold_label": "entailment", "sentence1": "A plant.", "sentence2": "A living thing."}"#;
        assert_eq!(read("scitail", "scitail_1.0_train.txt", json).unwrap(), expected);
    }

    #[test]
    fn sick_in_one_file_or_in_three() {
        let all = b"pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score\tSemEval_set\n\
            1\tA.\tB.\tNEUTRAL\t4.5\tTRAIN\n2\tC.\tD.\tENTAILMENT\t3.0\tTRIAL\n";
        assert_eq!(read("sick", "SICK.txt", all).unwrap(), row("A.", "B.", "neutral"));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("SICK.txt");
        std::fs::write(&file, all).unwrap();
        let dev = PairCorpus::by_name("sick").unwrap().file(&file).unwrap();
        assert_eq!((dev.len(), dev.examples()[0].text.as_str()), (1, "C."));
        let part = dir.path().join("hard.txt");
        let rows = b"sentence_A\tsentence_B\tentailment_label\tSemEval_set\nA.\tB.\tNEUTRAL\tTEST\n";
        std::fs::write(&part, rows).unwrap();
        assert_eq!(PairCorpus::by_name("sick").unwrap().file(&part).unwrap().len(), 1);
        let undivided = b"pair_ID\tsentence_A\tsentence_B\tentailment_label\n1\tA.\tB.\tNEUTRAL\n";
        let fault = read("sick", "SICK.txt", undivided).unwrap_err();
        assert!(fault.contains("no column `SemEval_set`"), "{fault}");
        let trial = b"pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n1\tA.\tB.\t4.5\tCONTRADICTION\n";
        assert_eq!(
            read("sick", "SICK_trial.txt", trial).unwrap(),
            row("A.", "B.", "contradiction")
        );
    }

    #[test]
    fn faults_name_line_and_field() {
        let fault = read(
            "rte",
            "train.tsv",
            b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tmaybe\n",
        )
        .unwrap_err();
        assert!(
            fault.contains("train.tsv, line 2, column `label`: `maybe`; it must be one of"),
            "{fault}"
        );
        let fault = read(
            "rte",
            "train.tsv",
            b"index\tsentence1\tsentence2\tlabel\n0\tA.\t \tentailment\n",
        )
        .unwrap_err();
        assert!(
            fault.contains("line 2, column `sentence2`: the text is empty"),
            "{fault}"
        );
        let fault = read("rte", "train.tsv", b"index\ttext\tlabel\n0\tA.\tentailment\n").unwrap_err();
        assert!(
            fault.contains("none of the columns") && fault.contains("index, text, label"),
            "{fault}"
        );
    }
}
