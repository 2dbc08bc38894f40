//! Truncation to a maximum length, as Hugging Face's `tokenizers` does it.

use tokenizers::{Encoding, TruncationParams, TruncationStrategy};

use super::TokenizerError;

/// The number of tokens that remain of two texts with `a` and `b` tokens if `room` tokens fit (`b` is 0 for one text).
///
/// The shorter text remains complete if it fills at most half of the room. If both are longer, each gets half, and the
/// longer one the odd token, or the second if they have the same length (`truncate_encodings` in
/// `tokenizers/src/utils/truncation.rs`).
pub(super) fn longest_first(a: usize, b: usize, room: usize) -> (usize, usize) {
    if a + b <= room {
        return (a, b);
    }
    let short = a.min(b).min(room / 2);
    if a > b {
        (room - short, short)
    } else {
        (short, room - short)
    }
}

/// Truncates one text or a pair to `room` tokens; the rest goes into the overflowing windows of the texts.
pub(super) fn truncate(
    first: &mut Encoding,
    second: Option<&mut Encoding>,
    room: usize,
    params: &TruncationParams,
) -> Result<(), TokenizerError> {
    let (a, b) = (first.len(), second.as_ref().map_or(0, |s| s.len()));
    let excess = (a + b).saturating_sub(room);
    let no_room = |which, available: usize| TokenizerError::NoRoom {
        max_length: params.max_length,
        which,
        available: available.saturating_sub(1),
        needed: excess,
    };
    let (keep_a, keep_b) = match params.strategy {
        _ if excess == 0 => return Ok(()),
        TruncationStrategy::LongestFirst => longest_first(a, b, room),
        TruncationStrategy::OnlyFirst if a > excess => (a - excess, b),
        TruncationStrategy::OnlyFirst => return Err(no_room("first", a)),
        TruncationStrategy::OnlySecond if b > excess => (a, b - excess),
        TruncationStrategy::OnlySecond => return Err(no_room("second", b)),
    };
    // `Encoding::truncate` panics on a stride that does not fit.
    for (keep, len) in [(keep_a, a), (keep_b, b)] {
        if 0 < keep && keep < len && params.stride >= keep {
            return Err(TokenizerError::Stride {
                stride: params.stride,
                window: keep,
            });
        }
    }
    first.truncate(keep_a, params.stride, params.direction);
    if let Some(second) = second {
        second.truncate(keep_b, params.stride, params.direction);
    }
    Ok(())
}
