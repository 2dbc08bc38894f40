//! Matrix products whose right matrix is a layer's weight.
//!
//! Ours and not the `gemm` crate's: here bias, activation or normalisation is applied to a block of finished rows while the
//! block is in the cache, weights are packed once for all rows, and a gradient's columns are summed in the same pass; and
//! ours comes nearer to the machine's peak (see `benches/step.rs`).

pub(super) mod bf16;
mod gradient_gemm;
mod matrix;
mod microkernel;
mod packed_weights;
mod packing;

use pulp::Simd;

pub(super) use self::gradient_gemm::gradient_gemm;
pub(super) use self::matrix::Matrix;
pub(super) use self::microkernel::{Accumulate, Panels, ROWS, multiply};
pub(super) use self::packed_weights::{cached, packed};
pub(super) use self::packing::{PackedMatrix, pack};

use self::microkernel::DEPTH;
use super::parallel::{Chunks, MatrixMut, ParallelWork, run, scratch};
use crate::ops::Precision;
use crate::threads;

/// Rows of the left matrix that one chunk takes: they stay in the second cache while they are multiplied with all panels.
const BLOCK: usize = 96;

/// Whether matrices are multiplied as pairs of bfloat16.
fn multiplies_pairs(precision: Precision) -> bool {
    precision == Precision::Bf16 && bf16::available()
}

/// Where a product goes: `[rows, columns]`.
pub(super) struct Output<'a> {
    to: &'a mut [f32],
    accumulate: Accumulate,
    /// A second matrix of the same shape, for the epilogue.
    beside: Option<&'a mut [f32]>,
}

impl<'a> Output<'a> {
    /// The product overwrites `to`.
    pub(super) fn overwrite(to: &'a mut [f32]) -> Self {
        Self {
            to,
            accumulate: Accumulate::No,
            beside: None,
        }
    }

    /// The product is added to `to`.
    pub(super) fn add(to: &'a mut [f32]) -> Self {
        Self {
            accumulate: Accumulate::Yes,
            ..Self::overwrite(to)
        }
    }

    /// The epilogue also gets the rows of a matrix of the same shape.
    pub(super) fn beside(mut self, other: &'a mut [f32]) -> Self {
        assert_eq!(self.to.len(), other.len(), "matrices of the same shape");
        self.beside = Some(other);
        self
    }
}

/// What happens to a block of finished rows while it is in the cache.
pub(super) trait Epilogue: Sync {
    /// `first` is the number of the block's first row; `beside` has the same rows of the output's second matrix, or
    /// nothing if it has none. Mark it `#[inline(always)]`: it is compiled once for each kind of vector.
    fn apply<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32], beside: &mut [f32]);
}

/// Nothing.
impl Epilogue for () {
    #[inline(always)]
    fn apply<S: Simd>(&self, _: S, _: usize, _: &mut [f32], _: &mut [f32]) {}
}

/// The product of `left` and `right`, then the epilogue on each block of rows.
pub(super) fn gemm(left: Matrix, right: &PackedMatrix, output: Output, epilogue: &impl Epilogue) {
    let Output {
        to,
        accumulate,
        beside,
    } = output;
    let ([rows, depth], columns) = (left.dims(), right.columns());
    assert_eq!(depth, right.depth(), "matrices that fit");
    assert_eq!(to.len(), rows * columns, "room for the product");
    if to.is_empty() {
        return;
    }
    let share = rows.div_ceil(4 * threads::count());
    let block = share.next_multiple_of(ROWS).min(BLOCK);
    let outputs = [to, beside.unwrap_or_default()].map(|all| Chunks::new(all, block * columns));
    let blocks = RowBlocks {
        left,
        right,
        block,
        accumulate,
        epilogue,
    };
    run(rows.div_ceil(block), outputs, &blocks);
}

/// A product in blocks of rows.
struct RowBlocks<'a, E> {
    left: Matrix<'a>,
    right: &'a PackedMatrix,
    /// Rows of a block.
    block: usize,
    accumulate: Accumulate,
    epilogue: &'a E,
}

impl<E: Epilogue> ParallelWork for RowBlocks<'_, E> {
    /// The output, and the matrix beside it.
    type Outputs<'a> = [Chunks<'a>; 2];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, [to, beside]: [&mut [f32]; 2]) {
        let Self {
            left,
            right,
            block,
            accumulate,
            epilogue,
        } = *self;
        let first = chunk * block;
        let (columns, depth) = (right.columns(), right.depth());
        let rows = to.len() / columns;
        let left = left.part(first..first + rows, 0..depth);
        if depth == 0 && accumulate == Accumulate::No {
            to.fill(0.0);
        }
        let accumulate = |start| if start == 0 { accumulate } else { Accumulate::Yes };
        if right.is_pairs() {
            let pairs = depth.div_ceil(2);
            let mut scratch = scratch(rows * pairs);
            let row = left.by_rows().expect("rows that are contiguous");
            for (i, to) in scratch[..rows * pairs].chunks_exact_mut(pairs.max(1)).enumerate() {
                bf16::pair_row(row(i), to);
            }
            let left = Matrix::new(&scratch, [rows, pairs], pairs);
            for start in (0..pairs).step_by(DEPTH) {
                let left = left.part(0..rows, start..pairs.min(start + DEPTH));
                let to = MatrixMut::new(&mut *to, [rows, columns], columns);
                bf16::multiply(left, right.panels(start, bf16::WIDTH), to, accumulate(start));
            }
        } else {
            let width = 2 * S::F32_LANES;
            for start in (0..depth).step_by(DEPTH) {
                let left = left.part(0..rows, start..depth.min(start + DEPTH));
                let to = MatrixMut::new(&mut *to, [rows, columns], columns);
                let panels = Panels {
                    data: right.panels(start, width),
                    next: left.dims()[1] * width,
                    down: width,
                };
                multiply(simd, left, panels, to, accumulate(start));
            }
        }
        epilogue.apply(simd, first, to, beside);
    }
}
