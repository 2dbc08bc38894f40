//! The best documents so far, in bounded memory.

use crate::hit::ranking;
use crate::segment::Segment;

/// A document with a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// Its score.
    pub score: f32,
    /// The position of its segment.
    pub segment: u32,
    /// Its number in the segment.
    pub document: u32,
}

/// The best `k` of the documents that it is shown. Which they are does not depend on the order in which it sees them, since
/// ties of scores are broken by ids.
///
/// Up to twice as many are kept; then the worse half is dropped. That costs constant time for each document, and needs ids
/// only of equal scores, where a heap would ask for them at every step.
#[derive(Debug)]
pub(crate) struct TopK<'a> {
    segments: &'a [Segment],
    k: usize,
    candidates: Vec<Candidate>,
    threshold: f32,
}

impl<'a> TopK<'a> {
    /// The best `k` documents of the segments; `k` is at least 1.
    pub fn new(segments: &'a [Segment], k: usize) -> Self {
        TopK {
            segments,
            k,
            candidates: Vec::new(),
            threshold: f32::NEG_INFINITY,
        }
    }

    /// No lower score can be among the best.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Shows a document, once.
    pub fn push(&mut self, candidate: Candidate) {
        if candidate.score < self.threshold {
            return;
        }
        self.candidates.push(candidate);
        if self.candidates.len() >= 2 * self.k {
            self.drop_worse();
        }
    }

    /// The best of this one and of another one.
    pub fn merge(mut self, other: Self) -> Self {
        for candidate in other.candidates {
            self.push(candidate);
        }
        self
    }

    /// The best documents, best first.
    pub fn into_ranking(mut self) -> Vec<Candidate> {
        let segments = self.segments;
        self.candidates.sort_unstable_by(|a, b| compare(segments, a, b));
        self.candidates.truncate(self.k);
        self.candidates
    }

    fn drop_worse(&mut self) {
        let segments = self.segments;
        let (_, last, _) = self
            .candidates
            .select_nth_unstable_by(self.k - 1, |a, b| compare(segments, a, b));
        self.threshold = last.score;
        self.candidates.truncate(self.k);
    }
}

fn compare(segments: &[Segment], a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    // An id that cannot be read is told when the result is made.
    let id = |c: &Candidate| segments[c.segment as usize].id(c.document).unwrap_or_default();
    match a.score == b.score {
        true => ranking((0.0, id(a)), (0.0, id(b))),
        false => b.score.total_cmp(&a.score),
    }
}
