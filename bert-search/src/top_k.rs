//! The best documents so far, in bounded memory.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

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

    /// Takes over a threshold from other threads, and gives them this one.
    pub fn exchange(&mut self, shared: &SharedThreshold) {
        self.threshold = shared.raise(self.threshold);
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
        // A threshold of another thread can be higher already.
        self.threshold = self.threshold.max(last.score);
        self.candidates.truncate(self.k);
    }
}

fn compare(segments: &[Segment], a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    // An id that cannot be read is an error when the result is made.
    let id = |c: &Candidate| segments[c.segment as usize].id(c.document).unwrap_or_default();
    match a.score == b.score {
        true => ranking((0.0, id(a)), (0.0, id(b))),
        false => b.score.total_cmp(&a.score),
    }
}

/// The highest threshold that a thread has found. The best documents of all threads together reach it, so that all of them may
/// leave out lower scores.
#[derive(Debug)]
pub(crate) struct SharedThreshold(AtomicU32);

impl SharedThreshold {
    /// Lower than all scores.
    pub fn new() -> Self {
        SharedThreshold(AtomicU32::new(ordered(f32::NEG_INFINITY)))
    }

    /// Raises it to a threshold, if that is higher, and returns the higher one.
    fn raise(&self, threshold: f32) -> f32 {
        let bits = ordered(threshold);
        let before = match self.0.load(Relaxed) {
            higher if higher >= bits => higher,
            _ => self.0.fetch_max(bits, Relaxed),
        };
        float(before.max(bits))
    }
}

/// Bits that are ordered as the numbers are.
fn ordered(x: f32) -> u32 {
    let bits = x.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

fn float(ordered: u32) -> f32 {
    f32::from_bits(if ordered >> 31 == 1 {
        ordered & !(1 << 31)
    } else {
        !ordered
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_ordered_as_numbers() {
        let numbers = [
            f32::NEG_INFINITY,
            -2.5,
            -1e-40,
            0.0,
            1e-40,
            0.3,
            7.0,
            f32::INFINITY,
        ];
        assert!(numbers.map(ordered).is_sorted());
        assert_eq!(numbers.map(|x| float(ordered(x))), numbers);
    }

    #[test]
    fn thresholds_only_rise() {
        let shared = SharedThreshold::new();
        let raised = [-1.0, -3.0, 0.5, 0.25].map(|threshold| shared.raise(threshold));
        assert_eq!(raised, [-1.0, -1.0, 0.5, 0.5]);
    }
}
