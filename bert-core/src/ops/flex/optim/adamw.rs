//! AdamW.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use pulp::Simd;

use super::CHUNK;
use crate::ops::AdamWStep;
use crate::ops::flex::memory::{
    Rows, contiguous, floats, floats_mut, mark_rows, nonzero_rows, owned, owned_row_sparse, union,
};
use crate::ops::flex::parallel::{Chunks, ParallelWork, run};

/// The parameter and its moments after a step, in the same memory if no one else uses it.
pub(in crate::ops::flex) fn step(tensors: [FlexTensor; 4], step: AdamWStep) -> [FlexTensor; 3] {
    let [parameter, gradient, moments @ ..] = tensors;
    let gradient = contiguous(gradient);
    let mut parameter = owned(parameter);
    let known = nonzero_rows(&gradient);
    let is_sparse = known.is_some();
    let [(mut moment1, rows1), (mut moment2, rows2)] = moments.map(|moment| {
        if is_sparse {
            owned_row_sparse(moment)
        } else {
            (owned(moment), Rows::default())
        }
    });
    let active = known.map(|rows| union(&rows, &union(&rows1, &rows2)));
    // The corrections in f64: 1 - 0.999 loses three digits in f32.
    let correction1 = 1.0 - step.beta1.powi(step.time as i32);
    let correction2 = (1.0 - step.beta2.powi(step.time as i32)).sqrt();
    let shape = gradient.shape();
    let step = Step {
        gradient: floats(&gradient),
        keep: [step.beta1 as f32, step.beta2 as f32],
        take: [(1.0 - step.beta1) as f32, (1.0 - step.beta2) as f32],
        correction: (1.0 / correction2) as f32,
        epsilon: step.epsilon as f32,
        rate: (step.rate / correction1) as f32,
        decay: (1.0 - step.rate * step.decay) as f32,
    };
    let all = [&mut parameter, &mut moment1, &mut moment2].map(floats_mut);
    match active {
        None => {
            let chunks = step.gradient.len().div_ceil(CHUNK);
            run(chunks, all.map(|x| Chunks::new(x, CHUNK)), &step);
        }
        Some(active) => {
            let [count, width] = shape.dims();
            let sparse = RowSparseStep {
                step,
                active: &active,
                width,
            };
            let outputs = all.map(|x| Chunks::new(x, ROWS * width));
            run(count.div_ceil(ROWS), outputs, &sparse);
            mark_rows(&moment1, active.clone());
            mark_rows(&moment2, active);
        }
    }
    [parameter, moment1, moment2]
}

struct Step<'a> {
    gradient: &'a [f32],
    keep: [f32; 2],
    take: [f32; 2],
    correction: f32,
    epsilon: f32,
    rate: f32,
    decay: f32,
}

impl ParallelWork for Step<'_> {
    /// The parameter and its moments.
    type Outputs<'a> = [Chunks<'a>; 3];

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, chunk: usize, all: [&mut [f32]; 3]) {
        self.update(chunk * CHUNK, all);
    }
}

impl Step<'_> {
    /// Updates the elements from `first` on.
    #[inline(always)]
    fn update(&self, first: usize, [parameter, moment1, moment2]: [&mut [f32]; 3]) {
        let gradient = &self.gradient[first..][..parameter.len()];
        let moments = moment1.iter_mut().zip(moment2);
        for ((x, &gradient), (moment1, moment2)) in parameter.iter_mut().zip(gradient).zip(moments) {
            *moment1 = self.keep[0] * *moment1 + self.take[0] * gradient;
            *moment2 = self.keep[1] * *moment2 + self.take[1] * (gradient * gradient);
            let denominator = moment2.sqrt() * self.correction + self.epsilon;
            *x = self.decay * *x - self.rate * (*moment1 / denominator);
        }
    }
}

/// Rows of a chunk of a row-sparse matrix.
const ROWS: usize = 64;

/// A step of a row-sparse matrix. Rows that are not active have no gradient and no moments: they only decay.
struct RowSparseStep<'a> {
    step: Step<'a>,
    active: &'a [u32],
    width: usize,
}

impl ParallelWork for RowSparseStep<'_> {
    type Outputs<'a> = [Chunks<'a>; 3];

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, chunk: usize, [parameter, moment1, moment2]: [&mut [f32]; 3]) {
        let width = self.width;
        let (first, count) = (chunk * ROWS, parameter.len() / width);
        let place = |row: usize| self.active.partition_point(|&active| (active as usize) < row);
        let active = &self.active[place(first)..place(first + count)];
        let active = active.iter().map(|&row| row as usize - first);
        let mut row = 0;
        for next in active.chain([count]) {
            if self.step.decay != 1.0 {
                for x in &mut parameter[row * width..next * width] {
                    *x *= self.step.decay;
                }
            }
            if next < count {
                let row = next * width..(next + 1) * width;
                let all = [
                    &mut parameter[row.clone()],
                    &mut moment1[row.clone()],
                    &mut moment2[row],
                ];
                self.step.update((first + next) * width, all);
            }
            row = next + 1;
        }
    }
}
