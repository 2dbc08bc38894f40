//! BM25: how well a document fits a query by the words that both have.

use std::collections::BTreeMap;

use crate::IndexError;
use crate::analyzer::Analyzer;
use crate::hit::Hit;
use crate::segment::Segment;
use crate::top_k::{Candidate, TopK};

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

    /// The best `k` documents for a query, best first, without those that have none of its words.
    pub(crate) fn search(
        &self,
        segments: &[Segment],
        analyzer: Analyzer,
        query: &str,
        k: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        let mut counts = BTreeMap::<String, u32>::new();
        for word in analyzer.words(query) {
            *counts.entry(word).or_default() += 1;
        }
        let documents: usize = segments.iter().map(Segment::live_documents).sum();
        let words: u64 = segments.iter().map(Segment::live_words).sum();
        let average = words as f64 / documents as f64;
        let mut weights = Vec::with_capacity(counts.len());
        for (word, count) in &counts {
            let mut frequency = 0;
            for segment in segments {
                frequency += segment.document_frequency(word)?;
            }
            if frequency > 0 {
                let (all, having) = (documents as f64, frequency as f64);
                let inverse = ((all - having + 0.5) / (having + 0.5)).ln_1p();
                weights.push((word, f64::from(*count) * inverse * (f64::from(self.k1) + 1.0)));
            }
        }
        let mut best = TopK::new(segments, k.min(documents).max(1));
        let mut scores = Vec::new();
        for (number, segment) in segments.iter().enumerate() {
            scores.clear();
            scores.resize(segment.documents() as usize, 0.0_f32);
            for &(word, weight) in &weights {
                self.add_scores(segment, word, weight, average, &mut scores)?;
            }
            for (document, &score) in scores.iter().enumerate() {
                if score > 0.0 && score >= best.threshold() {
                    best.push(Candidate {
                        score,
                        segment: number as u32,
                        document: document as u32,
                    });
                }
            }
        }
        let hit = |candidate: Candidate| {
            Ok(Hit {
                id: segments[candidate.segment as usize]
                    .id(candidate.document)?
                    .to_owned(),
                score: candidate.score,
                passage: None,
            })
        };
        best.into_ranking().into_iter().map(hit).collect()
    }

    fn add_scores(
        &self,
        segment: &Segment,
        word: &str,
        weight: f64,
        average: f64,
        scores: &mut [f32],
    ) -> Result<(), IndexError> {
        let (k1, b) = (f64::from(self.k1), f64::from(self.b));
        segment.each_posting(word, |document, count| {
            let length = segment.words_of(document)? as f64;
            let count = f64::from(count);
            let score = weight * count / (count + k1 * (1.0 - b + b * length / average));
            if let Some(sum) = scores.get_mut(document as usize) {
                *sum += score as f32;
            }
            Ok(())
        })
    }
}
