//! Texts that a language model learns from: parts of documents.

#[cfg(feature = "files")]
use std::borrow::Cow;

use serde::Serialize;

#[cfg(feature = "files")]
use super::Storable;
use super::{Example, Examples, Group, TextDataset, TextExample};
use crate::source::Source;

/// A part of a document: lines that follow each other; or a text that a trained model is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The text, its lines separated by line breaks.
    pub text: String,
    /// The number of the document in the file, from 0. The passages of a document follow each other.
    pub document: u32,
    /// Whether the document ends with it.
    pub ends_document: bool,
    /// Whether a trained model is given it, to fill its gaps or to say how likely it is: then nothing in it is masked at random,
    /// and it may be the beginning of a longer text.
    pub is_input: bool,
    /// The line it begins in.
    #[serde(skip)]
    pub source: Source,
}

/// Passages in the order of their files.
///
/// ```
/// use datasets::{PassageDataset, TextDataset};
/// let texts = TextDataset::from_texts("arguments".as_ref(), &["The [MASK] sleeps.".into()])?;
/// let passages = PassageDataset::of_inputs(texts);
/// assert!(passages.examples()[0].is_input);
/// # Ok::<(), datasets::DataError>(())
/// ```
pub type PassageDataset = Examples<Passage>;

impl Passage {
    /// Whether this passage and another are of the same document.
    pub fn is_of_document_of(&self, other: &Self) -> bool {
        self.document == other.document && self.source.file == other.source.file
    }
}

impl Example for Passage {
    fn source(&self) -> &Source {
        &self.source
    }

    fn groups(&self) -> Vec<Group<'_>> {
        vec![Group::Document(self.document)]
    }
}

#[cfg(feature = "files")]
impl Storable for Passage {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        // A record without this part is an input.
        let end = if self.ends_document { "." } else { "" };
        let place = (!self.is_input).then(|| Cow::Owned(format!("{}{end}", self.document)));
        [Some(Cow::Borrowed(&self.text)), place, None]
    }

    fn from_parts([text, place, _]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        let number = place.map(|place| place.trim_end_matches('.'));
        Self {
            text: text.unwrap_or_default().to_owned(),
            document: number.and_then(|number| number.parse().ok()).unwrap_or(0),
            ends_document: place.as_ref().is_none_or(|place| place.ends_with('.')),
            is_input: place.is_none(),
            source,
        }
    }
}

impl PassageDataset {
    /// Texts that a trained model is given.
    pub fn of_inputs(texts: TextDataset) -> Self {
        #[cfg(feature = "files")]
        if let Some(passages) = texts.stored_as() {
            return passages;
        }
        let file = texts.examples()[0].source.file.clone();
        let input = |example: TextExample| Passage {
            text: example.text,
            document: 0,
            ends_document: true,
            is_input: true,
            source: example.source,
        };
        let passages = texts.into_vec().into_iter().map(input).collect();
        Self::new(&file, passages).expect("there was a text")
    }
}
