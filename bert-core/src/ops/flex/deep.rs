//! Matrix products whose depth is by far the longest side, as in the gradient of a weight: its depth is all tokens.

#![allow(unsafe_code)]

use pulp::Simd;

use super::bf16;
use super::kernel::{Before, DEPTH, Panels, multiply};
use super::matrix::Matrix;
use super::parallel::{Shared, Task, run, scratch};
use crate::ops::precision::{Precision, precision};

/// Rows and columns of a tile.
const TILE: usize = 192;

/// `left * right`, both with the depth as their slow axis; with `sums`, also the sums of the right matrix's columns, the
/// gradient of a bias.
pub(super) fn deep(left: Matrix, right: Matrix, to: &mut [f32], sums: Option<&mut [f32]>) {
    let ([rows, depth], [_, columns]) = (left.dims(), right.dims());
    assert_eq!(depth, right.dims()[0], "matrices that fit");
    assert_eq!(to.len(), rows * columns, "room for the product");
    if to.is_empty() {
        return;
    }
    let to = Shared::new(to);
    let sums = sums.map(|sums| {
        assert_eq!(sums.len(), columns, "room for the sums");
        Shared::new(sums)
    });
    let tiles = Tiles {
        left: left.transposed(),
        right,
        across: columns.div_ceil(TILE),
        to,
        sums,
        pairs: precision() == Precision::Bf16,
    };
    run(rows.div_ceil(TILE) * tiles.across, &tiles);
}

struct Tiles<'a> {
    /// The depth's rows of both.
    left: Matrix<'a>,
    right: Matrix<'a>,
    across: usize,
    to: Shared<'a>,
    sums: Option<Shared<'a>>,
    /// Whether they are multiplied as pairs of bfloat16.
    pairs: bool,
}

impl Task for Tiles<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let ([depth, rows], [_, columns]) = (self.left.dims(), self.right.dims());
        let [i, j] = [piece / self.across * TILE, piece % self.across * TILE];
        let left_row = self.left.by_rows().expect("the depth is the slow axis");
        let right_row = self.right.by_rows().expect("the depth is the slow axis");
        let left = |p: usize| &left_row(p)[i..rows.min(i + TILE)];
        let right = |p: usize| &right_row(p)[j..columns.min(j + TILE)];
        let sides = [TILE.min(rows - i), TILE.min(columns - j)];

        let mut scratch = scratch(TILE * TILE + 2 * TILE * DEPTH);
        let (tile, packed) = scratch.split_at_mut(TILE * TILE);
        tile.fill(0.0);
        if self.pairs {
            multiply_pairs(depth, left, right, sides, tile, packed);
        } else {
            multiply_floats(simd, depth, left, right, sides, tile, packed);
        }
        let [rows, width] = sides;
        for (row, tile) in tile.chunks_exact(TILE).take(rows).enumerate() {
            // SAFETY: every task has a tile of its own.
            let to = unsafe { self.to.part((i + row) * columns + j, width) };
            to.copy_from_slice(&tile[..width]);
        }
        // The tiles of the first row alone: one for each stretch of columns.
        if let Some(sums) = self.sums.filter(|_| i == 0) {
            // SAFETY: they have columns of their own.
            let sums = unsafe { sums.part(j, width) };
            sums.fill(0.0);
            for p in 0..depth {
                for (sum, value) in sums.iter_mut().zip(right(p)) {
                    *sum += value;
                }
            }
        }
    }
}

/// Adds the product of `depth` rows to a tile of these sides; there is room for as many packed rows as are taken at once.
#[inline(always)]
fn multiply_floats<'a, S: Simd>(
    simd: S,
    depth: usize,
    left: impl Fn(usize) -> &'a [f32],
    right: impl Fn(usize) -> &'a [f32],
    [rows, columns]: [usize; 2],
    tile: &mut [f32],
    packed: &mut [f32],
) {
    let width = 2 * S::F32_LANES;
    let (packed_left, packed_right) = packed.split_at_mut(TILE * DEPTH);
    for start in (0..depth).step_by(DEPTH) {
        let count = DEPTH.min(depth - start);
        // Row by row and not panel by panel, because every row lies in another page.
        for (p, to) in packed_left.chunks_exact_mut(TILE).take(count).enumerate() {
            to[..rows].copy_from_slice(left(start + p));
            for (number, from) in right(start + p).chunks(width).enumerate() {
                let to = &mut packed_right[(number * count + p) * width..][..width];
                if from.len() == width {
                    to.copy_from_slice(&from[..width]);
                } else {
                    to[..from.len()].copy_from_slice(from);
                    to[from.len()..].fill(0.0);
                }
            }
        }
        let panels = Panels {
            start: packed_right.as_ptr(),
            next: count * width,
            down: width,
        };
        // SAFETY: there are `count` packed rows of `TILE` on the left, as many of whole panels on the right, and a tile
        // with room for these.
        unsafe {
            multiply(
                simd,
                [rows, count, columns],
                packed_left.as_ptr(),
                [1, TILE],
                panels,
                tile.as_mut_ptr(),
                TILE,
                Before::Add,
            );
        }
    }
}

/// The same with pairs of neighbours along the depth.
#[inline(always)]
fn multiply_pairs<'a>(
    depth: usize,
    left: impl Fn(usize) -> &'a [f32],
    right: impl Fn(usize) -> &'a [f32],
    [rows, columns]: [usize; 2],
    tile: &mut [f32],
    packed: &mut [f32],
) {
    let (packed_left, packed_right) = packed.split_at_mut(TILE * DEPTH);
    for start in (0..depth).step_by(2 * DEPTH) {
        let count = DEPTH.min((depth - start).div_ceil(2));
        for (p, to) in packed_left.chunks_exact_mut(TILE).take(count).enumerate() {
            let (above, below) = (start + 2 * p, start + 2 * p + 1);
            let last = below == depth;
            bf16::pair_rows(left(above), (!last).then(|| left(below)), &mut to[..rows]);
            let (above, below) = (right(above), (!last).then(|| right(below)));
            for (number, from) in (0..columns).step_by(bf16::WIDTH).enumerate() {
                let range = from..columns.min(from + bf16::WIDTH);
                let to = &mut packed_right[(number * count + p) * bf16::WIDTH..][..bf16::WIDTH];
                let (to, rest) = to.split_at_mut(range.len());
                bf16::pair_rows(&above[range.clone()], below.map(|below| &below[range]), to);
                rest.fill(0.0);
            }
        }
        let operands = bf16::Operands {
            sides: [rows, count, columns],
            from: packed_left.as_ptr(),
            steps: [1, TILE],
            panels: packed_right.as_ptr(),
            to: tile.as_mut_ptr(),
            stride: TILE,
            before: Before::Add,
        };
        // SAFETY: pairs are made only where the machine multiplies them; there are `count` packed rows of `TILE` pairs on
        // the left, as many of whole panels on the right, and a tile with room for these.
        unsafe { bf16::multiply(operands) };
    }
}
