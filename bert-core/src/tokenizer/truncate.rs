//! Cutting texts down to a maximum length, as Hugging Face's `tokenizers` does.

use tokenizers::{Encoding, TruncationParams, TruncationStrategy};

use super::TokenizerError;

/// How many tokens stay of two texts with `a` and `b` tokens, where there is room for `room` (`b` is 0 for one text).
///
/// The shorter text stays whole while it fills no more than half of the room. Where both are longer they get half each,
/// and the longer one the odd token; the second, where they are equally long (`truncate_encodings` in
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

/// Cuts one text or a pair to `room` tokens; what is cut off goes into the texts' overflowing windows.
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
