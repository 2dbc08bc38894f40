//! The sum of squares and the scale that clipping needs.

use burn::backend::flex::FlexTensor;
use burn::backend::{Shape, TensorMetadata};
use pulp::{Simd, WithSimd};

use super::CHUNK;
use crate::ops::flex::math::simd::squares;
use crate::ops::flex::memory::{Floats, change_rows, contiguous, floats, floats_mut, nonzero_rows, owned};
use crate::ops::flex::parallel::{Chunks, ParallelWork, run, vectorised};

/// The sum of the squares, `[1]`: of chunks in f32, of these in f64, in their order.
pub(in crate::ops::flex) fn sum_of_squares(x: FlexTensor) -> FlexTensor {
    let x = contiguous(x);
    let total = match nonzero_rows(&x) {
        Some(rows) => vectorised(RowSquares {
            matrix: floats(&x),
            rows: &rows,
            width: x.shape()[1],
        }),
        None => {
            let x = floats(&x);
            let mut sums = vec![0.0; x.len().div_ceil(CHUNK)];
            run(sums.len(), Chunks::new(&mut sums, 1), &Squares(x));
            sums.iter().map(|&sum| f64::from(sum)).sum::<f64>()
        }
    };
    let mut result = Floats::uninitialised(1);
    result[0] = total as f32;
    result.into_tensor(Shape::new([1]))
}

struct Squares<'a>(&'a [f32]);

impl ParallelWork for Squares<'_> {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, to: &mut [f32]) {
        let x = &self.0[chunk * CHUNK..];
        to[0] = squares(simd, &x[..x.len().min(CHUNK)], 0.0);
    }
}

/// The sum of the squares of a row-sparse matrix: of each row in f32, of these sums in f64.
struct RowSquares<'a> {
    matrix: &'a [f32],
    rows: &'a [u32],
    width: usize,
}

impl WithSimd for RowSquares<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let row = |&row: &u32| &self.matrix[row as usize * self.width..][..self.width];
        let squares = |number| f64::from(squares(simd, row(number), 0.0));
        self.rows.iter().map(squares).sum()
    }
}

/// `x` times the one element of `factor`; unchanged if that is 1.
pub(in crate::ops::flex) fn scale(x: FlexTensor, factor: FlexTensor) -> FlexTensor {
    let factor = floats(&contiguous(factor))[0];
    if factor == 1.0 {
        return x;
    }
    let rows = nonzero_rows(&x);
    let mut x = owned(x);
    if let Some(rows) = rows {
        let width = x.shape()[1];
        change_rows(&mut x, rows, |floats, rows| {
            for &row in rows {
                let row = &mut floats[row as usize * width..][..width];
                row.iter_mut().for_each(|x| *x *= factor);
            }
        });
        return x;
    }
    let chunks = x.shape().num_elements().div_ceil(CHUNK);
    run(chunks, Chunks::new(floats_mut(&mut x), CHUNK), &Scale(factor));
    x
}

struct Scale(f32);

impl ParallelWork for Scale {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, _: usize, x: &mut [f32]) {
        for x in x {
            *x *= self.0;
        }
    }
}
