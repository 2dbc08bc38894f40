//! Matrix products whose right matrix is a layer's weight.
//!
//! Ours and not the `gemm` crate, because here a block of finished rows goes through bias, activation or normalisation
//! while it is still in the cache, the weights are packed once for all rows, and a gradient's columns are summed on
//! the way; and because it comes nearer to the machine's peak (see `benches/step.rs`).

#![allow(unsafe_code)]

use pulp::{Simd, WithSimd};

use super::bf16;
use super::kernel::{Before, DEPTH, Panels, ROWS, multiply, panel_width};
use super::matrix::Matrix;
use super::memory::Floats;
use super::parallel::{Shared, Task, run, scratch, vectorised};
use crate::ops::precision::{Precision, precision};
use crate::threads;

/// Rows of the left matrix that one task takes: multiplied with all panels, they stay in the second cache.
const BLOCK: usize = 96;

/// A right matrix in panels: for each stretch of [`DEPTH`] rows all panels, each row by row.
pub(super) struct Packed {
    data: Floats,
    depth: usize,
    columns: usize,
    /// Whether these are pairs of bfloat16 and not floats.
    pairs: bool,
}

impl Packed {
    pub(super) fn new(matrix: Matrix) -> Self {
        let pairs = precision() == Precision::Bf16;
        let width = panel_width();
        let (depth, columns) = (matrix.rows, matrix.columns);
        let panels = columns.div_ceil(width);
        let rows = if pairs { depth.div_ceil(2) } else { depth };
        let mut data = Floats::stale(rows * panels * width);
        let packing = Packing {
            matrix,
            rows,
            panels,
            pairs,
            to: Shared::new(&mut data),
        };
        run(rows.div_ceil(DEPTH) * panels, &packing);
        Self {
            data,
            depth,
            columns,
            pairs,
        }
    }
}

struct Packing<'a> {
    matrix: Matrix<'a>,
    /// Of floats or of pairs.
    rows: usize,
    panels: usize,
    pairs: bool,
    to: Shared<'a>,
}

impl Task for Packing<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let width = 2 * S::F32_LANES;
        let (stretch, panel) = (piece / self.panels, piece % self.panels);
        let first = stretch * DEPTH;
        let count = DEPTH.min(self.rows - first);
        let start = (first * self.panels + panel * count) * width;
        // SAFETY: every piece is a panel of its own.
        let to = unsafe { self.to.part(start, count * width) };
        if self.pairs {
            bf16::pack(self.matrix, [2 * first, panel * width], to);
        } else {
            pack(simd, self.matrix, [first, panel * width], to);
        }
    }
}

/// One panel: the rows from `first` on that `to` has room for, the columns from `column` on; zero beyond the last.
#[inline(always)]
pub(super) fn pack<S: Simd>(_: S, matrix: Matrix, [first, column]: [usize; 2], to: &mut [f32]) {
    let width = 2 * S::F32_LANES;
    let real = width.min(matrix.columns - column);
    let start = first * matrix.down + column * matrix.right;
    if matrix.right == 1 && real == width {
        for (i, row) in to.chunks_exact_mut(width).enumerate() {
            row.copy_from_slice(&matrix.data[start + i * matrix.down..][..width]);
        }
        return;
    }
    // Along the source's rows, sixteen elements at a time, which share a cache line there.
    for (block, rows) in to.chunks_mut(16 * width).enumerate() {
        let start = start + block * 16 * matrix.down;
        for j in 0..width {
            for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                row[j] = if j < real {
                    matrix.data[start + i * matrix.down + j * matrix.right]
                } else {
                    0.0
                };
            }
        }
    }
}

/// `to = left * right`, or `to += `, `[rows, columns]`; `finish` is then shown each block of finished rows with the
/// number of its first, while it is in the cache.
pub(super) fn product(left: Matrix, right: &Packed, to: &mut [f32], before: Before, finish: &impl Finish) {
    let (rows, depth, columns) = (left.dims()[0], left.dims()[1], right.columns);
    assert_eq!(depth, right.depth, "matrices that fit");
    assert_eq!(to.len(), rows * columns, "room for the product");
    if to.is_empty() {
        return;
    }
    let share = rows.div_ceil(4 * threads::count());
    let block = share.next_multiple_of(ROWS).min(BLOCK);
    threads::for_each_chunk(to, block * columns, |number, to| {
        vectorised(Block {
            left,
            right,
            first: number * block,
            to,
            before,
            finish,
        });
    });
}

/// What is done with a block of finished rows, of which the first has this number.
pub(super) trait Finish: Sync {
    /// To be marked `#[inline(always)]`: it is compiled once for each kind of vector.
    fn finish<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32]);
}

/// Nothing.
impl Finish for () {
    #[inline(always)]
    fn finish<S: Simd>(&self, _: S, _: usize, _: &mut [f32]) {}
}

struct Block<'a, F> {
    left: Matrix<'a>,
    right: &'a Packed,
    first: usize,
    to: &'a mut [f32],
    before: Before,
    finish: &'a F,
}

impl<F: Finish> WithSimd for Block<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            left,
            right,
            first,
            to,
            before,
            finish,
        } = self;
        let columns = right.columns;
        let rows = to.len() / columns;
        let width = 2 * S::F32_LANES;
        let across = columns.div_ceil(width) * width;
        if right.depth == 0 && before == Before::Forget {
            to.fill(0.0);
        }
        if right.pairs {
            pairs(left, right, first, to, before);
            finish.finish(simd, first, to);
            return;
        }
        for start in (0..right.depth).step_by(DEPTH) {
            let depth = DEPTH.min(right.depth - start);
            let panels = Panels {
                start: right.data[start * across..].as_ptr(),
                next: depth * width,
                down: width,
            };
            let from = &left.data[first * left.down + start * left.right..];
            let before = if start == 0 { before } else { Before::Add };
            // SAFETY: `left` was checked to hold rows `first..first + rows` when it was made, `right` is whole panels,
            // and `to` is this task's own.
            unsafe {
                multiply(
                    simd,
                    [rows, depth, columns],
                    from.as_ptr(),
                    [left.down, left.right],
                    panels,
                    to.as_mut_ptr(),
                    columns,
                    before,
                );
            }
        }
        finish.finish(simd, first, to);
    }
}

/// The same of a block of rows, which become pairs here.
#[inline(always)]
fn pairs(left: Matrix, right: &Packed, first: usize, to: &mut [f32], before: Before) {
    let columns = right.columns;
    let rows = to.len() / columns;
    let across = columns.div_ceil(bf16::WIDTH) * bf16::WIDTH;
    let row = left.by_rows().expect("rows that lie whole in memory");
    let all = right.depth.div_ceil(2);
    let mut scratch = scratch(rows * all);
    for (i, to) in scratch[..rows * all].chunks_exact_mut(all.max(1)).enumerate() {
        bf16::pair_row(row(first + i), to);
    }
    for start in (0..all).step_by(DEPTH) {
        let count = DEPTH.min(all - start);
        let operands = bf16::Operands {
            sides: [rows, count, columns],
            from: scratch[start..].as_ptr(),
            steps: [all, 1],
            panels: right.data[start * across..].as_ptr(),
            to: to.as_mut_ptr(),
            stride: columns,
            before: if start == 0 { before } else { Before::Add },
        };
        // SAFETY: pairs are made only where the machine multiplies them; the scratch memory holds `rows` rows of `all`
        // pairs, `right` is whole panels, and `to` is this task's own.
        unsafe { bf16::multiply(operands) };
    }
}
