//! The best documents of a segment for a few words, without scoring all that have them (MaxScore, Turtle and Flood 1995).
//!
//! Documents are taken window by window. For each word, the records of its blocks say how much it can add to a document of the
//! window. The words that cannot lift a document among the best, even together, are frequent ones, mostly: only documents with
//! other words are looked at, and of them only those that can reach the best. Scores and results are those of a plain sum, to
//! the bit: what reaches the best is summed again in the order of the words.

use std::ops::Range;

use crate::IndexError;
use crate::bm25::Formula;
use crate::segment::{Cursor, PostingList, Segment};
use crate::top_k::{Candidate, TopK};

/// The documents of a window, so that a core's cache holds their sums.
const WINDOW: u32 = 4096;

/// How many sums are compared with the limit at once.
const CHUNK: usize = 32;

/// A word of the query.
struct Term<'a> {
    weight: f64,
    /// Where the windows are.
    cursor: Cursor<'a>,
    /// Where documents are looked up.
    lookup: Cursor<'a>,
    /// No document from the window on that has it is before this one.
    next: Option<u32>,
    /// What it can add to a document of the window.
    bound: f64,
    /// How often a document has it.
    count: u32,
}

/// Shows the best documents of a segment to `best`; `words` are those that the segment has, with their weights.
pub(super) fn collect(
    segment: &Segment,
    number: u32,
    formula: &Formula,
    words: &[(f64, PostingList)],
    best: &mut TopK,
) -> Result<(), IndexError> {
    let lengths = segment.lengths()?;
    let mut terms = Vec::with_capacity(words.len());
    for &(weight, list) in words {
        let cursor = Cursor::new(list, lengths)?;
        terms.push(Term {
            weight,
            lookup: cursor.clone(),
            cursor,
            next: None,
            bound: 0.0,
            count: 0,
        });
    }
    // Each sum of f32 is as exact as this.
    let exactness = 1.0 + (terms.len() + 4) as f64 * f64::from(f32::EPSILON);
    let mut sums = vec![0.0_f32; WINDOW as usize];
    let mut order: Vec<usize> = Vec::with_capacity(terms.len());
    let mut start = 0;
    while let Some(window) = next_window(&mut terms, start, segment.documents())? {
        start = window.end;
        order.clear();
        for (i, term) in terms.iter_mut().enumerate() {
            term.count = 0;
            if term.next.is_some_and(|next| next < window.end) {
                let bounds = term.cursor.bounds(&window);
                let scores = bounds.map(|(count, length)| formula.score(term.weight, count, length));
                term.bound = scores.fold(0.0, f64::max);
                order.push(i);
            }
        }
        order.sort_by(|&a, &b| terms[a].bound.total_cmp(&terms[b].bound));
        let threshold = f64::from(best.threshold()) / exactness;
        let (mut rest, mut skipped) = (0.0, 0);
        while skipped < order.len() && rest + terms[order[skipped]].bound < threshold {
            rest += terms[order[skipped]].bound;
            skipped += 1;
        }
        let (skipped, others) = order.split_at_mut(skipped);
        if others.is_empty() {
            continue;
        }
        others.sort_unstable();
        let sums = &mut sums[..window.len()];
        sums.fill(0.0);
        for &i in &*others {
            let Term { weight, cursor, .. } = &mut terms[i];
            cursor.each(&window, |document, count| {
                let score = formula.score(*weight, count, lengths[document as usize]);
                sums[(document - window.start) as usize] += score as f32;
            })?;
        }
        let limit = (((threshold - rest) / exactness) as f32).max(f32::from_bits(1));
        for (chunk, sums) in sums.chunks(CHUNK).enumerate() {
            // This loop over all of them is vector code.
            if !sums.iter().fold(false, |any, &sum| any | (sum >= limit)) {
                continue;
            }
            for (i, &sum) in sums.iter().enumerate().filter(|(_, sum)| **sum >= limit) {
                let document = window.start + (chunk * CHUNK + i) as u32;
                if segment.is_deleted(document) {
                    continue;
                }
                let score = match skipped.is_empty() {
                    true => sum,
                    false => {
                        let length = lengths[document as usize];
                        let needed = f64::from(best.threshold()) / exactness;
                        let possible = f64::from(sum) * exactness + rest;
                        let score = |term: &Term| formula.score(term.weight, term.count, length);
                        match looked_up(&mut terms, skipped, others, document, possible - needed, score)? {
                            Some(score) => score,
                            None => continue,
                        }
                    }
                };
                if score > 0.0 && score >= best.threshold() {
                    best.push(Candidate {
                        score,
                        segment: number,
                        document,
                    });
                }
            }
        }
    }
    Ok(())
}

/// The window of the next documents from `start` on that have a word.
fn next_window(terms: &mut [Term], start: u32, documents: u32) -> Result<Option<Range<u32>>, IndexError> {
    let mut first: Option<u32> = None;
    for term in terms {
        term.next = term.cursor.next_from(start)?;
        first = first.into_iter().chain(term.next).min();
    }
    Ok(first.map(|first| first..first.saturating_add(WINDOW).min(documents)))
}

/// The score of a document, summed in the order of the words. `None` as soon as the words that were skipped leave less than
/// nothing of `more`, which is how much the document can have above what it needs.
fn looked_up(
    terms: &mut [Term],
    skipped: &[usize],
    others: &[usize],
    document: u32,
    mut more: f64,
    score: impl Fn(&Term) -> f64,
) -> Result<Option<f32>, IndexError> {
    for &i in skipped.iter().rev() {
        if more < 0.0 {
            return Ok(None);
        }
        let term = &mut terms[i];
        term.count = term.lookup.count_of(document)?;
        more -= term.bound;
        if term.count > 0 {
            more += score(term);
        }
    }
    if more < 0.0 {
        return Ok(None);
    }
    for &i in others {
        terms[i].count = terms[i].lookup.count_of(document)?;
    }
    let scores = terms
        .iter()
        .filter(|term| term.count > 0)
        .map(|term| score(term) as f32);
    Ok(Some(scores.sum()))
}
