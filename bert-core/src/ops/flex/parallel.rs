//! Work shared out over the cores, in pieces that do not depend on how many there are.

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

/// Whether no narrower vectors are asked for.
pub(super) fn widest() -> bool {
    *VECTORS == Vectors::Widest
}

/// Runs code with the widest vectors that this machine has, or with narrower ones that `BERT_VECTORS` asks for.
#[inline(always)]
pub(super) fn vectorised<T: WithSimd>(code: T) -> T::Output {
    let vectors = *VECTORS;
    if vectors == Vectors::Plain {
        return Simd::vectorize(Scalar, code);
    }
    // `Arch` sees AVX2 only where pulp is built with a feature of that name, which burn's is not.
    #[cfg(target_arch = "x86_64")]
    if (vectors == Vectors::Avx2 || V4::try_new().is_none())
        && let Some(simd) = V3::try_new()
    {
        return Simd::vectorize(simd, code);
    }
    Arch::new().dispatch(code)
}

/// Something to be done in pieces.
pub(super) trait Task: Sync {
    /// Does one piece. To be marked `#[inline(always)]`: it is compiled once for each kind of vector.
    fn run<S: Simd>(&self, simd: S, piece: usize);
}

/// Does all pieces below `count`, with the widest vectors that this machine has.
pub(super) fn run(count: usize, task: &impl Task) {
    struct Piece<'a, T>(&'a T, usize);
    impl<T: Task> WithSimd for Piece<'_, T> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            self.0.run(simd, self.1);
        }
    }
    if count == 1 {
        vectorised(Piece(task, 0));
        return;
    }
    threads::for_each(count, |piece| vectorised(Piece(task, piece)));
}

/// A slice of which several tasks write parts that do not overlap.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    start: *mut f32,
    len: usize,
    life: PhantomData<&'a mut [f32]>,
}

// SAFETY: see `part`: its callers promise that no element is used by two tasks.
unsafe impl Send for Shared<'_> {}
// SAFETY: the same.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(super) fn new(slice: &'a mut [f32]) -> Self {
        Self {
            start: slice.as_mut_ptr(),
            len: slice.len(),
            life: PhantomData,
        }
    }

    /// The elements from `from` on, `len` of them.
    ///
    /// # Safety
    /// No other task uses any of them while this borrow lives.
    #[inline(always)]
    pub(super) unsafe fn part(self, from: usize, len: usize) -> &'a mut [f32] {
        assert!(from <= self.len && len <= self.len - from, "a part of the slice");
        // SAFETY: inside the slice, and used by nobody else, as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), len) }
    }

    /// The first of `rows` by `columns` elements, `stride` between rows, to be written through the pointer.
    ///
    /// # Safety
    /// No other task uses any of them in the meantime.
    #[inline(always)]
    pub(super) unsafe fn rows(self, from: usize, [rows, columns]: [usize; 2], stride: usize) -> *mut f32 {
        let end = from + rows.saturating_sub(1) * stride + columns;
        assert!(end <= self.len, "rows of the slice");
        // SAFETY: inside the slice.
        unsafe { self.start.add(from) }
    }

    /// Without the first `count` elements.
    pub(super) fn from(self, count: usize) -> Self {
        assert!(count <= self.len, "a part of the slice");
        Self {
            start: self.start.wrapping_add(count),
            len: self.len - count,
            ..self
        }
    }
}

/// A cache line: vectors that do not straddle two are read at twice the speed.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [f32; 16]);

thread_local! {
    static SCRATCH: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Floats of any value, in the same memory for every task of a thread.
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
