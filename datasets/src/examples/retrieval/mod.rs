//! What a search is trained and measured on: articles, queries, which article answers which query, and rankings.

mod article;
mod example;
mod judgements;
mod query;
mod rankings;

use std::collections::HashMap;

pub use article::{Article, Collection};
pub use example::{JudgedQuery, RetrievalDataset, RetrievalExample};
pub use judgements::{Grades, Judgements};
pub use query::{Queries, Query};
pub use rankings::{Ranked, Rankings};

use super::{Example, Examples};
use crate::error::DataError;

/// Something that others name by its id.
pub trait Identified: Example {
    /// Its id, which nothing else of its file has.
    fn id(&self) -> &str;
}

impl<E: Identified> Examples<E> {
    /// The number of each by its id.
    ///
    /// # Errors
    /// At the first id that occurs twice, or if a temporary file cannot be read.
    pub fn by_id(&self) -> Result<HashMap<Box<str>, usize>, DataError> {
        let mut numbers = HashMap::with_capacity(self.len());
        let mut next = 0;
        self.try_for_each(|example| {
            if let Some(first) = numbers.insert(example.id().into(), next) {
                let line = self.get(first)?.source().line;
                let reason = format!(
                    "the id `{}` is also that of line {line}; ids must be unique",
                    example.id()
                );
                return Err(example.source().error(None, reason));
            }
            next += 1;
            Ok(())
        })?;
        Ok(numbers)
    }
}
