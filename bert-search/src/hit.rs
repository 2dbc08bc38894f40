//! Results of a search.

use std::cmp::Ordering;

/// A document that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The id of the document.
    pub id: String,
    /// How well it fits; what the number means depends on the search.
    pub score: f32,
    /// Which of its passages fits best, from 0, if vectors were compared.
    pub passage: Option<usize>,
}

/// The order of results: the score, highest first, then the id as bytes, last first, which is how trec_eval breaks ties.
pub(crate) fn ranking(a: (f32, &str), b: (f32, &str)) -> Ordering {
    b.0.total_cmp(&a.0).then_with(|| b.1.cmp(a.1))
}
