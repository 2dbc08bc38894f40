//! The Stanford Sentiment Treebank with two labels (Socher et al. 2013), as GLUE has it.

use std::path::Path;

use crate::error::DataError;
use crate::examples::{Labels, TextDataset, TextExample};
use crate::file::find;
use crate::formats::table::Table;
use crate::source::Source;

/// Reads SST-2: tabs, the header `sentence label`, labels 0 and 1.
#[derive(Clone, Copy, Debug)]
pub struct Sst2;

impl Sst2 {
    /// `negative` (0) and `positive` (1).
    pub fn labels() -> Labels {
        Labels::from_names(vec!["negative".into(), "positive".into()]).expect("two labels")
    }

    /// The 67349 training phrases.
    ///
    /// # Errors
    /// If the folder has no `train.tsv`, or it is malformed.
    pub fn train(dir: &Path) -> Result<TextDataset, DataError> {
        read(&find(dir, &["train.tsv"])?)
    }

    /// The 872 evaluation sentences.
    ///
    /// # Errors
    /// If the folder has no `dev.tsv`, or it is malformed.
    pub fn dev(dir: &Path) -> Result<TextDataset, DataError> {
        read(&find(dir, &["dev.tsv"])?)
    }

    /// A file of the same form.
    ///
    /// # Errors
    /// If it cannot be read, or a line of it is malformed.
    pub fn file(path: &Path) -> Result<TextDataset, DataError> {
        read(path)
    }
}

fn read(path: &Path) -> Result<TextDataset, DataError> {
    let table = Table::read_published(path, &[], false)?;
    let labels = table.column("label")?;
    let source = Source::file(path);
    let mut examples = Vec::with_capacity(labels.len());
    for ((line, text), (_, label)) in table.column("sentence")?.into_iter().zip(labels) {
        let label = match label.trim() {
            "0" => "negative",
            "1" => "positive",
            other => {
                let reason = format!("`{other}`; it must be 0 or 1");
                return Err(DataError::at(path, line, Some("label"), reason));
            }
        };
        if text.trim().is_empty() {
            return Err(DataError::at(
                path,
                line,
                Some("sentence"),
                "empty text; every row needs one",
            ));
        }
        examples.push(TextExample {
            text: text.into(),
            second: None,
            label: Some(label.into()),
            source: source.line(line),
        });
    }
    TextDataset::new(path, examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_get_names_and_faults_get_lines() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("dev.tsv");
        std::fs::write(&file, "sentence\tlabel\na \"fine film \t1\npoor\t0\n").unwrap();
        let data = Sst2::dev(dir.path()).unwrap();
        assert_eq!(data.examples()[0].text, "a \"fine film ");
        assert_eq!(data.require_labels(&Sst2::labels()).unwrap(), [1, 0]);
        std::fs::write(&file, "sentence\tlabel\nfine\tgood\n").unwrap();
        let error = Sst2::dev(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("dev.tsv, line 2, column `label`: `good`; it must be 0 or 1"),
            "{error}"
        );
    }
}
