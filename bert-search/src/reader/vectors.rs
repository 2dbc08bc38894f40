//! Search by vectors.

use rayon::prelude::*;

use super::IndexReader;
use crate::IndexError;
use crate::files::IndexSettings;
use crate::hit::Hit;
use crate::segment::prepare_all;
use crate::top_k::Candidate;
use crate::vector_search::{ExactScores, QuantizedScores, RowScores, best_documents, rescore};

impl IndexReader {
    /// The `k` documents whose best passages are most similar to each query, best first. Every vector is compared.
    ///
    /// `queries` has one vector of the index's dimension for each query, one after the other. Many queries at once need far less
    /// time than one by one. Equal scores are ordered by id, last first, as trec_eval does. There are fewer results than `k` if
    /// the index has fewer documents.
    ///
    /// The work is done by rayon's threads, and the results do not depend on their number.
    ///
    /// # Errors
    /// If the queries have another dimension, are zero or not finite, if `k` is 0, or if a file is damaged.
    pub fn search(&self, queries: &[f32], k: usize) -> Result<Vec<Vec<Hit>>, IndexError> {
        let queries = self.checked_queries(queries, k)?;
        // The order of the last candidates can change when they are scored in f64.
        let candidates = k.saturating_add(16 + k / 8);
        let scores = ExactScores::new(&queries, self.settings().dimension);
        self.best(&queries, &scores, k, candidates)
    }

    /// As [`search`](Self::search), but all vectors are compared as bytes first, which reads a quarter of the memory, and only
    /// the best `candidates` documents of each query by their exact vectors. The scores are exact. With enough candidates (a few
    /// times `k`), so are the results.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_quantized(
        &self,
        queries: &[f32],
        k: usize,
        candidates: usize,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let queries = self.checked_queries(queries, k)?;
        let scores = QuantizedScores::new(&queries, self.settings().dimension);
        self.best(&queries, &scores, k, candidates.max(k))
    }

    fn best(
        &self,
        queries: &[f32],
        scores: &impl RowScores,
        k: usize,
        candidates: usize,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let candidates = candidates.min(self.len()).max(1);
        let candidates: Vec<Vec<Candidate>> = best_documents(&self.segments, scores, candidates)?;
        queries
            .par_chunks_exact(self.settings().dimension)
            .zip(candidates)
            .map(|(query, candidates)| rescore(&self.segments, query, &candidates, k))
            .collect()
    }

    fn checked_queries(&self, queries: &[f32], k: usize) -> Result<Vec<f32>, IndexError> {
        let IndexSettings {
            dimension,
            similarity,
            ..
        } = *self.settings();
        if dimension == 0 {
            return Err(IndexError::NoVectors(self.dir.clone()));
        }
        if k == 0 {
            return Err(IndexError::ZeroK);
        }
        if !queries.len().is_multiple_of(dimension) {
            return Err(IndexError::QueryDimension {
                values: queries.len(),
                dimension,
            });
        }
        prepare_all(queries, dimension, similarity)
    }
}
