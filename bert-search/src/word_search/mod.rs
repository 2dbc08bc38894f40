//! Search by words: the documents that have words of a query, scored by BM25.

mod max_score;

use std::collections::BTreeMap;

use crate::IndexError;
use crate::analyzer::Analyzer;
use crate::bm25::{Bm25, Formula};
use crate::hit::Hit;
use crate::segment::{PostingList, Segment};
use crate::top_k::{Candidate, TopK};

use max_score::collect;

/// A search by words, for any number of queries.
#[derive(Debug)]
pub(crate) struct WordSearch<'a> {
    segments: &'a [Segment],
    analyzer: Analyzer,
    documents: usize,
    formula: Formula,
}

impl<'a> WordSearch<'a> {
    /// In these segments. Deleted documents count in no statistics.
    pub fn new(segments: &'a [Segment], analyzer: Analyzer, bm25: Bm25) -> Self {
        let documents = segments.iter().map(Segment::live_documents).sum();
        let words = segments.iter().map(|segment| segment.live_words() as f64).sum();
        WordSearch {
            segments,
            analyzer,
            documents,
            formula: Formula::new(bm25, documents, words),
        }
    }

    /// The best `k` documents for a query, best first, without those that have none of its words.
    pub fn best(&self, query: &str, k: usize) -> Result<Vec<Hit>, IndexError> {
        let mut counts = BTreeMap::<String, u32>::new();
        for word in self.analyzer.words(query) {
            *counts.entry(word).or_default() += 1;
        }
        // The words that each segment has, with their weights.
        let mut words: Vec<Vec<(f64, PostingList)>> = vec![Vec::new(); self.segments.len()];
        for (word, count) in &counts {
            let mut lists = Vec::new();
            let mut frequency = 0;
            for (segment, words) in self.segments.iter().zip(&mut words) {
                if let Some((list, live)) = segment.postings(word)? {
                    frequency += live;
                    lists.push((words, list));
                }
            }
            if frequency > 0 {
                let weight = self.formula.weight(frequency, *count);
                lists
                    .into_iter()
                    .for_each(|(words, list)| words.push((weight, list)));
            }
        }
        let mut best = TopK::new(self.segments, k.min(self.documents).max(1));
        for (number, (segment, words)) in self.segments.iter().zip(words).enumerate() {
            collect(segment, number as u32, &self.formula, &words, &mut best)?;
        }
        let hit = |candidate: Candidate| {
            let segment = &self.segments[candidate.segment as usize];
            Ok(Hit {
                id: segment.id(candidate.document)?.to_owned(),
                score: candidate.score,
                passage: None,
            })
        };
        best.into_ranking().into_iter().map(hit).collect()
    }
}
