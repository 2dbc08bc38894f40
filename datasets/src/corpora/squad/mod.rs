//! The Stanford Question Answering Dataset.

use std::path::Path;

use crate::error::DataError;
use crate::examples::QuestionDataset;
use crate::file::find;
use crate::formats::question_file;

/// The Stanford Question Answering Dataset (Rajpurkar et al. 2016 and 2018), and files of the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Squad {
    /// Version 1.1: every question has an answer.
    V1,
    /// Version 2.0: some have none.
    V2,
}

impl Squad {
    /// The training questions.
    ///
    /// # Errors
    /// If the folder has no file of this version, or it is malformed.
    pub fn train(self, dir: &Path) -> Result<QuestionDataset, DataError> {
        let names: &[&str] = match self {
            Squad::V1 => &[
                "train-v1.1.json",
                "train-v1.1.partial.json",
                "train.json",
                "train.jsonl",
            ],
            Squad::V2 => &["train-v2.0.json", "train.json", "train.jsonl"],
        };
        Self::file(&find(dir, names)?)
    }

    /// The evaluation questions.
    ///
    /// # Errors
    /// If the folder has no file of this version, or it is malformed.
    pub fn dev(self, dir: &Path) -> Result<QuestionDataset, DataError> {
        let names: &[&str] = match self {
            Squad::V1 => &["dev-v1.1.json", "dev.json", "dev.jsonl", "validation.jsonl"],
            Squad::V2 => &["dev-v2.0.json", "dev.json", "dev.jsonl", "validation.jsonl"],
        };
        Self::file(&find(dir, names)?)
    }

    /// A file with answers: SQuAD's JSON, or single questions in JSON or Parquet (see
    /// [`QuestionDataset::read_objects`]).
    ///
    /// # Errors
    /// If it is malformed, has no question, two questions with one id, or an answer that begins beyond its passage.
    pub fn file(path: &Path) -> Result<QuestionDataset, DataError> {
        question_file::read(path, true)
    }

    /// As [`file`](Self::file), where answers may be missing.
    ///
    /// # Errors
    /// As `file`, without the errors of missing answers.
    pub fn unlabelled_file(path: &Path) -> Result<QuestionDataset, DataError> {
        question_file::read(path, false)
    }
}

#[cfg(test)]
mod tests;
