//! The innermost loops of a matrix product.
//!
//! The right matrix is in panels two vectors wide, so that the innermost loop reads it in order from the nearest cache; the
//! left matrix is read in place. Twelve rows by two vectors of sums stay in registers (Goto and van de Geijn 2008,
//! "Anatomy of high-performance matrix multiplication"). Every sum runs over the depth in order, for any number of
//! rows, columns or threads: the result of a row does not depend on other rows.

#![allow(unsafe_code)]

use pulp::{Simd, WithSimd};

use super::matrix::Matrix;
use crate::ops::flex::parallel::MatrixMut;

/// Rows of sums held in registers, where there are 32 of those; half as many where there are 16.
pub(in crate::ops::flex) const ROWS: usize = 12;
/// The depth of a panel that stays in the nearest cache.
pub(super) const DEPTH: usize = 384;

/// The panels of a right matrix, in a slice.
#[derive(Clone, Copy)]
pub(in crate::ops::flex) struct Panels<'a> {
    /// From the first panel's first row on.
    pub(in crate::ops::flex) data: &'a [f32],
    /// From a panel to the next one.
    pub(in crate::ops::flex) next: usize,
    /// From a row of a panel to the next one.
    pub(in crate::ops::flex) down: usize,
}

/// Whether a product is added to what its output holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ops::flex) enum Accumulate {
    /// The output is overwritten.
    No,
    /// The product is added to the output.
    Yes,
}

/// `to = left * panels`, or `to += `. Each panel is two vectors wide, even if only some of its columns are needed.
#[inline(always)]
pub(in crate::ops::flex) fn multiply<S: Simd>(
    simd: S,
    left: Matrix,
    panels: Panels,
    to: MatrixMut,
    accumulate: Accumulate,
) {
    let ([rows, columns], depth) = (to.dims(), left.dims()[1]);
    assert_eq!(left.dims()[0], rows, "as many rows as the output has");
    if rows == 0 || columns == 0 {
        return;
    }
    let width = 2 * S::F32_LANES;
    let end = (columns.div_ceil(width) - 1) * panels.next + depth.saturating_sub(1) * panels.down + width;
    assert!(depth == 0 || end <= panels.data.len(), "panels for all columns");
    // Through `vectorize` and not inlined: the loops are long, and are compiled once for each kind of vector.
    simd.vectorize(Multiply {
        left,
        panels,
        to,
        accumulate,
    });
}

/// The arguments of [`multiply`], which checks that all elements are inside their slices.
struct Multiply<'a> {
    left: Matrix<'a>,
    panels: Panels<'a>,
    to: MatrixMut<'a>,
    accumulate: Accumulate,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            left,
            panels,
            mut to,
            accumulate,
        } = self;
        let ([rows, columns], depth) = (to.dims(), left.dims()[1]);
        let (from, [down, right]) = (left.data().as_ptr(), left.strides());
        let (stride, to) = (to.stride(), to.as_mut_ptr());
        let accumulate = accumulate == Accumulate::Yes;
        let width = 2 * S::F32_LANES;
        let wide = if S::REGISTER_COUNT >= 32 { ROWS } else { ROWS / 2 };
        // Sums of a panel that is only partly needed are written here first: the widest has 32 columns.
        let mut edge = [0.0f32; ROWS * 32];
        let mut panel = panels.data.as_ptr();
        for column in (0..columns).step_by(width) {
            let whole = columns - column >= width;
            let mut row = 0;
            while row < rows {
                let count = match rows - row {
                    left if left >= wide => wide,
                    4.. => 4,
                    _ => 1,
                };
                // SAFETY: `multiply` checked that all elements are inside the three matrices.
                unsafe {
                    let from = from.add(row * down);
                    let to = to.add(row * stride + column);
                    let (target, step, add) = if whole {
                        (to, stride, accumulate)
                    } else {
                        (edge.as_mut_ptr(), width, false)
                    };
                    let at = [down, right, panels.down, step];
                    match count {
                        ROWS => sums::<S, ROWS>(simd, depth, from, panel, target, at, add),
                        6 => sums::<S, 6>(simd, depth, from, panel, target, at, add),
                        4 => sums::<S, 4>(simd, depth, from, panel, target, at, add),
                        _ => sums::<S, 1>(simd, depth, from, panel, target, at, add),
                    }
                    if !whole {
                        for i in 0..count {
                            for j in 0..columns - column {
                                let sum = edge[i * width + j];
                                let to = to.add(i * stride + j);
                                *to = if accumulate { *to + sum } else { sum };
                            }
                        }
                    }
                }
                row += count;
            }
            panel = panel.wrapping_add(panels.next);
        }
    }
}

/// The innermost loop: `R` rows by one panel; strides of `from` down and right, of `panel` and `to` down.
///
/// # Safety
/// `from` is readable at `R` rows of `depth` elements with its strides, `panel` at `depth` rows of a panel, and `to` writable at `R`
/// rows of a panel's width.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // Indices, so that the sums become registers.
unsafe fn sums<S: Simd, const R: usize>(
    simd: S,
    depth: usize,
    mut from: *const f32,
    mut panel: *const f32,
    to: *mut f32,
    [down, right, panel_down, stride]: [usize; 4],
    add: bool,
) {
    let zero = simd.splat_f32s(0.0);
    let mut sums = [[zero; 2]; R];
    // SAFETY: `multiply` checked that all elements are inside the three matrices; vectors are read and written unaligned.
    unsafe {
        for _ in 0..depth {
            let first = panel.cast::<S::f32s>().read_unaligned();
            let second = panel.add(S::F32_LANES).cast::<S::f32s>().read_unaligned();
            for i in 0..R {
                let factor = simd.splat_f32s(*from.add(i * down));
                sums[i][0] = simd.mul_add_e_f32s(factor, first, sums[i][0]);
                sums[i][1] = simd.mul_add_e_f32s(factor, second, sums[i][1]);
            }
            panel = panel.wrapping_add(panel_down);
            from = from.wrapping_add(right);
        }
        for i in 0..R {
            for j in 0..2 {
                let to = to.add(i * stride + j * S::F32_LANES).cast::<S::f32s>();
                let sum = sums[i][j];
                to.write_unaligned(if add {
                    simd.add_f32s(to.read_unaligned(), sum)
                } else {
                    sum
                });
            }
        }
    }
}
