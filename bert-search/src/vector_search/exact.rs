//! Dot products of f32.

use std::ops::Range;

use super::dot_product::write_dot_products;
use super::scan::RowScores;
use crate::IndexError;
use crate::segment::Segment;

/// The dot products of queries and vectors.
#[derive(Debug)]
pub(crate) struct ExactScores<'a> {
    queries: &'a [f32],
    dimension: usize,
}

impl<'a> ExactScores<'a> {
    /// Of these queries, one after the other.
    pub fn new(queries: &'a [f32], dimension: usize) -> Self {
        ExactScores { queries, dimension }
    }
}

impl RowScores for ExactScores<'_> {
    fn queries(&self) -> usize {
        self.queries.len() / self.dimension
    }

    fn row_bytes(&self) -> usize {
        4 * self.dimension
    }

    fn write(
        &self,
        segment: &Segment,
        rows: Range<usize>,
        queries: Range<usize>,
        scores: &mut [f32],
    ) -> Result<(), IndexError> {
        let queries = &self.queries[queries.start * self.dimension..queries.end * self.dimension];
        write_dot_products(queries, segment.vectors(rows)?, self.dimension, scores);
        Ok(())
    }
}
