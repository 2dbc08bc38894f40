//! Matrix products of numbers rounded to bfloat16, with sums in f32, where the processor multiplies pairs of them.
//!
//! A pair is two neighbours along the depth, the first in the lower half of 32 bits; `vdpbf16ps` multiplies sixteen pairs
//! with sixteen others and adds both products to sixteen sums. So a packed matrix of pairs has half the depth of one of
//! floats, and otherwise the same layout.

#![allow(unsafe_code)]
// Only x86-64 multiplies pairs.
#![cfg_attr(not(target_arch = "x86_64"), allow(unused))]

use super::matrix::Matrix;
use super::microkernel::Accumulate;
use crate::ops::flex::parallel::{self, MatrixMut};

/// Whether this machine multiplies pairs, and the environment allows its widest vectors.
pub(in crate::ops) fn available() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        parallel::widest() && pulp::x86::V4::try_new().is_some() && is_x86_feature_detected!("avx512bf16")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// The columns of a panel of pairs.
pub(super) const WIDTH: usize = 32;

/// The nearest bfloat16, ties to even, in the upper half of the bits; NaN stays NaN.
#[inline(always)]
fn rounded(x: f32) -> u32 {
    let bits = x.to_bits();
    let nearest = bits.wrapping_add(0x7fff + ((bits >> 16) & 1));
    if bits & 0x7fff_ffff > 0x7f80_0000 {
        bits | 0x0040_0000
    } else {
        nearest
    }
}

/// Two neighbours along the depth.
#[inline(always)]
fn pair(first: f32, second: f32) -> u32 {
    (rounded(first) >> 16) | (rounded(second) & 0xffff_0000)
}

/// A pair as the float with these bits, which is only stored.
#[inline(always)]
fn stored(pair: u32) -> f32 {
    f32::from_bits(pair)
}

/// Rows of floats to rows of pairs of neighbours; zero is the second of the last, where the depth is odd.
#[inline(always)]
pub(super) fn pair_row(from: &[f32], to: &mut [f32]) {
    let (pairs, rest) = from.as_chunks::<2>();
    for (to, [first, second]) in to.iter_mut().zip(pairs) {
        *to = stored(pair(*first, *second));
    }
    if let [last] = rest {
        to[pairs.len()] = stored(pair(*last, 0.0));
    }
}

/// Two rows to one row of pairs, column by column; a missing row is a row of zeros.
#[inline(always)]
pub(super) fn pair_rows(first: &[f32], second: Option<&[f32]>, to: &mut [f32]) {
    match second {
        Some(second) => {
            for ((to, first), second) in to.iter_mut().zip(first).zip(second) {
                *to = stored(pair(*first, *second));
            }
        }
        None => {
            for (to, first) in to.iter_mut().zip(first) {
                *to = stored(pair(*first, 0.0));
            }
        }
    }
}

/// One panel of pairs: those from the row `first` on that `to` has room for, the columns from `column` on; zero beyond
/// the last.
#[inline(always)]
pub(super) fn pack(matrix: Matrix, [first, column]: [usize; 2], to: &mut [f32]) {
    let [depth, columns] = matrix.dims();
    let real = WIDTH.min(columns - column);
    let range = column..column + real;
    if let Some(row) = matrix.by_rows() {
        for (i, to) in to.chunks_exact_mut(WIDTH).enumerate() {
            let (above, below) = (first + 2 * i, first + 2 * i + 1);
            let below = (below < depth).then(|| &row(below)[range.clone()]);
            let (to, rest) = to.split_at_mut(real);
            pair_rows(&row(above)[range.clone()], below, to);
            rest.fill(0.0);
        }
        return;
    }
    // Along the source's columns, sixteen pairs at a time, which share two cache lines there.
    for (block, rows) in to.chunks_mut(16 * WIDTH).enumerate() {
        for j in 0..WIDTH {
            for (i, row) in rows.chunks_exact_mut(WIDTH).enumerate() {
                let above = first + 2 * (16 * block + i);
                let element = |row| {
                    if j < real && row < depth {
                        matrix.at(row, column + j)
                    } else {
                        0.0
                    }
                };
                row[j] = stored(pair(element(above), element(above + 1)));
            }
        }
    }
}

/// `to = left * panels`, or `to += `, of matrices of pairs: `left` is `[rows, pairs]`, the panels are [`WIDTH`] wide and
/// follow each other.
pub(super) fn multiply(left: Matrix, panels: &[f32], to: MatrixMut, accumulate: Accumulate) {
    let ([rows, columns], pairs) = (to.dims(), left.dims()[1]);
    assert!(available(), "a machine that multiplies pairs");
    assert_eq!(left.dims()[0], rows, "as many rows as the output has");
    assert!(
        columns.div_ceil(WIDTH) * WIDTH * pairs <= panels.len(),
        "panels for all columns"
    );
    #[cfg(target_arch = "x86_64")]
    // SAFETY: checked above.
    unsafe {
        multiply_checked(left, panels, to, accumulate == Accumulate::Yes);
    }
}

/// # Safety
/// See the checks of [`multiply`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn multiply_checked(left: Matrix, panels: &[f32], mut to: MatrixMut, accumulate: bool) {
    use super::microkernel::ROWS;
    let ([rows, columns], pairs) = (to.dims(), left.dims()[1]);
    let (from, [down, right]) = (left.data().as_ptr(), left.strides());
    let (stride, to) = (to.stride(), to.as_mut_ptr());
    let mut edge = [0.0f32; ROWS * WIDTH];
    for (number, column) in (0..columns).step_by(WIDTH).enumerate() {
        let panel = panels.as_ptr().wrapping_add(number * pairs * WIDTH);
        let whole = columns - column >= WIDTH;
        let mut row = 0;
        while row < rows {
            let count = match rows - row {
                ROWS.. => ROWS,
                4.. => 4,
                _ => 1,
            };
            // SAFETY: all elements are inside the three matrices.
            unsafe {
                let from = from.add(row * down);
                let to = to.add(row * stride + column);
                let (target, step, add) = if whole {
                    (to, stride, accumulate)
                } else {
                    (edge.as_mut_ptr(), WIDTH, false)
                };
                let at = [down, right, step];
                match count {
                    ROWS => sums::<ROWS>(pairs, from, panel, target, at, add),
                    4 => sums::<4>(pairs, from, panel, target, at, add),
                    _ => sums::<1>(pairs, from, panel, target, at, add),
                }
                if !whole {
                    for i in 0..count {
                        for j in 0..columns - column {
                            let sum = edge[i * WIDTH + j];
                            let to = to.add(i * stride + j);
                            *to = if accumulate { *to + sum } else { sum };
                        }
                    }
                }
            }
            row += count;
        }
    }
}

/// The innermost loop: `R` rows by one panel; strides of `from` down and right, and of `to` down.
///
/// # Safety
/// `from` is readable at `R` rows of `pairs` pairs with its strides, `panel` at `pairs` rows of a panel, and `to` writable at `R` rows of
/// a panel's width.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
#[inline]
#[allow(clippy::needless_range_loop)] // Indices, so that the sums become registers.
unsafe fn sums<const R: usize>(
    pairs: usize,
    mut from: *const f32,
    mut panel: *const f32,
    to: *mut f32,
    [down, right, stride]: [usize; 3],
    add: bool,
) {
    use std::arch::x86_64::*;
    let mut sums = [[_mm512_setzero_ps(); 2]; R];
    // SAFETY: all elements are inside the three matrices; vectors are read and written unaligned, and any bits are pairs.
    unsafe {
        for _ in 0..pairs {
            let first: __m512bh = std::mem::transmute(_mm512_loadu_ps(panel));
            let second: __m512bh = std::mem::transmute(_mm512_loadu_ps(panel.add(WIDTH / 2)));
            for i in 0..R {
                let factor: __m512bh = std::mem::transmute(_mm512_set1_ps(*from.add(i * down)));
                sums[i][0] = _mm512_dpbf16_ps(sums[i][0], factor, first);
                sums[i][1] = _mm512_dpbf16_ps(sums[i][1], factor, second);
            }
            panel = panel.wrapping_add(WIDTH);
            from = from.wrapping_add(right);
        }
        for i in 0..R {
            for j in 0..2 {
                let to = to.add(i * stride + j * WIDTH / 2);
                let sum = if add {
                    _mm512_add_ps(_mm512_loadu_ps(to), sums[i][j])
                } else {
                    sums[i][j]
                };
                _mm512_storeu_ps(to, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_the_nearest_and_even() {
        let upper = |x: f32| rounded(x) >> 16;
        for (x, nearest) in [
            (1.0, 0x3f80),
            (-2.0, 0xc000),
            (0.0, 0),
            // Half way between two neighbours, the even one below or above.
            (f32::from_bits(0x3f80_8000), 0x3f80),
            (f32::from_bits(0x3f81_8000), 0x3f82),
            (f32::from_bits(0x3f80_8001), 0x3f81),
            (f32::MAX, 0x7f80),
            (f32::INFINITY, 0x7f80),
        ] {
            assert_eq!(upper(x), nearest, "{x}");
        }
        assert!(f32::from_bits(rounded(f32::NAN) & 0xffff_0000).is_nan());
    }
}
