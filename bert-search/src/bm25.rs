//! BM25: how well a document fits a query by the words that both have.

use crate::IndexError;

/// The parameters of BM25 (Robertson et al. 1994). They are chosen for a search, not for an index.
///
/// A document of `length` words, `average` of which a document has, gets for each word of the query that it has `count` times
///
/// ```text
/// ln(1 + (N - n + 0.5) / (n + 0.5)) · count · (k1 + 1) / (count + k1 · (1 - b + b · length / average))
/// ```
///
/// where `n` of the `N` documents have the word. A word that the query has twice counts twice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bm25 {
    /// How much further occurrences of a word add; at 0, nothing.
    pub k1: f32,
    /// How much long documents are held back, from 0, not at all, to 1.
    pub b: f32,
}

impl Default for Bm25 {
    fn default() -> Self {
        Bm25 { k1: 1.2, b: 0.75 }
    }
}

impl Bm25 {
    pub(crate) fn check(&self) -> Result<(), IndexError> {
        let wrong = |name, value, range| Err(IndexError::Parameter { name, value, range });
        if !(self.k1.is_finite() && self.k1 >= 0.0) {
            return wrong("k1", self.k1, "0 or more");
        }
        if !(0.0..=1.0).contains(&self.b) {
            return wrong("b", self.b, "from 0 to 1");
        }
        Ok(())
    }
}

/// Documents of less words have the part of their length in the formula in a table.
const TABLE: u32 = 4096;

/// The formula for a collection.
#[derive(Debug)]
pub(crate) struct Formula {
    bm25: Bm25,
    documents: f64,
    average: f64,
    /// `k1 · (1 - b + b · length / average)` by length.
    parts: Vec<f64>,
}

impl Formula {
    /// For a collection of so many documents that have so many words together.
    pub fn new(bm25: Bm25, documents: usize, words: f64) -> Self {
        let mut formula = Formula {
            bm25,
            documents: documents as f64,
            average: words / documents as f64,
            parts: Vec::new(),
        };
        formula.parts = (0..TABLE).map(|length| formula.part(length)).collect();
        formula
    }

    /// The weight of a word that `having` documents have, and the query `count` times.
    pub fn weight(&self, having: u64, count: u32) -> f64 {
        let having = having as f64;
        let inverse = ((self.documents - having + 0.5) / (having + 0.5)).ln_1p();
        f64::from(count) * inverse * (f64::from(self.bm25.k1) + 1.0)
    }

    /// What a word of a weight gives a document that has it `count` times, and `length` words in all. It grows with the count,
    /// and falls with the length.
    #[inline]
    pub fn score(&self, weight: f64, count: u32, length: u32) -> f64 {
        let part = match self.parts.get(length as usize) {
            Some(&part) => part,
            None => self.part(length),
        };
        let count = f64::from(count);
        weight * count / (count + part)
    }

    fn part(&self, length: u32) -> f64 {
        let (k1, b) = (f64::from(self.bm25.k1), f64::from(self.bm25.b));
        k1 * (1.0 - b + b * f64::from(length) / self.average)
    }
}
