//! The best spans of a passage, from the scores of its tokens as start and as end.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

/// From a start to an end, both included, with the sum of their scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The first token.
    pub start: usize,
    /// The last token, not before the first.
    pub end: usize,
    /// The start's score and the end's.
    pub score: f32,
}

/// The span `i <= j` of at most `longest` tokens with the highest `starts[i] + ends[j]`; of equal ones the first to
/// start, then the first to end. `None` without tokens.
///
/// The possible ends of a start form a sliding window, and a queue keeps the ends that can still be the best of the window.
/// Each token enters and leaves the queue at most once, so the time is linear in the number of tokens for any `longest`.
///
/// ```
/// use bert_tasks::question_answering::span::best_span;
/// let best = best_span(&[0.0, 2.0, 1.0], &[5.0, 0.5, 1.0], 3).unwrap();
/// assert_eq!((best.start, best.end, best.score), (0, 0, 5.0));
/// ```
///
/// # Panics
/// If there are not as many starts as ends, or `longest` is 0.
pub fn best_span(starts: &[f32], ends: &[f32], longest: usize) -> Option<Span> {
    let bests = best_ends(starts, ends, longest);
    let spans = bests
        .into_iter()
        .enumerate()
        .map(|(start, end)| span(starts, ends, start, end));
    spans.reduce(|best, next| if next.score > best.score { next } else { best })
}

/// The `n` best spans, the best first, equal ones in the order of [`best_span`].
///
/// Every start has a best end, found as in [`best_span`]; a heap gives the best of these, and when a start's best end is
/// taken, its next best end enters the heap. Time `O(length + n * (longest + log length))`.
///
/// # Panics
/// If there are not as many starts as ends, or `longest` is 0.
pub fn n_best_spans(starts: &[f32], ends: &[f32], longest: usize, n: usize) -> Vec<Span> {
    let bests = best_ends(starts, ends, longest);
    let longest = longest.min(starts.len());
    let spans = bests
        .into_iter()
        .enumerate()
        .map(|(start, end)| Ranked(span(starts, ends, start, end)));
    let mut heap: BinaryHeap<Ranked> = spans.collect();
    let mut found = vec![];
    while found.len() < n {
        let Some(Ranked(best)) = heap.pop() else { break };
        found.push(best);
        // The next best end of this start: the next equal one, else the highest of the lower ones.
        let reach = best.start..starts.len().min(best.start + longest);
        let after =
            |end: &usize| ends[*end] < ends[best.end] || (ends[*end] == ends[best.end] && *end > best.end);
        let next = reach
            .filter(after)
            .reduce(|a, b| if ends[b] > ends[a] { b } else { a });
        heap.extend(next.map(|end| Ranked(span(starts, ends, best.start, end))));
    }
    found
}

fn span(starts: &[f32], ends: &[f32], start: usize, end: usize) -> Span {
    Span {
        start,
        end,
        score: starts[start] + ends[end],
    }
}

/// For each start the first of the highest ends within reach.
fn best_ends(starts: &[f32], ends: &[f32], longest: usize) -> Vec<usize> {
    assert_eq!(starts.len(), ends.len(), "every token can be a start and an end");
    assert!(longest > 0, "a span has at least one token");
    let mut bests = vec![0; starts.len()];
    // Ends from the nearest to the farthest, each higher than all nearer ones.
    let mut queue: VecDeque<usize> = VecDeque::new();
    for start in (0..starts.len()).rev() {
        if queue.back().is_some_and(|&end| end - start >= longest) {
            queue.pop_back();
        }
        while queue.front().is_some_and(|&end| ends[end] <= ends[start]) {
            queue.pop_front();
        }
        queue.push_front(start);
        bests[start] = *queue.back().expect("the start itself is there");
    }
    bests
}

/// Orders spans so that the heap's greatest is the best.
struct Ranked(Span);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (&self.0, &other.0);
        a.score
            .total_cmp(&b.score)
            .then(b.start.cmp(&a.start))
            .then(b.end.cmp(&a.end))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every span, the best first.
    fn all(starts: &[f32], ends: &[f32], longest: usize) -> Vec<Span> {
        let mut all: Vec<Span> = (0..starts.len())
            .flat_map(|i| (i..starts.len().min(i.saturating_add(longest))).map(move |j| (i, j)))
            .map(|(i, j)| span(starts, ends, i, j))
            .collect();
        all.sort_by_key(|span| std::cmp::Reverse(Ranked(*span)));
        all
    }

    /// Whole numbers, so that many scores are equal.
    fn noise(count: usize, seed: usize, range: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i + 1) * (seed + 7) * 2_654_435_761 % 1_000_003 % range) as f32 - range as f32 / 2.0)
            .collect()
    }

    #[test]
    fn as_a_search_through_all_spans() {
        for seed in 0..300 {
            let length = 1 + seed % 23;
            let (starts, ends) = (noise(length, seed, 9), noise(length, seed + 1000, 9));
            for longest in [1, 2, 5, 40, usize::MAX] {
                let expected = all(&starts, &ends, longest);
                assert_eq!(best_span(&starts, &ends, longest), expected.first().copied());
                for n in [1, 3, 20, 1000] {
                    let found = n_best_spans(&starts, &ends, longest, n);
                    assert_eq!(
                        found,
                        expected[..n.min(expected.len())],
                        "{starts:?} {ends:?} {longest}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_tokens_have_no_span() {
        assert_eq!(best_span(&[], &[], 3), None);
        assert!(n_best_spans(&[], &[], 3, 5).is_empty());
    }
}
