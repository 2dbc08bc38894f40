//! Texts and pairs of texts with a score.

use serde::Serialize;

use super::{Example, Examples, TextDataset, TextExample};
use crate::source::Source;

/// One text, or two that belong together, with a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoredExample {
    /// The text; the first of a pair.
    pub text: String,
    /// The second text of a pair.
    pub second: Option<String>,
    /// Its score, if known.
    pub score: Option<f64>,
    /// Where it is from.
    #[serde(skip)]
    pub source: Source,
}

/// Scored texts in the order of their files.
pub type ScoredDataset = Examples<ScoredExample>;

impl Example for ScoredExample {
    fn source(&self) -> &Source {
        &self.source
    }
}

impl ScoredDataset {
    /// Texts without scores.
    pub fn unscored(texts: TextDataset) -> Self {
        let file = texts.examples()[0].source.file.clone();
        let unscored = |example: TextExample| ScoredExample {
            text: example.text,
            second: example.second,
            score: None,
            source: example.source,
        };
        let examples = texts.into_vec().into_iter().map(unscored).collect();
        Self::new(&file, examples).expect("there was a text")
    }
}
