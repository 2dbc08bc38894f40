//! The scan over all vectors: blocks that stay in cache, on all cores, and the best documents of each query.

use std::ops::Range;

use rayon::prelude::*;

use crate::IndexError;
use crate::segment::Segment;
use crate::top_k::{Candidate, SharedThreshold, TopK};

/// The bytes of a block of rows, so that a core's cache holds it with the queries.
const BLOCK_BYTES: usize = 256 << 10;

/// How many queries are compared with a block before the next one is read.
const QUERIES: usize = 64;

/// How many scores are compared with the threshold at once.
const CHUNK: usize = 32;

/// Scores of rows for queries.
pub(crate) trait RowScores: Sync {
    /// How many queries there are.
    fn queries(&self) -> usize;

    /// The bytes of a row.
    fn row_bytes(&self) -> usize;

    /// Writes the score of each query and row, query after query, row after row.
    fn write(
        &self,
        segment: &Segment,
        rows: Range<usize>,
        queries: Range<usize>,
        scores: &mut [f32],
    ) -> Result<(), IndexError>;
}

/// Rows of whole documents.
#[derive(Debug)]
struct Block {
    segment: usize,
    rows: Range<usize>,
    documents: Range<u32>,
}

/// The best `k` documents for each query, best first. A document has the score of its best passage.
pub(crate) fn best_documents(
    segments: &[Segment],
    scores: &impl RowScores,
    k: usize,
) -> Result<Vec<Vec<Candidate>>, IndexError> {
    let blocks = blocks(segments, BLOCK_BYTES / scores.row_bytes().max(1))?;
    let mut rankings = Vec::with_capacity(scores.queries());
    for first in (0..scores.queries()).step_by(QUERIES) {
        let queries = first..scores.queries().min(first + QUERIES);
        let start = || State {
            best: queries.clone().map(|_| TopK::new(segments, k)).collect(),
            scores: Vec::new(),
        };
        let thresholds: Vec<_> = queries.clone().map(|_| SharedThreshold::new()).collect();
        let state = blocks
            .par_iter()
            .try_fold(start, |state, block| {
                state.scan(segments, block, scores, &queries, &thresholds)
            })
            .try_reduce(start, |a, b| Ok(a.merge(b)))?;
        rankings.par_extend(state.best.into_par_iter().map(TopK::into_ranking));
    }
    Ok(rankings)
}

/// Blocks of about so many rows; a document is never in two of them.
fn blocks(segments: &[Segment], rows: usize) -> Result<Vec<Block>, IndexError> {
    let mut blocks = Vec::new();
    for (number, segment) in segments.iter().enumerate() {
        let mut start = 0;
        while start < segment.rows() {
            let last = (start + rows.max(1)).min(segment.rows()) - 1;
            let all = 0..segment.documents();
            let (first, last_document) = (
                segment.document_of(start, &all)?,
                segment.document_of(last, &all)?,
            );
            let end = segment.rows_of(last_document)?.end;
            if end <= last {
                return Err(IndexError::damaged(segment.dir(), "its rows are not in order"));
            }
            blocks.push(Block {
                segment: number,
                rows: start..end,
                documents: first..last_document + 1,
            });
            start = end;
        }
    }
    Ok(blocks)
}

/// What a thread has found.
struct State<'a> {
    best: Vec<TopK<'a>>,
    scores: Vec<f32>,
}

impl State<'_> {
    fn scan(
        mut self,
        segments: &[Segment],
        block: &Block,
        scores: &impl RowScores,
        queries: &Range<usize>,
        thresholds: &[SharedThreshold],
    ) -> Result<Self, IndexError> {
        let segment = &segments[block.segment];
        let rows = block.rows.len();
        self.scores.resize(queries.len() * rows, 0.0);
        scores.write(segment, block.rows.clone(), queries.clone(), &mut self.scores)?;
        let of_queries = self.best.iter_mut().zip(self.scores.chunks_exact(rows));
        for ((best, scores), threshold) in of_queries.zip(thresholds) {
            best.exchange(threshold);
            collect(segment, block, scores, best)?;
        }
        Ok(self)
    }

    fn merge(mut self, other: Self) -> Self {
        let both = self.best.into_iter().zip(other.best);
        self.best = both.map(|(a, b)| a.merge(b)).collect();
        self
    }
}

/// Shows the documents of a block to `best`.
fn collect(segment: &Segment, block: &Block, scores: &[f32], best: &mut TopK) -> Result<(), IndexError> {
    let mut row = 0;
    while row < scores.len() {
        let chunk = &scores[row..scores.len().min(row + CHUNK)];
        // Most chunks have no score that matters; this loop over all of them is vector code.
        let threshold = best.threshold();
        if !chunk.iter().fold(false, |any, &score| any | (score >= threshold)) {
            row += chunk.len();
            continue;
        }
        let end = row + chunk.len();
        while row < end {
            if scores[row] < best.threshold() {
                row += 1;
                continue;
            }
            let document = segment.document_of(block.rows.start + row, &block.documents)?;
            let rows = segment.rows_of(document)?;
            let first = rows.start.checked_sub(block.rows.start);
            let found = first.and_then(|first| Some((first, scores.get(first..first + rows.len())?)));
            let Some((first, passages)) = found.filter(|(first, found)| row < first + found.len()) else {
                return Err(IndexError::damaged(segment.dir(), "its rows are not in order"));
            };
            if !segment.is_deleted(document) {
                best.push(Candidate {
                    score: passages.iter().copied().fold(f32::NEG_INFINITY, f32::max),
                    segment: block.segment as u32,
                    document,
                });
            }
            row = first + passages.len();
        }
    }
    Ok(())
}
