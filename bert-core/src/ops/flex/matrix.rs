//! Matrices where they lie.

/// A matrix inside a slice, by its strides.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// From an element to the one below it.
    pub(super) down: usize,
    /// From an element to the one on its right.
    pub(super) right: usize,
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
    pub(super) fn by_rows(&self) -> Option<impl Fn(usize) -> &'a [f32]> {
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
