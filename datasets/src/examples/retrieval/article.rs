//! What a search finds.

#[cfg(feature = "files")]
use std::borrow::Cow;

use serde::Serialize;

use super::Identified;
#[cfg(feature = "files")]
use crate::examples::Storable;
use crate::examples::{Example, Examples};
use crate::source::Source;

/// An article of a collection: a document, or a passage of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Article {
    /// Its id in the collection.
    pub id: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Its text, which may be empty where there is a title.
    pub text: String,
    /// Where it is from.
    #[serde(skip)]
    pub source: Source,
}

/// Articles in the order of their file. Those of a large file are in a temporary file.
pub type Collection = Examples<Article>;

impl Article {
    /// What a model reads of it: title and text, separated by a space, as in BEIR (Thakur et al. 2021).
    pub fn titled_text(&self) -> String {
        match self.title.as_deref().map(str::trim) {
            None | Some("") => self.text.clone(),
            Some(title) => format!("{title} {}", self.text).trim_end().to_owned(),
        }
    }
}

impl Example for Article {
    fn source(&self) -> &Source {
        &self.source
    }
}

impl Identified for Article {
    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(feature = "files")]
impl Storable for Article {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        let title = self.title.as_deref().map(Cow::Borrowed);
        [
            Some(Cow::Borrowed(&self.id)),
            title,
            Some(Cow::Borrowed(&self.text)),
        ]
    }

    fn from_parts([id, title, text]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        Self {
            id: id.unwrap_or_default().to_owned(),
            title: title.map(str::to_owned),
            text: text.unwrap_or_default().to_owned(),
            source,
        }
    }
}
