//! Matrix products.
//!
//! The right matrix is packed into panels two vectors wide, so that the innermost loop reads it in order from the
//! nearest cache; the left one is read where it lies. Twelve rows by two vectors of sums stay in registers (Goto and
//! van de Geijn 2008, "Anatomy of high-performance matrix multiplication"). Every sum runs over the depth in order,
//! whatever the number of rows, columns or threads: one row's result does not depend on the others.
//!
//! Ours and not the `gemm` crate, because here a block of finished rows goes through bias, activation or normalisation
//! while it is still in the cache, the weights are packed once for all rows, and a gradient's columns are summed on
//! the way; and because it comes nearer to the machine's peak (see `benches/step.rs`).

#![allow(unsafe_code)]

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::bf16;
use super::memory::Floats;
use super::parallel::{Shared, Task, run, scratch, vectorised};
use crate::ops::precision::{Precision, precision};

/// Rows of sums held in registers, where there are 32 of those; half as many where there are 16.
pub(super) const ROWS: usize = 12;
/// The depth that is worked off before the next panel: a panel of it stays in the nearest cache.
const DEPTH: usize = 384;
/// Rows of the left matrix that one task takes: multiplied with all panels, they stay in the second cache.
const BLOCK: usize = 96;
/// Rows and columns of a tile of [`deep`]'s.
const TILE: usize = 192;

/// A matrix inside a slice, by its strides.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    /// From an element to the one below it.
    down: usize,
    /// From an element to the one on its right.
    right: usize,
}

impl<'a> Matrix<'a> {
    /// `data` row by row, each `stride` after the one before.
    #[inline(always)]
    pub(super) fn new(data: &'a [f32], [rows, columns]: [usize; 2], stride: usize) -> Self {
        let matrix = Self {
            data,
            rows,
            columns,
            down: stride,
            right: 1,
        };
        assert!(
            rows == 0 || columns == 0 || (rows - 1) * stride + columns <= data.len(),
            "a matrix of {rows} x {columns} in {} floats",
            data.len()
        );
        matrix
    }

    /// Rows and columns.
    #[inline(always)]
    pub(super) fn dims(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// The element of this row and column.
    #[inline(always)]
    pub(super) fn at(&self, row: usize, column: usize) -> f32 {
        self.data[row * self.down + column * self.right]
    }

    /// The same matrix by its rows, if these lie whole in memory.
    #[inline(always)]
    pub(super) fn rows(&self) -> Option<impl Fn(usize) -> &'a [f32]> {
        let Self {
            data, columns, down, ..
        } = *self;
        (self.right == 1).then_some(move |row: usize| &data[row * down..][..columns])
    }

    #[inline(always)]
    pub(super) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            down: self.right,
            right: self.down,
            ..self
        }
    }
}

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
    let (rows, depth, columns) = (left.rows, left.columns, right.columns);
    assert_eq!(depth, right.depth, "matrices that fit");
    assert_eq!(to.len(), rows * columns, "room for the product");
    if to.is_empty() {
        return;
    }
    let share = rows.div_ceil(4 * rayon::current_num_threads());
    let block = share.next_multiple_of(ROWS).min(BLOCK);
    to.par_chunks_mut(block * columns)
        .enumerate()
        .for_each(|(number, to)| {
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
    let row = left.rows().expect("rows that lie whole in memory");
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

/// `left * right` where the depth is by far the longest side, as in the gradient of a weight; with `sums`, also the
/// sums of the right matrix's columns, the gradient of a bias. Both matrices have the depth as their slow axis.
pub(super) fn deep(left: Matrix, right: Matrix, to: &mut [f32], sums: Option<&mut [f32]>) {
    let (rows, columns) = (left.rows, right.columns);
    assert_eq!(left.columns, right.rows, "matrices that fit");
    assert_eq!(to.len(), rows * columns, "room for the product");
    assert!(
        left.down == 1 && right.right == 1,
        "the depth is the slow axis of both"
    );
    if to.is_empty() {
        return;
    }
    let down = rows.div_ceil(TILE);
    let across = columns.div_ceil(TILE);
    let to = Shared::new(to);
    let sums = sums.map(|sums| {
        assert_eq!(sums.len(), columns, "room for the sums");
        Shared::new(sums)
    });
    let tiles = Tiles {
        left,
        right,
        across,
        to,
        sums,
        pairs: precision() == Precision::Bf16,
    };
    run(down * across, &tiles);
}

struct Tiles<'a> {
    left: Matrix<'a>,
    right: Matrix<'a>,
    across: usize,
    to: Shared<'a>,
    sums: Option<Shared<'a>>,
    pairs: bool,
}

impl Task for Tiles<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let &Self { left, right, to, .. } = self;
        let [i, j] = [piece / self.across * TILE, piece % self.across * TILE];
        let mut scratch = scratch(TILE * TILE + 2 * TILE * DEPTH);
        let rows = TILE.min(left.rows - i);
        let columns = TILE.min(right.columns - j);
        let width = 2 * S::F32_LANES;
        let (tile, rest) = scratch.split_at_mut(TILE * TILE);
        let (packed_left, packed_right) = rest.split_at_mut(TILE * DEPTH);
        tile.fill(0.0);
        // SAFETY: the tiles of the first row, which alone have sums, have columns of their own.
        let mut sums = self
            .sums
            .filter(|_| i == 0)
            .map(|sums| unsafe { sums.part(j, columns) });
        if let Some(sums) = &mut sums {
            sums.fill(0.0);
        }
        if self.pairs {
            self.multiply_pairs([i, j], [rows, columns], tile, packed_left, packed_right);
            if let Some(sums) = &mut sums {
                for p in 0..left.columns {
                    let from = &right.data[p * right.down + j..][..columns];
                    sums.iter_mut().zip(from).for_each(|(sum, value)| *sum += value);
                }
            }
        }
        let stretches = if self.pairs { 0 } else { left.columns };
        for start in (0..stretches).step_by(DEPTH) {
            let depth = DEPTH.min(left.columns - start);
            // Row by row and not panel by panel, because every row lies in another page.
            for (p, to) in packed_left.chunks_exact_mut(TILE).take(depth).enumerate() {
                to[..rows].copy_from_slice(&left.data[(start + p) * left.right + i..][..rows]);
                let from = &right.data[(start + p) * right.down + j..][..columns];
                for (number, from) in from.chunks(width).enumerate() {
                    let to = &mut packed_right[(number * depth + p) * width..][..width];
                    if from.len() == width {
                        to.copy_from_slice(&from[..width]);
                    } else {
                        to[..from.len()].copy_from_slice(from);
                        to[from.len()..].fill(0.0);
                    }
                }
                if let Some(sums) = &mut sums {
                    for (sum, value) in sums.iter_mut().zip(from) {
                        *sum += value;
                    }
                }
            }
            let panels = Panels {
                start: packed_right.as_ptr(),
                next: depth * width,
                down: width,
            };
            // SAFETY: the scratch memory holds `depth` rows of `TILE` on the left, `depth` rows of whole panels on the
            // right, and a tile with room for whole panels.
            unsafe {
                multiply(
                    simd,
                    [rows, depth, columns],
                    packed_left.as_ptr(),
                    [1, TILE],
                    panels,
                    tile.as_mut_ptr(),
                    TILE,
                    Before::Add,
                );
            }
        }
        for (row, tile) in tile.chunks_exact(TILE).take(rows).enumerate() {
            // SAFETY: every task has a tile of its own.
            let to = unsafe { to.part((i + row) * right.columns + j, columns) };
            to.copy_from_slice(&tile[..columns]);
        }
    }
}

impl Tiles<'_> {
    /// The tile at this row and column, by pairs of neighbours along the depth.
    #[inline(always)]
    fn multiply_pairs(
        &self,
        [i, j]: [usize; 2],
        [rows, columns]: [usize; 2],
        tile: &mut [f32],
        packed_left: &mut [f32],
        packed_right: &mut [f32],
    ) {
        let (left, right) = (self.left, self.right);
        let depth = left.columns;
        let rows_of = |data, p: usize, step: usize, from: usize, count: usize| {
            let row = move |p: usize| -> &[f32] { &<&[f32]>::from(data)[p * step + from..][..count] };
            (row(p), (p + 1 < depth).then(|| row(p + 1)))
        };
        for start in (0..depth).step_by(2 * DEPTH) {
            let count = DEPTH.min((depth - start).div_ceil(2));
            for (p, to) in packed_left.chunks_exact_mut(TILE).take(count).enumerate() {
                let (above, below) = rows_of(left.data, start + 2 * p, left.right, i, rows);
                bf16::pair_rows(above, below, &mut to[..rows]);
                let (above, below) = rows_of(right.data, start + 2 * p, right.down, j, columns);
                for number in 0..columns.div_ceil(bf16::WIDTH) {
                    let to = &mut packed_right[(number * count + p) * bf16::WIDTH..][..bf16::WIDTH];
                    let range = number * bf16::WIDTH..columns.min((number + 1) * bf16::WIDTH);
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
            // SAFETY: pairs are made only where the machine multiplies them; the scratch memory holds `count` rows of
            // `TILE` pairs on the left, as many of whole panels on the right, and a tile with room for these.
            unsafe { bf16::multiply(operands) };
        }
    }
}
