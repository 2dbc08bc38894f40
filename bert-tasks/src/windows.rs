//! Cuts texts that are too long for the encoder into overlapping windows.

use std::ops::Range;

/// Windows over pieces that must not be cut, such as words of several tokens: each is a range of pieces of at most `room`
/// tokens, and neighbours share as many whole pieces as `overlap` tokens hold.
///
/// A piece that is longer than `room` alone gets a window of its own; the caller cuts it.
///
/// ```
/// use bert_tasks::windows::windows;
/// assert_eq!(windows(&[1, 1, 1, 1, 1, 1], 4, 2), [0..4, 2..6]);
/// assert_eq!(windows(&[2, 2], 4, 2), [0..2]);
/// ```
///
/// # Panics
/// If `room` is 0.
pub fn windows(lengths: &[usize], room: usize, overlap: usize) -> Vec<Range<usize>> {
    assert!(room > 0, "a window holds something");
    let mut all: Vec<Range<usize>> = vec![];
    let mut start = 0;
    loop {
        let (mut end, mut tokens) = (start, 0);
        while end < lengths.len() && (end == start || tokens + lengths[end] <= room) {
            tokens += lengths[end];
            end += 1;
        }
        all.push(start..end);
        if end == lengths.len() {
            return all;
        }
        // Back from the end as far as the overlap asks, but always at least one piece further than before.
        let (mut next, mut shared) = (end, 0);
        while next > start + 1 && shared + lengths[next - 1] <= overlap {
            next -= 1;
            shared += lengths[next];
        }
        start = next;
    }
}

/// For each piece, the window in which it has most context: the greatest number of tokens on its poorer side, where a
/// side on which nothing is cut off is never the poorer one. The first such window where several are equal.
pub fn assign(lengths: &[usize], windows: &[Range<usize>]) -> Vec<usize> {
    let mut best: Vec<(usize, usize)> = vec![(0, 0); lengths.len()];
    let mut seen = vec![false; lengths.len()];
    for (number, window) in windows.iter().enumerate() {
        let total: usize = lengths[window.clone()].iter().sum();
        let mut before = 0;
        for piece in window.clone() {
            let after = total - before - lengths[piece];
            let left = if window.start == 0 { usize::MAX } else { before };
            let right = if window.end == lengths.len() {
                usize::MAX
            } else {
                after
            };
            let context = left.min(right);
            if !seen[piece] || context > best[piece].1 {
                best[piece] = (number, context);
                seen[piece] = true;
            }
            before += lengths[piece];
        }
    }
    best.into_iter().map(|(number, _)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_in_a_window_and_no_window_is_too_long() {
        for seed in 0..200usize {
            let count = 1 + seed * 7 % 40;
            let lengths: Vec<usize> = (0..count).map(|i| 1 + (i * 5 + seed) % 4).collect();
            let (room, overlap) = (4 + seed % 13, seed % 9);
            let found = windows(&lengths, room, overlap);
            let mut covered = vec![false; count];
            for (n, window) in found.iter().enumerate() {
                assert!(
                    lengths[window.clone()].iter().sum::<usize>() <= room,
                    "{window:?}"
                );
                window.clone().for_each(|piece| covered[piece] = true);
                if n > 0 {
                    assert!(window.start > found[n - 1].start && window.start <= found[n - 1].end);
                }
            }
            assert!(covered.iter().all(|&covered| covered));
            for (piece, &number) in assign(&lengths, &found).iter().enumerate() {
                assert!(found[number].contains(&piece));
            }
        }
    }

    #[test]
    fn a_piece_longer_than_the_room_stands_alone() {
        assert_eq!(windows(&[1, 9, 1], 4, 1), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn a_piece_goes_where_its_context_is() {
        let lengths = [1; 10];
        let found = windows(&lengths, 6, 4);
        assert_eq!(found, [0..6, 2..8, 4..10]);
        // Piece 3 has 2 tokens after it in the first window and 1 before it in the second.
        assert_eq!(assign(&lengths, &found), [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]);
        assert_eq!(assign(&[1, 1, 1], &windows(&[1, 1, 1], 3, 1)), [0, 0, 0]);
    }
}
