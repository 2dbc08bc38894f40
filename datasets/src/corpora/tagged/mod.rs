//! Published corpora of sentences with a tag for every word.

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::file::find;

/// The known corpora of tags, each a folder with files of known names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagCorpus {
    /// A Universal Dependencies treebank: any `*-ud-train.conllu`.
    UniversalDependencies,
    /// Chunks, CoNLL-2000 (Tjong Kim Sang and Buchholz 2000).
    Conll2000,
    /// Entities of news, CoNLL-2003 (Tjong Kim Sang and De Meulder 2003).
    Conll2003,
    /// Rare and emerging entities, WNUT-17 (Derczynski et al. 2017).
    Wnut17,
}

impl TagCorpus {
    /// The training file.
    ///
    /// # Errors
    /// If the folder has none of the names.
    pub fn train(self, dir: &Path) -> Result<PathBuf, DataError> {
        match self {
            TagCorpus::UniversalDependencies => treebank(dir, "train"),
            TagCorpus::Conll2000 => find(dir, &["train.txt"]),
            TagCorpus::Conll2003 => find(dir, &["train.txt", "eng.train"]),
            TagCorpus::Wnut17 => find(dir, &["wnut17train.conll", "train.conll", "train.txt"]),
        }
    }

    /// The evaluation file: the published test set.
    ///
    /// # Errors
    /// If the folder has none of the names.
    pub fn test(self, dir: &Path) -> Result<PathBuf, DataError> {
        match self {
            TagCorpus::UniversalDependencies => treebank(dir, "test"),
            TagCorpus::Conll2000 => find(dir, &["test.txt"]),
            TagCorpus::Conll2003 => find(dir, &["test.txt", "eng.testb"]),
            TagCorpus::Wnut17 => find(dir, &["emerging.test.annotated", "test.conll", "test.txt"]),
        }
    }
}

fn treebank(dir: &Path, split: &str) -> Result<PathBuf, DataError> {
    let ending = format!("-ud-{split}.conllu");
    let entries = std::fs::read_dir(dir).map_err(|e| DataError::io(dir, e))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut found: Vec<String> = names.filter(|name| name.ends_with(&ending)).collect();
    found.sort();
    match found.as_slice() {
        [name] => Ok(dir.join(name)),
        [] => Err(DataError::NoFile {
            dir: dir.into(),
            looked: format!("*{ending}"),
        }),
        several => Err(DataError::Several {
            dir: dir.into(),
            found: several.join(", "),
        }),
    }
}

#[cfg(test)]
mod tests;
