//! Softmax cross-entropy, forward and backward in one pass over each row.

#![allow(unsafe_code)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::math::{exp, max};
use super::memory::Floats;
use super::parallel::{Shared, Task, run};
use super::tensor::floats;

/// Rows of a piece.
const ROWS: usize = 64;

/// Logits `[rows, classes]`, targets and weights `[rows]`, all in order.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) logits: FlexTensor,
    pub(super) targets: FlexTensor,
    pub(super) weights: FlexTensor,
}

impl Rows {
    fn targets(&self) -> &[i32] {
        self.targets.as_slice().expect("32-bit integers in order")
    }
}

/// The weighted sum of the rows' losses, `[1]`: each in f32, their sum in f64, in their order.
pub(super) fn forward(rows: &Rows) -> FlexTensor {
    let count = rows.targets().len();
    let mut losses = Floats::stale(count);
    let task = Forward {
        logits: floats(&rows.logits),
        targets: rows.targets(),
        weights: floats(&rows.weights),
        to: Shared::new(&mut losses),
    };
    run(count.div_ceil(ROWS), &task);
    let mut total = Floats::stale(1);
    total[0] = losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() as f32;
    total.into_tensor(Shape::new([1]))
}

struct Forward<'a> {
    logits: &'a [f32],
    targets: &'a [i32],
    weights: &'a [f32],
    to: Shared<'a>,
}

impl Task for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let count = self.targets.len();
        let classes = self.logits.len() / count;
        for row in piece * ROWS..count.min((piece + 1) * ROWS) {
            let logits = &self.logits[row * classes..][..classes];
            let high = max(simd, logits);
            let sum = logits.iter().map(|x| exp(x - high)).sum::<f32>();
            let target = logits[self.targets[row] as usize];
            // SAFETY: every piece has rows of its own.
            let to = unsafe { self.to.part(row, 1) };
            to[0] = self.weights[row] * (high + sum.ln() - target);
        }
    }
}

/// The gradient of the logits.
#[derive(Debug)]
pub(super) struct CrossEntropyBackward;

impl Backward<Flex, 1> for CrossEntropyBackward {
    type State = Rows;

    fn backward(self, ops: Ops<Rows, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let [Some(node)] = ops.parents else { return };
        let mut to = Floats::stale(rows.logits.shape().num_elements());
        let count = rows.targets().len();
        let task = Slopes {
            logits: floats(&rows.logits),
            targets: rows.targets(),
            weights: floats(&rows.weights),
            gradient: floats(&gradient)[0],
            to: Shared::new(&mut to),
        };
        run(count.div_ceil(ROWS), &task);
        grads.register::<Flex>(node.id, to.into_tensor(rows.logits.shape()));
    }
}

struct Slopes<'a> {
    logits: &'a [f32],
    targets: &'a [i32],
    weights: &'a [f32],
    /// That of the loss.
    gradient: f32,
    to: Shared<'a>,
}

impl Task for Slopes<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let count = self.targets.len();
        let classes = self.logits.len() / count;
        for row in piece * ROWS..count.min((piece + 1) * ROWS) {
            let logits = &self.logits[row * classes..][..classes];
            // SAFETY: every piece has rows of its own.
            let to = unsafe { self.to.part(row * classes, classes) };
            let high = max(simd, logits);
            let weight = self.weights[row] * self.gradient;
            let share = weight / logits.iter().map(|x| exp(x - high)).sum::<f32>();
            for (to, &x) in to.iter_mut().zip(logits) {
                *to = exp(x - high) * share;
            }
            to[self.targets[row] as usize] -= weight;
        }
    }
}
