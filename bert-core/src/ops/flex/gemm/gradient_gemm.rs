//! The gradient of a weight: a matrix product whose depth, all tokens of the batch, is by far its longest side.

use pulp::Simd;

use super::bf16;
use super::matrix::Matrix;
use super::microkernel::{Accumulate, DEPTH, Panels, multiply};
use super::{Output, multiplies_pairs};
use crate::ops::Precision;
use crate::ops::flex::parallel::{BlockRows, Blocks, Chunks, MatrixMut, ParallelWork, run, scratch};

/// Rows and columns of a tile.
const TILE: usize = 192;

/// `to = left * right`, or `to += left * right`, both with the depth as their slow axis; and, unless `sums` is empty, in it the
/// sums of the right matrix's columns, the gradient of a bias.
pub(in crate::ops::flex) fn gradient_gemm(
    left: Matrix,
    right: Matrix,
    output: Output,
    sums: &mut [f32],
    precision: Precision,
) {
    let Output { to, accumulate, .. } = output;
    let ([rows, depth], [_, columns]) = (left.dims(), right.dims());
    assert_eq!(depth, right.dims()[0], "matrices that fit");
    assert_eq!(to.len(), rows * columns, "room for the product");
    assert!(sums.is_empty() || sums.len() == columns, "room for the sums");
    if to.is_empty() {
        return;
    }
    let tiles = Tiles {
        left: left.transposed(),
        right,
        across: columns.div_ceil(TILE),
        pairs: multiplies_pairs(precision),
        accumulate,
    };
    let to = MatrixMut::new(to, [rows, columns], columns).blocks(BlockRows::Even(TILE), TILE);
    // The tiles of the first row alone have sums, one part for each stretch of columns.
    let sums = Chunks::new(sums, TILE);
    run(rows.div_ceil(TILE) * tiles.across, (to, sums), &tiles);
}

struct Tiles<'a> {
    /// The depth's rows of both.
    left: Matrix<'a>,
    right: Matrix<'a>,
    across: usize,
    /// Whether they are multiplied as pairs of bfloat16.
    pairs: bool,
    accumulate: Accumulate,
}

impl ParallelWork for Tiles<'_> {
    type Outputs<'a> = (Blocks<'a>, Chunks<'a>);

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, (mut to, sums): (MatrixMut<'_>, &mut [f32])) {
        let ([depth, rows], [_, columns]) = (self.left.dims(), self.right.dims());
        let [i, j] = [chunk / self.across * TILE, chunk % self.across * TILE];
        let left_row = self
            .left
            .by_rows()
            .expect("both factors must be stored row by row");
        let right_row = self
            .right
            .by_rows()
            .expect("both factors must be stored row by row");
        let left = |p: usize| &left_row(p)[i..rows.min(i + TILE)];
        let right = |p: usize| &right_row(p)[j..columns.min(j + TILE)];
        let sides = to.dims();

        let mut scratch = scratch(TILE * TILE + 2 * TILE * DEPTH);
        let (tile, packed) = scratch.split_at_mut(TILE * TILE);
        tile.fill(0.0);
        if self.pairs {
            multiply_pairs(depth, left, right, sides, tile, packed);
        } else {
            multiply_floats(simd, depth, left, right, sides, tile, packed);
        }
        for (row, tile) in tile.chunks_exact(TILE).take(sides[0]).enumerate() {
            let (to, tile) = (to.row(row), &tile[..sides[1]]);
            match self.accumulate {
                Accumulate::No => to.copy_from_slice(tile),
                Accumulate::Yes => to.iter_mut().zip(tile).for_each(|(to, x)| *to += x),
            }
        }
        if !sums.is_empty() {
            sums.fill(0.0);
            for p in 0..depth {
                for (sum, value) in sums.iter_mut().zip(right(p)) {
                    *sum += value;
                }
            }
        }
    }
}

/// Adds the product of `depth` rows to a tile of these sides, with room for the packed rows of one panel's depth.
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
            data: packed_right,
            next: count * width,
            down: width,
        };
        let left = Matrix::new(packed_left, [count, rows], TILE).transposed();
        let tile = MatrixMut::new(tile, [rows, columns], TILE);
        multiply(simd, left, panels, tile, Accumulate::Yes);
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
        let left = Matrix::new(packed_left, [count, rows], TILE).transposed();
        let tile = MatrixMut::new(tile, [rows, columns], TILE);
        bf16::multiply(left, packed_right, tile, Accumulate::Yes);
    }
}
