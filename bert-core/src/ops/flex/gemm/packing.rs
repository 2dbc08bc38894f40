//! Right matrices packed in panels, in the order in which the microkernel reads them.

use pulp::{Simd, WithSimd};

use super::matrix::Matrix;
use super::microkernel::DEPTH;
use super::{bf16, multiplies_pairs};
use crate::ops::Precision;
use crate::ops::flex::memory::Floats;
use crate::ops::flex::parallel::{Chunks, ParallelWork, run, vectorised};

/// A right matrix in panels: for each stretch of [`DEPTH`] rows all panels, each row by row.
pub(in crate::ops::flex) struct PackedMatrix {
    data: Floats,
    depth: usize,
    columns: usize,
    /// Whether the elements are pairs of bfloat16 and not floats.
    pairs: bool,
}

impl PackedMatrix {
    pub(in crate::ops::flex) fn new(matrix: Matrix, precision: Precision) -> Self {
        let pairs = multiplies_pairs(precision);
        let width = panel_width();
        let [depth, columns] = matrix.dims();
        let panels = columns.div_ceil(width);
        let rows = if pairs { depth.div_ceil(2) } else { depth };
        let mut data = Floats::uninitialised(rows * panels * width);
        // Whole stretches, and the last one.
        let whole = rows / DEPTH * DEPTH;
        let (stretches, last) = data.split_at_mut(whole * panels * width);
        for (first, end, count, to) in [(0, whole, DEPTH, stretches), (whole, rows, rows - whole, last)] {
            let packing = Packing {
                matrix,
                first,
                panels,
                pairs,
            };
            let chunks = (end - first).div_ceil(DEPTH) * panels;
            run(chunks, Chunks::new(to, count * width), &packing);
        }
        Self {
            data,
            depth,
            columns,
            pairs,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn is_pairs(&self) -> bool {
        self.pairs
    }

    /// The panels, `width` wide, of the stretch that starts at this row.
    #[inline(always)]
    pub(super) fn panels(&self, start: usize, width: usize) -> &[f32] {
        &self.data[start * self.columns.div_ceil(width) * width..]
    }
}

/// The columns of a panel: two vectors.
fn panel_width() -> usize {
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

/// The packing of stretches of rows, of floats or of pairs; a chunk is a panel of a stretch.
struct Packing<'a> {
    matrix: Matrix<'a>,
    /// The first row of the first stretch.
    first: usize,
    panels: usize,
    pairs: bool,
}

impl ParallelWork for Packing<'_> {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, to: &mut [f32]) {
        let first = self.first + chunk / self.panels * DEPTH;
        let column = chunk % self.panels * 2 * S::F32_LANES;
        if self.pairs {
            bf16::pack(self.matrix, [2 * first, column], to);
        } else {
            pack(simd, self.matrix, [first, column], to);
        }
    }
}

/// One panel: the rows from `first` on that `to` has room for, the columns from `column` on; zero beyond the last.
#[inline(always)]
pub(in crate::ops::flex) fn pack<S: Simd>(_: S, matrix: Matrix, [first, column]: [usize; 2], to: &mut [f32]) {
    let width = 2 * S::F32_LANES;
    let ([_, columns], [down, right], data) = (matrix.dims(), matrix.strides(), matrix.data());
    let real = width.min(columns - column);
    let start = first * down + column * right;
    if right == 1 && real == width {
        for (i, row) in to.chunks_exact_mut(width).enumerate() {
            row.copy_from_slice(&data[start + i * down..][..width]);
        }
        return;
    }
    // Along the source's rows, sixteen elements at a time, which share a cache line there.
    for (block, rows) in to.chunks_mut(16 * width).enumerate() {
        let start = start + block * 16 * down;
        for j in 0..width {
            for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                row[j] = if j < real {
                    data[start + i * down + j * right]
                } else {
                    0.0
                };
            }
        }
    }
}
