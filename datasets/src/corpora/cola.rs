//! The Corpus of Linguistic Acceptability (Warstadt, Singh and Bowman 2019, "Neural network acceptability judgments").

use std::path::Path;

use crate::error::DataError;
use crate::examples::{Labels, TextDataset, TextExample};
use crate::file::{find, read_utf8};
use crate::source::Source;

/// Reads CoLA 1.1 as published, and as GLUE has it: tabs, no header, no quoting; source, label 0 or 1, the author's
/// mark, sentence.
#[derive(Clone, Copy, Debug)]
pub struct Cola;

const TRAIN: [&str; 3] = ["in_domain_train.tsv", "raw/in_domain_train.tsv", "train.tsv"];
const IN_DOMAIN: [&str; 3] = ["in_domain_dev.tsv", "raw/in_domain_dev.tsv", "dev.tsv"];
const OUT_OF_DOMAIN: [&str; 2] = ["out_of_domain_dev.tsv", "raw/out_of_domain_dev.tsv"];

impl Cola {
    /// `unacceptable` (0) and `acceptable` (1).
    pub fn labels() -> Labels {
        Labels::from_names(vec!["unacceptable".into(), "acceptable".into()]).expect("two labels")
    }

    /// The 8551 training sentences.
    ///
    /// # Errors
    /// If the folder has no such file, or a line of it is malformed.
    pub fn train(dir: &Path) -> Result<TextDataset, DataError> {
        read(&find(dir, &TRAIN)?)
    }

    /// The 527 evaluation sentences from the same sources, then the 516 from others, where the folder has them (GLUE's
    /// `dev.tsv` holds both).
    ///
    /// # Errors
    /// If the folder has no such file, or a line of it is malformed.
    pub fn dev(dir: &Path) -> Result<TextDataset, DataError> {
        let dev = read(&find(dir, &IN_DOMAIN)?)?;
        match find(dir, &OUT_OF_DOMAIN) {
            Ok(file) => Ok(dev.concat(read(&file)?)),
            Err(_) => Ok(dev),
        }
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
    let source = Source::file(path);
    let text = read_utf8(path)?;
    let mut examples = Vec::new();
    for (at, content) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let line = at + 1;
        let fields: Vec<&str> = content.split('\t').collect();
        let &[_, label, _, sentence] = fields.as_slice() else {
            let reason = format!(
                "{} fields where CoLA has 4 (source, label, author's mark, sentence), with tabs between them",
                fields.len()
            );
            return Err(DataError::at(path, line, None, reason));
        };
        let label = match label {
            "0" => "unacceptable",
            "1" => "acceptable",
            other => {
                let reason = format!("`{other}`; it must be 0 or 1");
                return Err(DataError::at(path, line, Some("label"), reason));
            }
        };
        if sentence.trim().is_empty() {
            return Err(DataError::at(
                path,
                line,
                Some("sentence"),
                "empty text; every row needs one",
            ));
        }
        examples.push(TextExample {
            text: sentence.into(),
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

    fn dev(content: &str) -> Result<TextDataset, DataError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("in_domain_dev.tsv"), content).unwrap();
        Cola::dev(dir.path())
    }

    #[test]
    fn quotes_are_plain_characters() {
        let data = dev("gj04\t1\t\t\"Go,\" she said.\nks08\t0\t*\tHim \"goes.\n").unwrap();
        let found: Vec<_> = data
            .examples()
            .iter()
            .map(|e| (e.text.as_str(), e.label.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("\"Go,\" she said.", Some("acceptable")),
                ("Him \"goes.", Some("unacceptable"))
            ]
        );
    }

    #[test]
    fn errors_name_line_and_field() {
        let error = |content: &str| dev(content).unwrap_err().to_string();
        assert!(
            error("a\t1\t\tYes.\nb\t1\n").contains("in_domain_dev.tsv, line 2: 2 fields where CoLA has 4")
        );
        assert!(error("a\t2\t\tYes.\n").contains("line 1, column `label`: `2`; it must be 0 or 1"));
        assert!(error("a\t1\t\t\n").contains("line 1, column `sentence`: empty text"));
        assert!(error("").contains("no rows"));
        let empty = tempfile::tempdir().unwrap();
        let error = Cola::train(empty.path()).unwrap_err().to_string();
        assert!(error.contains("in_domain_train.tsv"), "{error}");
    }
}
