//! Search by words, and by both.

use rayon::prelude::*;

use super::IndexReader;
use crate::IndexError;
use crate::bm25::Bm25;
use crate::fusion::{RANK_CONSTANT, reciprocal_rank_fusion};
use crate::hit::Hit;
use crate::word_search::WordSearch;

/// How [`IndexReader::search_hybrid`] searches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HybridOptions {
    /// How many results of each search are fused, or `k` if that is more.
    pub depth: usize,
    /// The constant of reciprocal rank fusion.
    pub constant: f32,
    /// The parameters of BM25.
    pub bm25: Bm25,
}

impl Default for HybridOptions {
    fn default() -> Self {
        HybridOptions {
            depth: 1000,
            constant: RANK_CONSTANT,
            bm25: Bm25::default(),
        }
    }
}

impl IndexReader {
    /// The `k` documents whose titles and texts fit the words of each query best, best first.
    ///
    /// A query is plain text: it has no syntax, and every character is allowed. Documents with none of its words are no results.
    /// Deleted documents count in no statistics, so that a merge changes no score.
    ///
    /// # Errors
    /// If the index was created without an [`Analyzer`](crate::Analyzer), if `k` is 0 or a parameter is out of its range, or if a
    /// file is damaged.
    pub fn search_words<S: AsRef<str> + Sync>(
        &self,
        queries: &[S],
        k: usize,
        bm25: &Bm25,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let analyzer = self.settings().analyzer;
        let analyzer = analyzer.ok_or_else(|| IndexError::NoWords(self.dir.clone()))?;
        bm25.check()?;
        if k == 0 {
            return Err(IndexError::ZeroK);
        }
        let search = WordSearch::new(&self.segments, analyzer, *bm25);
        queries
            .par_iter()
            .map(|query| search.best(query.as_ref(), k))
            .collect()
    }

    /// The `k` documents that are best for each query by vectors and by words: [`search`](Self::search) and
    /// [`search_words`](Self::search_words), fused by [`reciprocal_rank_fusion`].
    ///
    /// # Errors
    /// As those, and if there are not as many texts as vectors.
    pub fn search_hybrid<S: AsRef<str> + Sync>(
        &self,
        vectors: &[f32],
        texts: &[S],
        k: usize,
        options: &HybridOptions,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        if k == 0 {
            return Err(IndexError::ZeroK);
        }
        if !(options.constant.is_finite() && options.constant >= 0.0) {
            return Err(IndexError::Parameter {
                name: "the constant of rank fusion",
                value: options.constant,
                range: "0 or more",
            });
        }
        let depth = options.depth.max(k);
        let by_vectors = self.search(vectors, depth)?;
        if by_vectors.len() != texts.len() {
            return Err(IndexError::QueryCount {
                texts: texts.len(),
                vectors: by_vectors.len(),
            });
        }
        let by_words = self.search_words(texts, depth, &options.bm25)?;
        let both = by_vectors.iter().zip(&by_words);
        Ok(both
            .map(|(vectors, words)| reciprocal_rank_fusion(&[vectors, words], k, options.constant))
            .collect())
    }
}
