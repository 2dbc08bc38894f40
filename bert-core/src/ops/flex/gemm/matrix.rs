//! A view of a matrix in memory.

use std::ops::Range;

/// A matrix inside a slice, by its strides. All of its elements are inside the slice.
#[derive(Clone, Copy)]
pub(in crate::ops::flex) struct Matrix<'a> {
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
    pub(in crate::ops::flex) fn new(data: &'a [f32], [rows, columns]: [usize; 2], stride: usize) -> Self {
        assert!(
            rows == 0 || columns == 0 || (rows - 1) * stride + columns <= data.len(),
            "a matrix of {rows} x {columns} in {} floats",
            data.len()
        );
        Self {
            data,
            rows,
            columns,
            down: stride,
            right: 1,
        }
    }

    /// Rows and columns.
    #[inline(always)]
    pub(in crate::ops::flex) fn dims(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// From an element to the one below it, and to the one on its right.
    #[inline(always)]
    pub(super) fn strides(&self) -> [usize; 2] {
        [self.down, self.right]
    }

    /// From the first element on.
    #[inline(always)]
    pub(super) fn data(&self) -> &'a [f32] {
        self.data
    }

    /// The element of this row and column.
    #[inline(always)]
    pub(super) fn at(&self, row: usize, column: usize) -> f32 {
        self.data[row * self.down + column * self.right]
    }

    /// The same matrix by its rows, if each row is contiguous.
    #[inline(always)]
    pub(super) fn by_rows(&self) -> Option<impl Fn(usize) -> &'a [f32] + use<'a>> {
        let Self {
            data, columns, down, ..
        } = *self;
        (self.right == 1).then_some(move |row: usize| &data[row * down..][..columns])
    }

    /// A part of the matrix.
    #[inline(always)]
    pub(in crate::ops::flex) fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(
            rows.end <= self.rows && columns.end <= self.columns,
            "a part of the matrix"
        );
        let start = rows.start * self.down + columns.start * self.right;
        Self {
            data: &self.data[start.min(self.data.len())..],
            rows: rows.len(),
            columns: columns.len(),
            ..self
        }
    }

    #[inline(always)]
    pub(in crate::ops::flex) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            down: self.right,
            right: self.down,
            ..self
        }
    }
}
