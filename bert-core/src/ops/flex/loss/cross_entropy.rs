//! Softmax cross-entropy, forward and backward in one pass over each row each.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::super::math::simd::{exp, max};
use super::super::memory::{Floats, contiguous, floats};
use super::super::parallel::{Chunks, ParallelWork, run};
use crate::ops::fused::{FusedOp, Pass};

/// Rows of a chunk.
const ROWS: usize = 64;
/// Classes whose terms are summed in f32.
const SUMMED: usize = 4096;

#[derive(Debug)]
pub(in crate::ops) struct CrossEntropy;

#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    logits: FlexTensor,
    targets: FlexTensor,
    weights: FlexTensor,
}

/// The input is the logits, `[rows, classes]`; the arguments are targets and weights, `[rows]`.
impl FusedOp<Flex, 1> for CrossEntropy {
    type Arguments = (FlexTensor, FlexTensor);
    type Saved = Saved;

    /// The weighted sum of the rows' losses, `[1]`: each in f32, their sum in f64, in their order.
    fn forward(
        [logits]: [FlexTensor; 1],
        (targets, weights): Self::Arguments,
        _: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [logits, targets, weights] = [logits, targets, weights].map(contiguous);
        let saved = Saved {
            logits,
            targets,
            weights,
        };
        let rows = RowBatch::new(&saved);
        let count = rows.targets.len();
        let mut losses = Floats::uninitialised(count);
        run(
            count.div_ceil(ROWS),
            Chunks::new(&mut losses, ROWS),
            &Losses(rows),
        );
        let mut total = Floats::uninitialised(1);
        total[0] = losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() as f32;
        (total.into_tensor(Shape::new([1])), Some(saved))
    }

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let rows = RowBatch::new(&saved);
        let mut to = Floats::uninitialised(rows.logits.len());
        let chunks = rows.targets.len().div_ceil(ROWS);
        let work = Gradients {
            rows,
            gradient: floats(&gradient)[0],
        };
        run(chunks, Chunks::new(&mut to, ROWS * rows.classes()), &work);
        [Some(to.into_tensor(saved.logits.shape()))]
    }
}

#[derive(Clone, Copy)]
struct RowBatch<'a> {
    logits: &'a [f32],
    targets: &'a [i32],
    weights: &'a [f32],
}

impl<'a> RowBatch<'a> {
    fn new(saved: &'a Saved) -> Self {
        Self {
            logits: floats(&saved.logits),
            targets: saved.targets.as_slice().expect("contiguous 32-bit integers"),
            weights: floats(&saved.weights),
        }
    }

    #[inline(always)]
    fn classes(&self) -> usize {
        self.logits.len() / self.targets.len().max(1)
    }

    /// The logits and the target of a row.
    #[inline(always)]
    fn row(&self, row: usize) -> (&'a [f32], usize) {
        let classes = self.classes();
        (
            &self.logits[row * classes..][..classes],
            self.targets[row] as usize,
        )
    }
}

/// The weighted loss of each row.
struct Losses<'a>(RowBatch<'a>);

impl ParallelWork for Losses<'_> {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, to: &mut [f32]) {
        for (row, to) in (chunk * ROWS..).zip(to) {
            let (logits, target) = self.0.row(row);
            let high = max(simd, logits);
            let sum = sum_of_exp(logits, high);
            *to = self.0.weights[row] * (high + sum.ln() - logits[target]);
        }
    }
}

/// The gradient of the logits.
struct Gradients<'a> {
    rows: RowBatch<'a>,
    /// The gradient of the loss.
    gradient: f32,
}

impl ParallelWork for Gradients<'_> {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, to: &mut [f32]) {
        let rows = to.chunks_exact_mut(self.rows.classes());
        for (row, to) in (chunk * ROWS..).zip(rows) {
            let (logits, target) = self.rows.row(row);
            let high = max(simd, logits);
            let weight = self.rows.weights[row] * self.gradient;
            let share = weight / sum_of_exp(logits, high);
            for (to, &x) in to.iter_mut().zip(logits) {
                *to = exp(x - high) * share;
            }
            to[target] -= weight;
        }
    }
}

/// The sum of `exp(x - high)`, in parts: the rounding of a single sum grows with the number of classes.
#[inline(always)]
fn sum_of_exp(logits: &[f32], high: f32) -> f32 {
    let parts = logits.chunks(SUMMED);
    let part = |part: &[f32]| part.iter().map(|x| exp(x - high)).sum::<f32>();
    parts.map(|some| f64::from(part(some))).sum::<f64>() as f32
}
