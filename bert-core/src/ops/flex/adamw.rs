//! AdamW, and what clipping needs, each in one pass over a tensor.

#![allow(unsafe_code)]

use burn::backend::flex::FlexTensor;
use burn::backend::{Shape, TensorMetadata};
use pulp::{Simd, WithSimd};

use super::math::squares;
use super::memory::Floats;
use super::parallel::{Shared, Task, run, vectorised};
use super::rows::{self, Rows};
use super::tensor::{floats, floats_mut, in_order, owned};
use crate::ops::AdamWStep;

/// Elements of a piece.
const PIECE: usize = 1 << 14;

/// The parameter and its moments after a step, in the same memory where nobody else uses it.
pub(super) fn step(
    parameter: FlexTensor,
    gradient: FlexTensor,
    moments: [FlexTensor; 2],
    step: AdamWStep,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let gradient = in_order(gradient);
    let mut parameter = owned(parameter);
    let known = rows::known(&gradient);
    let is_table = known.is_some();
    let [(mut moment1, rows1), (mut moment2, rows2)] = moments.map(|moment| {
        if is_table {
            rows::table(moment)
        } else {
            (owned(moment), Rows::default())
        }
    });
    let active = known.map(|rows| rows::union(&rows, &rows::union(&rows1, &rows2)));
    // The corrections in f64: 1 - 0.999 loses three digits in f32.
    let correction1 = 1.0 - step.beta1.powi(step.time as i32);
    let correction2 = (1.0 - step.beta2.powi(step.time as i32)).sqrt();
    let shape = gradient.shape();
    let gradient = floats(&gradient);
    let task = Step {
        parameter: Shared::new(floats_mut(&mut parameter)),
        gradient,
        moments: [&mut moment1, &mut moment2].map(|moment| Shared::new(floats_mut(moment))),
        keep: [step.beta1 as f32, step.beta2 as f32],
        take: [(1.0 - step.beta1) as f32, (1.0 - step.beta2) as f32],
        correction: (1.0 / correction2) as f32,
        epsilon: step.epsilon as f32,
        rate: (step.rate / correction1) as f32,
        decay: (1.0 - step.rate * step.decay) as f32,
    };
    match active {
        None => run(gradient.len().div_ceil(PIECE), &task),
        Some(active) => {
            let [count, width] = shape.dims();
            let table = Table {
                step: task,
                active: &active,
                count,
                width,
            };
            run(count.div_ceil(ROWS), &table);
            rows::note(&moment1, active.clone());
            rows::note(&moment2, active);
        }
    }
    (parameter, moment1, moment2)
}

struct Step<'a> {
    parameter: Shared<'a>,
    gradient: &'a [f32],
    moments: [Shared<'a>; 2],
    keep: [f32; 2],
    take: [f32; 2],
    correction: f32,
    epsilon: f32,
    rate: f32,
    decay: f32,
}

impl Task for Step<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize) {
        let first = piece * PIECE;
        let count = PIECE.min(self.gradient.len() - first);
        // SAFETY: every piece has elements of its own.
        unsafe { self.update(first, count) };
    }
}

impl Step<'_> {
    /// # Safety
    /// Nobody else uses these elements.
    #[inline(always)]
    unsafe fn update(&self, first: usize, count: usize) {
        let gradient = &self.gradient[first..][..count];
        // SAFETY: as the caller promises.
        let [parameter, moment1, moment2] =
            [self.parameter, self.moments[0], self.moments[1]].map(|x| unsafe { x.part(first, count) });
        let moments = moment1.iter_mut().zip(moment2);
        for ((x, &gradient), (moment1, moment2)) in parameter.iter_mut().zip(gradient).zip(moments) {
            *moment1 = self.keep[0] * *moment1 + self.take[0] * gradient;
            *moment2 = self.keep[1] * *moment2 + self.take[1] * (gradient * gradient);
            let denominator = moment2.sqrt() * self.correction + self.epsilon;
            *x = self.decay * *x - self.rate * (*moment1 / denominator);
        }
    }
}

/// Rows of a piece of a table.
const ROWS: usize = 64;

/// A step of a table, all of whose rows but the active ones have neither gradient nor moments: nothing but their decay
/// is left of it.
struct Table<'a> {
    step: Step<'a>,
    active: &'a [u32],
    count: usize,
    width: usize,
}

impl Task for Table<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize) {
        let (first, end) = (piece * ROWS, self.count.min((piece + 1) * ROWS));
        let place = |row: usize| self.active.partition_point(|&active| (active as usize) < row);
        let active = self.active[place(first)..place(end)]
            .iter()
            .map(|&row| row as usize);
        let mut row = first;
        for next in active.chain([end]) {
            // SAFETY: every piece has rows of its own.
            let asleep = unsafe {
                self.step
                    .parameter
                    .part(row * self.width, (next - row) * self.width)
            };
            if self.step.decay != 1.0 {
                for x in asleep {
                    *x *= self.step.decay;
                }
            }
            if next < end {
                // SAFETY: the same.
                unsafe { self.step.update(next * self.width, self.width) };
            }
            row = next + 1;
        }
    }
}

/// The sum of the squares, `[1]`: of pieces in f32, of these in f64, in their order.
pub(super) fn sum_of_squares(x: FlexTensor) -> FlexTensor {
    let x = in_order(x);
    if let Some(rows) = rows::known(&x) {
        return of_rows(&x, &rows);
    }
    let x = floats(&x);
    let mut sums = vec![0.0; x.len().div_ceil(PIECE)];
    let to = Shared::new(&mut sums);
    run(x.len().div_ceil(PIECE), &Squares { x, to });
    let total: f64 = sums.iter().map(|&sum| f64::from(sum)).sum();
    let mut result = Floats::stale(1);
    result[0] = total as f32;
    result.into_tensor(Shape::new([1]))
}

/// The same of a table: of its rows in f32, of these in f64.
fn of_rows(table: &FlexTensor, rows: &[u32]) -> FlexTensor {
    struct Total<'a>(&'a [f32], &'a [u32], usize);
    impl WithSimd for Total<'_> {
        type Output = f64;
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> f64 {
            let Self(table, rows, width) = self;
            let row = |&row: &u32| &table[row as usize * width..][..width];
            rows.iter()
                .map(|number| f64::from(squares(simd, row(number), 0.0)))
                .sum()
        }
    }
    let [_, width] = table.shape().dims();
    let mut result = Floats::stale(1);
    result[0] = vectorised(Total(floats(table), rows, width)) as f32;
    result.into_tensor(Shape::new([1]))
}

struct Squares<'a> {
    x: &'a [f32],
    to: Shared<'a>,
}

impl Task for Squares<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let x = &self.x[piece * PIECE..];
        // SAFETY: every piece has its own sum.
        let to = unsafe { self.to.part(piece, 1) };
        to[0] = squares(simd, &x[..x.len().min(PIECE)], 0.0);
    }
}

/// `x` times the one element of `factor`; untouched where that is 1.
pub(super) fn scale(x: FlexTensor, factor: &FlexTensor) -> FlexTensor {
    let factor = floats(factor)[0];
    if factor == 1.0 {
        return x;
    }
    let known = rows::known(&x);
    let mut x = owned(x);
    if let Some(rows) = known {
        let [_, width] = x.shape().dims();
        rows::change(&mut x, rows, |floats, rows| {
            for &row in rows {
                floats[row as usize * width..][..width]
                    .iter_mut()
                    .for_each(|x| *x *= factor);
            }
        });
        return x;
    }
    let count = x.shape().num_elements();
    let scale = Scale {
        x: Shared::new(floats_mut(&mut x)),
        count,
        factor,
    };
    run(count.div_ceil(PIECE), &scale);
    x
}

struct Scale<'a> {
    x: Shared<'a>,
    count: usize,
    factor: f32,
}

impl Task for Scale<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize) {
        let first = piece * PIECE;
        // SAFETY: every piece has elements of its own.
        for x in unsafe { self.x.part(first, PIECE.min(self.count - first)) } {
            *x *= self.factor;
        }
    }
}
