//! What somebody searches for.

#[cfg(feature = "files")]
use std::borrow::Cow;

use serde::Serialize;

use super::Identified;
#[cfg(feature = "files")]
use crate::examples::Storable;
use crate::examples::{Example, Examples};
use crate::source::Source;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Query {
    /// Its id.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Where it is from.
    #[serde(skip)]
    pub source: Source,
}

/// Queries in the order of their file.
pub type Queries = Examples<Query>;

impl Example for Query {
    fn source(&self) -> &Source {
        &self.source
    }
}

impl Identified for Query {
    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(feature = "files")]
impl Storable for Query {
    fn parts(&self) -> [Option<Cow<'_, str>>; 3] {
        [
            Some(Cow::Borrowed(&self.id)),
            Some(Cow::Borrowed(&self.text)),
            None,
        ]
    }

    fn from_parts([id, text, _]: [Option<&str>; 3], source: Source, _: Option<&Self>) -> Self {
        Self {
            id: id.unwrap_or_default().to_owned(),
            text: text.unwrap_or_default().to_owned(),
            source,
        }
    }
}
