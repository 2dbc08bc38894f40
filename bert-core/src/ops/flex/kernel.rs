//! The innermost loops of a matrix product.
//!
//! The right matrix is in panels two vectors wide, so that the innermost loop reads it in order from the nearest cache; the
//! left one is read where it lies. Twelve rows by two vectors of sums stay in registers (Goto and van de Geijn 2008,
//! "Anatomy of high-performance matrix multiplication"). Every sum runs over the depth in order, whatever the number of
//! rows, columns or threads: one row's result does not depend on the others.

#![allow(unsafe_code)]

use pulp::{Simd, WithSimd};

use super::parallel::vectorised;

/// Rows of sums held in registers, where there are 32 of those; half as many where there are 16.
pub(super) const ROWS: usize = 12;
/// The depth that is worked off before the next panel: a panel of it stays in the nearest cache.
pub(super) const DEPTH: usize = 384;

/// How many columns a panel has: two vectors.
pub(super) fn panel_width() -> usize {
    struct Width;
    impl WithSimd for Width {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            2 * S::F32_LANES
        }
    }
    vectorised(Width)
}

/// Where a panel's rows are.
#[derive(Clone, Copy)]
pub(super) struct Panels {
    /// The first panel's first row.
    pub(super) start: *const f32,
    /// From a panel to the next one.
    pub(super) next: usize,
    /// From a row of a panel to the next one.
    pub(super) down: usize,
}

/// What becomes of the numbers that are where a product goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// They are overwritten.
    Forget,
    /// The product is added to them.
    Add,
}

/// `to = from * panels`, or `to += `: `[rows, depth]`, whose element `(i, p)` is at `from + i * down + p * right`, times
/// `[depth, columns]`, to `[rows, columns]` with `stride` between rows.
///
/// # Safety
/// All of these elements can be read, those of `to` be written by nobody else, and each panel is as wide as
/// [`panel_width`], whether or not all of its columns are asked for.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) unsafe fn multiply<S: Simd>(
    simd: S,
    [rows, depth, columns]: [usize; 3],
    from: *const f32,
    [down, right]: [usize; 2],
    panels: Panels,
    to: *mut f32,
    stride: usize,
    before: Before,
) {
    // Through `vectorize` and not inlined: the loops are long, and are compiled once for each kind of vector.
    simd.vectorize(Multiply {
        sides: [rows, depth, columns],
        from,
        steps: [down, right],
        panels,
        to,
        stride,
        before,
    });
}

/// The arguments of [`multiply`], whose caller's promise covers what is done with them.
struct Multiply {
    sides: [usize; 3],
    from: *const f32,
    steps: [usize; 2],
    panels: Panels,
    to: *mut f32,
    stride: usize,
    before: Before,
}

impl WithSimd for Multiply {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            sides: [rows, depth, columns],
            from,
            steps: [down, right],
            panels,
            to,
            stride,
            before,
        } = self;
        let width = 2 * S::F32_LANES;
        let wide = if S::REGISTER_COUNT >= 32 { ROWS } else { ROWS / 2 };
        // Sums of a panel that is not asked for in full land here first: the widest has 32 columns.
        let mut edge = [0.0f32; ROWS * 32];
        let mut panel = panels.start;
        for column in (0..columns).step_by(width) {
            let whole = columns - column >= width;
            let mut row = 0;
            while row < rows {
                let count = match rows - row {
                    left if left >= wide => wide,
                    4.. => 4,
                    _ => 1,
                };
                // SAFETY: as `multiply`'s caller promises; the pointers stay inside the three matrices.
                unsafe {
                    let from = from.add(row * down);
                    let to = to.add(row * stride + column);
                    let (target, step, add) = if whole {
                        (to, stride, before == Before::Add)
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
                                *to = if before == Before::Add { *to + sum } else { sum };
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
    // SAFETY: as `multiply`'s caller promises; vectors are read and written unaligned.
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
