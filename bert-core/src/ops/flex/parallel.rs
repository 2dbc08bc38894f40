//! Parallel work: chunks that are distributed over the cores. The chunks do not depend on the number of threads, and each
//! writes its own part of the outputs.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};
use pulp::{Arch, Scalar, Simd, WithSimd};

use crate::threads;

/// Which vectors are used.
#[derive(Clone, Copy, PartialEq)]
enum Vectors {
    Widest,
    Avx2,
    Plain,
}

static VECTORS: LazyLock<Vectors> = LazyLock::new(|| match std::env::var("BERT_VECTORS").as_deref() {
    Ok("avx2") => Vectors::Avx2,
    Ok("plain") => Vectors::Plain,
    _ => Vectors::Widest,
});

/// Whether the environment does not ask for narrower vectors.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
pub(super) fn widest() -> bool {
    *VECTORS == Vectors::Widest
}

/// Runs code with the widest vectors that this machine has, or with the narrower ones that `BERT_VECTORS` asks for.
#[inline(always)]
pub(super) fn vectorised<T: WithSimd>(code: T) -> T::Output {
    let vectors = *VECTORS;
    if vectors == Vectors::Plain {
        return Simd::vectorize(Scalar, code);
    }
    // `Arch` finds AVX2 only where pulp is built with a feature of that name, which Burn does not enable.
    #[cfg(target_arch = "x86_64")]
    if (vectors == Vectors::Avx2 || V4::try_new().is_none())
        && let Some(simd) = V3::try_new()
    {
        return Simd::vectorize(simd, code);
    }
    Arch::new().dispatch(code)
}

/// Work that is done in chunks.
pub(super) trait ParallelWork: Sync {
    /// What the chunks write.
    type Outputs<'o>: Split;

    /// Does one chunk. Mark it `#[inline(always)]`: it is compiled once for each kind of vector.
    fn run<'o, S: Simd>(&self, simd: S, chunk: usize, outputs: <Self::Outputs<'o> as Split>::Part);
}

/// Does the first `count` chunks, each with its part of `outputs`.
pub(super) fn run<'o, T: ParallelWork>(count: usize, outputs: T::Outputs<'o>, work: &T) {
    struct Chunk<'a, 'o, T: ParallelWork>(&'a T, usize, <T::Outputs<'o> as Split>::Part);
    impl<'o, T: ParallelWork> WithSimd for Chunk<'_, 'o, T> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            self.0.run(simd, self.1, self.2);
        }
    }
    let chunk = |chunk| {
        // SAFETY: `outputs` is ours, and each chunk is done once.
        let part = unsafe { outputs.part(chunk) };
        vectorised(Chunk::<'_, 'o, T>(work, chunk, part));
    };
    if count == 1 {
        chunk(0);
        return;
    }
    threads::for_each(count, chunk);
}

/// Outputs that fall into disjoint parts, one for each chunk.
pub(super) trait Split: Sync {
    type Part;

    /// # Safety
    /// Each chunk is requested once.
    unsafe fn part(&self, chunk: usize) -> Self::Part;
}

/// A slice in chunks of `size` elements: the last chunk can be shorter, and those beyond the end are empty.
pub(super) struct Chunks<'a> {
    start: *mut f32,
    len: usize,
    size: usize,
    life: PhantomData<&'a mut [f32]>,
}

// SAFETY: it gives access to disjoint parts of a slice that it borrows mutably.
unsafe impl Sync for Chunks<'_> {}

impl<'a> Chunks<'a> {
    pub(super) fn new(slice: &'a mut [f32], size: usize) -> Self {
        Self {
            start: slice.as_mut_ptr(),
            len: slice.len(),
            size,
            life: PhantomData,
        }
    }
}

impl<'a> Split for Chunks<'a> {
    type Part = &'a mut [f32];

    #[inline(always)]
    unsafe fn part(&self, chunk: usize) -> &'a mut [f32] {
        let from = (chunk * self.size).min(self.len);
        let len = self.size.min(self.len - from);
        // SAFETY: inside the slice, and chunks of different numbers are disjoint.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), len) }
    }
}

/// A matrix that is written through, `stride` between the starts of its rows.
pub(super) struct MatrixMut<'a> {
    start: *mut f32,
    rows: usize,
    columns: usize,
    stride: usize,
    life: PhantomData<&'a mut [f32]>,
}

// SAFETY: shared, it only tells its size; to write needs it mutably.
unsafe impl Sync for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    #[inline(always)]
    pub(super) fn new(data: &'a mut [f32], [rows, columns]: [usize; 2], stride: usize) -> Self {
        assert!(columns <= stride || rows <= 1, "rows that do not overlap");
        assert!(
            rows == 0 || columns == 0 || (rows - 1) * stride + columns <= data.len(),
            "a matrix of {rows} x {columns} in {} floats",
            data.len()
        );
        Self {
            start: data.as_mut_ptr(),
            rows,
            columns,
            stride,
            life: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn dims(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// From a row to the next.
    #[inline(always)]
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// The first element; the others follow at the strides, as far as [`dims`](Self::dims) says.
    #[inline(always)]
    pub(super) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.start
    }

    #[inline(always)]
    pub(super) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows, "a row of the matrix");
        // SAFETY: `new` checked that the row is inside the data, which is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(row * self.stride), self.columns) }
    }

    /// The matrix of the rows from `first` on, `count` of them.
    #[inline(always)]
    pub(super) fn rows(&mut self, first: usize, count: usize) -> MatrixMut<'_> {
        assert!(
            first <= self.rows && count <= self.rows - first,
            "rows of the matrix"
        );
        MatrixMut {
            start: self.start.wrapping_add(first * self.stride),
            rows: count,
            ..*self
        }
    }

    /// `N` matrices side by side, of as many columns each.
    pub(super) fn split_columns<const N: usize>(self) -> [MatrixMut<'a>; N] {
        let columns = self.columns / N;
        std::array::from_fn(|i| MatrixMut {
            start: self.start.wrapping_add(i * columns),
            columns,
            ..self
        })
    }

    /// The matrix in blocks, row after row of blocks: the rows between two `starts`, or of one of the even parts, by
    /// `columns` columns.
    pub(super) fn blocks(self, rows: BlockRows<'a>, columns: usize) -> Blocks<'a> {
        if let BlockRows::Starts(starts) = rows {
            assert!(starts.is_sorted() && starts.last().is_none_or(|&end| end <= self.rows));
        }
        Blocks {
            across: self.columns.div_ceil(columns.max(1)).max(1),
            matrix: self,
            rows,
            columns,
        }
    }
}

/// The rows of the blocks of a matrix.
#[derive(Clone, Copy)]
pub(super) enum BlockRows<'a> {
    /// As many each.
    Even(usize),
    /// From one of these ascending numbers to the next.
    Starts(&'a [usize]),
}

/// A matrix in blocks.
pub(super) struct Blocks<'a> {
    matrix: MatrixMut<'a>,
    rows: BlockRows<'a>,
    columns: usize,
    /// Blocks side by side.
    across: usize,
}

impl<'a> Split for Blocks<'a> {
    type Part = MatrixMut<'a>;

    #[inline(always)]
    unsafe fn part(&self, chunk: usize) -> MatrixMut<'a> {
        let (down, across) = (chunk / self.across, chunk % self.across);
        let [rows, columns] = self.matrix.dims();
        let (from, to) = match self.rows {
            BlockRows::Even(count) => (rows.min(down * count), rows.min((down + 1) * count)),
            BlockRows::Starts(starts) => (starts[down], starts[down + 1]),
        };
        let first = columns.min(across * self.columns);
        // Blocks of different numbers share no row or no column, so that their elements are disjoint.
        MatrixMut {
            start: self.matrix.start.wrapping_add(from * self.matrix.stride + first),
            rows: to - from,
            columns: self.columns.min(columns - first),
            ..self.matrix
        }
    }
}

impl<T: Split, const N: usize> Split for [T; N] {
    type Part = [T::Part; N];

    #[inline(always)]
    unsafe fn part(&self, chunk: usize) -> Self::Part {
        // SAFETY: as the caller promises.
        self.each_ref().map(|split| unsafe { split.part(chunk) })
    }
}

impl<A: Split, B: Split> Split for (A, B) {
    type Part = (A::Part, B::Part);

    #[inline(always)]
    unsafe fn part(&self, chunk: usize) -> Self::Part {
        // SAFETY: as the caller promises.
        unsafe { (self.0.part(chunk), self.1.part(chunk)) }
    }
}

/// A cache line: a vector that does not straddle two is read at twice the speed.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [f32; 16]);

thread_local! {
    static SCRATCH: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Floats of any value, in the same memory for all work of a thread.
pub(super) struct Scratch(Vec<Line>);

/// At least `len` floats.
pub(super) fn scratch(len: usize) -> Scratch {
    let mut lines = SCRATCH.take();
    let count = len.div_ceil(16);
    if lines.len() < count {
        lines.resize(count, Line([0.0; 16]));
    }
    Scratch(lines)
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: a line is sixteen floats and nothing else.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), 16 * self.0.len()) }
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: a line is sixteen floats and nothing else.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), 16 * self.0.len()) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        SCRATCH.set(std::mem::take(&mut self.0));
    }
}
