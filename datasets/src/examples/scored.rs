//! Texts and pairs of texts with a score.

#[cfg(feature = "files")]
use std::borrow::Cow;

use serde::Serialize;

#[cfg(feature = "files")]
use super::Storable;
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

#[cfg(feature = "files")]
impl Storable for ScoredExample {
    /// The score is written such that it is read back to the last bit.
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        let score = self.score.map(|score| Cow::Owned(format!("{score:?}")));
        let second = self.second.as_deref().map(Cow::Borrowed);
        [Some(Cow::Borrowed(&self.text)), second, score]
    }

    fn from_parts([text, second, score]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        Self {
            text: text.unwrap_or_default().to_owned(),
            second: second.map(str::to_owned),
            score: score.and_then(|score| score.parse().ok()),
            source,
        }
    }
}

impl ScoredDataset {
    /// Texts without scores.
    pub fn unscored(texts: TextDataset) -> Self {
        #[cfg(feature = "files")]
        if let Some(scored) = texts.stored_as() {
            return scored;
        }
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
