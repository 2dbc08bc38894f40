//! Published corpora of pairs of texts with a score.

use std::path::Path;

use super::pairs::{column, pairs_of, sick_file};
use crate::error::DataError;
use crate::examples::{Examples, ScoredDataset, ScoredExample, TextExample};
use crate::file::{find, read_utf8};
use crate::formats::table::{Table, number};
use crate::message::counted;
use crate::source::Source;

/// The Semantic Textual Similarity benchmark (Cer et al. 2017): pairs of sentences with a similarity from 0 to 5.
#[derive(Clone, Copy, Debug)]
pub struct StsB;

impl StsB {
    /// The 5749 training pairs.
    ///
    /// # Errors
    /// If the folder has no such file, or it is malformed.
    pub fn train(dir: &Path) -> Result<ScoredDataset, DataError> {
        Self::file(&find(dir, &["sts-train.csv", "train.tsv"])?)
    }

    /// The 1500 evaluation pairs.
    ///
    /// # Errors
    /// If the folder has no such file, or it is malformed.
    pub fn dev(dir: &Path) -> Result<ScoredDataset, DataError> {
        Self::file(&find(dir, &["sts-dev.csv", "dev.tsv"])?)
    }

    /// Reads the original file or GLUE's version, which has a header. The original is tab-separated despite its name,
    /// without header or quoting: genre, file, year, number, score, two sentences, and on some rows their sources.
    ///
    /// # Errors
    /// If it cannot be read, or a line is malformed.
    pub fn file(path: &Path) -> Result<ScoredDataset, DataError> {
        let text = read_utf8(path)?;
        let file = Source::file(path);
        let glue = text
            .lines()
            .next()
            .is_some_and(|header| header.split('\t').any(|name| name == "score"));
        // GLUE has three more columns before the same five.
        let (columns, skip) = if glue { ([9, 7, 8], 1) } else { ([4, 5, 6], 0) };
        let mut examples = vec![];
        for (at, line) in text
            .lines()
            .enumerate()
            .skip(skip)
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let source = file.line(at + 1);
            let fields: Vec<&str> = line.split('\t').collect();
            let [Some(score), Some(first), Some(second)] = columns.map(|column| fields.get(column)) else {
                let reason = format!(
                    "{} where STS-B has at least {}, with tabs between them",
                    counted(fields.len(), "field"),
                    columns.iter().max().map_or(0, |last| last + 1)
                );
                return Err(source.error(None, reason));
            };
            if first.trim().is_empty() || second.trim().is_empty() {
                return Err(source.error(None, "a sentence is empty; every row needs two"));
            }
            examples.push(ScoredExample {
                text: (*first).to_owned(),
                second: Some((*second).to_owned()),
                score: Some(number(score, &source, "score", Some((0.0, 5.0)))?),
                source,
            });
        }
        Examples::new(path, examples)
    }
}

/// SICK's relatedness scores (Marelli et al. 2014), from 1 to 5.
#[derive(Clone, Copy, Debug)]
pub struct SickRelatedness;

impl SickRelatedness {
    /// The training pairs.
    ///
    /// # Errors
    /// If the folder has no such file, or it is malformed.
    pub fn train(dir: &Path) -> Result<ScoredDataset, DataError> {
        Self::read(&sick_file(dir, false)?, "TRAIN")
    }

    /// The evaluation pairs.
    ///
    /// # Errors
    /// If the folder has no such file, or it is malformed.
    pub fn dev(dir: &Path) -> Result<ScoredDataset, DataError> {
        Self::read(&sick_file(dir, true)?, "TRIAL")
    }

    /// An evaluation file of the same form: where it holds all splits, only the evaluation pairs are read.
    ///
    /// # Errors
    /// If it cannot be read, or is malformed.
    pub fn file(path: &Path) -> Result<ScoredDataset, DataError> {
        Self::read(path, "TRIAL")
    }

    fn read(path: &Path, split: &str) -> Result<ScoredDataset, DataError> {
        let table = Table::read_published(path, &[], false)?;
        let (_, scores) = column(&table, &["relatedness_score"])?;
        let pairs = pairs_of(&table, Some(("SemEval_set", split)), false)?.pairs;
        let mut examples = vec![];
        for (pair, (_, score)) in pairs.into_iter().zip(scores) {
            let Some(TextExample {
                text, second, source, ..
            }) = pair
            else {
                continue;
            };
            let score = Some(number(score, &source, "relatedness_score", Some((1.0, 5.0)))?);
            examples.push(ScoredExample {
                text,
                second,
                score,
                source,
            });
        }
        Examples::new(path, examples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &str) -> Result<ScoredDataset, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), content).unwrap();
        StsB::dev(dir.path()).map_err(|e| e.to_string())
    }

    #[test]
    fn stsb_has_tabs_quotes_and_rows_of_many_lengths() {
        let text = "main-news\tMSRvid\t2012\t1\t5.000\tA \"plane.\tAn air plane.\nx\ty\tz\t2\t0\tA.\tB.\tsource\tother\n";
        let data = read("sts-dev.csv", text).unwrap();
        assert_eq!(data.examples()[0].text, "A \"plane.");
        let scores: Vec<_> = data.examples().iter().map(|e| e.score.unwrap()).collect();
        assert_eq!(scores, [5.0, 0.0]);
        let glue = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n\
            0\tg\tf\ty\t1\ts\tt\tA.\tB.\t2.5\n";
        let data = read("dev.tsv", glue).unwrap();
        assert_eq!(
            (data.examples()[0].second.as_deref(), data.examples()[0].score),
            (Some("B."), Some(2.5))
        );
    }

    #[test]
    fn scores_out_of_range_are_reported() {
        let error = |score: &str| read("sts-dev.csv", &format!("a\tb\tc\td\t{score}\tA.\tB.\n")).unwrap_err();
        for score in ["5.1", "-1", "high", "NaN", ""] {
            let error = error(score);
            assert!(
                error.contains("line 1, column `score`") && error.contains("from 0 to 5"),
                "{error}"
            );
        }
        assert!(
            read("sts-dev.csv", "a\tb\tc\td\t1.0\tA.\n")
                .unwrap_err()
                .contains("line 1: 6 fields")
        );
    }

    #[test]
    fn sick_gives_its_other_column() {
        let dir = tempfile::tempdir().unwrap();
        let text = "pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score\tSemEval_set\n\
            1\tA.\tB.\tNEUTRAL\t4.5\tTRAIN\n2\tC.\tD.\tENTAILMENT\t3.0\tTRIAL\n";
        std::fs::write(dir.path().join("SICK.txt"), text).unwrap();
        assert_eq!(
            SickRelatedness::train(dir.path()).unwrap().examples()[0].score,
            Some(4.5)
        );
        assert_eq!(SickRelatedness::dev(dir.path()).unwrap().examples()[0].text, "C.");
    }
}
