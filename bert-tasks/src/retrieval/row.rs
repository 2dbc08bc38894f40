//! Encoded queries and articles.

use std::hash::{DefaultHasher, Hash, Hasher};

use bert_core::Encoding;
use serde::{Deserialize, Serialize};

use crate::task::EncodedRow;

/// A query or an article, as token ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetrievalRow {
    /// Its token ids, special tokens among them; all of the first segment.
    pub ids: Vec<u32>,
    /// The number of its example in the dataset.
    pub example: usize,
    /// Whether it was truncated.
    pub truncated: bool,
    /// What is known about articles, for a query; none for an article.
    pub judged: Option<JudgedArticles>,
}

/// What is known about articles for a query: their numbers in the dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedArticles {
    /// The relevant ones.
    pub relevant: Vec<u32>,
    /// Hard negatives.
    pub negatives: Vec<u32>,
}

/// The keys of queries have this bit, those of articles have not.
const QUERY: u64 = 1 << 63;

impl RetrievalRow {
    pub(super) fn encoding(&self) -> Encoding {
        Encoding {
            ids: self.ids.clone(),
            type_ids: vec![0; self.ids.len()],
            truncated: self.truncated,
        }
    }
}

impl EncodedRow for RetrievalRow {
    const HAS_KEYS: bool = true;

    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.ids.len()
    }

    fn is_truncated(&self) -> bool {
        self.truncated
    }

    fn count_of(&self, id: u32) -> usize {
        self.ids.iter().filter(|&&other| other == id).count()
    }

    fn is_companion(&self) -> bool {
        self.judged.is_none()
    }

    /// The tokens of the query, and each relevant article: so no batch has a query twice, or an article that is relevant for
    /// two of its queries.
    fn keys(&self) -> Vec<u64> {
        let relevant = self.judged.iter().flat_map(|judged| &judged.relevant);
        let mut hash = DefaultHasher::new();
        self.ids.hash(&mut hash);
        relevant
            .map(|&article| u64::from(article))
            .chain([hash.finish() | QUERY])
            .collect()
    }
}
