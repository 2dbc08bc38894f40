//! Dropout, the residual connection and layer normalisation in one pass over each row.

#![allow(unsafe_code)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::linear::Bias;
use super::memory::Floats;
use super::norm::{Moments, add_up};
use super::parallel::{Shared, Task, run};
use super::product::Finish;
use super::random::{BLOCK, Mask, RowMask};
use super::tensor::{floats, floats_mut, owned};
use crate::ops::Dropout;

/// Rows of a piece.
const ROWS: usize = 32;

/// The normalised sum of residual and dropped out `x`, and the sum itself.
pub(super) fn forward(
    x: FlexTensor,
    residual: &FlexTensor,
    [gamma, beta]: [&FlexTensor; 2],
    epsilon: f64,
    dropout: Option<Dropout>,
) -> (FlexTensor, FlexTensor) {
    let shape = x.shape();
    let mut x = owned(x);
    let mut to = Floats::stale(shape.num_elements());
    let width = floats(gamma).len();
    let count = to.len() / width.max(1);
    let task = Forward {
        sum: Shared::new(floats_mut(&mut x)),
        residual: floats(residual),
        gain: [floats(gamma), floats(beta)],
        epsilon: epsilon as f32,
        mask: dropout.map(Mask::new),
        to: Shared::new(&mut to),
    };
    run(count.div_ceil(ROWS), &task);
    (to.into_tensor(shape), x)
}

/// What closes both halves of a layer, on finished rows of the product: bias, dropout and residual, and the normalised
/// sum beside them.
pub(super) struct Close<'a> {
    pub(super) bias: &'a [f32],
    pub(super) residual: &'a [f32],
    pub(super) gain: [&'a [f32]; 2],
    pub(super) epsilon: f64,
    pub(super) mask: Option<Mask>,
    pub(super) to: Shared<'a>,
}

impl Finish for Close<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32]) {
        let width = self.bias.len();
        Bias(self.bias).finish(simd, first, rows);
        for (i, sum) in rows.chunks_exact_mut(width).enumerate() {
            let row = first + i;
            let residual = &self.residual[row * width..][..width];
            add_residual(sum, residual, self.mask.map(|mask| mask.row(row)));
            // SAFETY: these rows are this task's own.
            let to = unsafe { self.to.part(row * width, width) };
            Moments::of(simd, sum, self.epsilon as f32).normalise(sum, self.gain, to);
        }
    }
}

struct Forward<'a> {
    /// `x`, which becomes the sum.
    sum: Shared<'a>,
    residual: &'a [f32],
    gain: [&'a [f32]; 2],
    epsilon: f32,
    mask: Option<Mask>,
    to: Shared<'a>,
}

impl Task for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let width = self.gain[0].len();
        let count = self.residual.len() / width;
        for row in piece * ROWS..count.min((piece + 1) * ROWS) {
            let at = row * width;
            // SAFETY: every piece has rows of its own.
            let (sum, to) = unsafe { (self.sum.part(at, width), self.to.part(at, width)) };
            add_residual(
                sum,
                &self.residual[at..][..width],
                self.mask.map(|mask| mask.row(row)),
            );
            Moments::of(simd, sum, self.epsilon).normalise(sum, self.gain, to);
        }
    }
}

#[inline(always)]
fn add_residual(x: &mut [f32], residual: &[f32], mask: Option<RowMask>) {
    let Some(mask) = mask else {
        for (x, residual) in x.iter_mut().zip(residual) {
            *x += residual;
        }
        return;
    };
    let (blocks, rest) = x.as_chunks_mut::<BLOCK>();
    let (residuals, residual_rest) = residual.as_chunks::<BLOCK>();
    for (block, (x, residual)) in blocks.iter_mut().zip(residuals).enumerate() {
        let factors = mask.factors(block);
        for i in 0..BLOCK {
            x[i] = x[i] * factors[i] + residual[i];
        }
    }
    let factors = mask.factors(residuals.len());
    for ((x, residual), factor) in rest.iter_mut().zip(residual_rest).zip(factors) {
        *x = *x * factor + residual;
    }
}

/// The gradients of `x`, residual, gain and offset.
#[derive(Debug)]
pub(super) struct ResidualNormBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) sum: FlexTensor,
    pub(super) gamma: FlexTensor,
    pub(super) epsilon: f64,
    pub(super) dropout: Option<Dropout>,
}

impl Backward<Flex, 4> for ResidualNormBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [x_node, residual_node, gamma_node, beta_node] = ops.parents;
        let Slopes {
            of_x,
            of_residual,
            of_gain: [of_gamma, of_beta],
        } = slopes(&ops.state, grads.consume::<Flex>(&ops.node));
        let all = [
            (x_node, of_x.unwrap_or_else(|| of_residual.clone())),
            (residual_node, of_residual),
            (gamma_node, of_gamma),
            (beta_node, of_beta),
        ];
        for (node, gradient) in all {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

/// What comes of the output's gradient.
pub(super) struct Slopes {
    /// Nothing if that is the residual's, because nothing was dropped.
    pub(super) of_x: Option<FlexTensor>,
    /// In the memory that the output's had.
    pub(super) of_residual: FlexTensor,
    pub(super) of_gain: [FlexTensor; 2],
}

pub(super) fn slopes(saved: &Saved, gradient: FlexTensor) -> Slopes {
    let Saved {
        sum,
        gamma,
        epsilon,
        dropout,
    } = saved;
    let mut gradient = owned(gradient);
    let shape = gradient.shape();
    let width = floats(gamma).len();
    let count = shape.num_elements() / width.max(1);
    let pieces = count.div_ceil(ROWS);
    let mut of_x = dropout.map(|_| Floats::stale(count * width));
    let mut sums = Floats::stale(pieces * 2 * width);
    let task = RowSlopes {
        sum: floats(sum),
        gamma: floats(gamma),
        epsilon: *epsilon as f32,
        mask: dropout.map(Mask::new),
        gradient: Shared::new(floats_mut(&mut gradient)),
        of_x: of_x.as_mut().map(|of_x| Shared::new(of_x)),
        sums: Shared::new(&mut sums),
    };
    run(pieces, &task);
    let mut total = vec![0.0; 2 * width];
    add_up(&sums, 2 * width, &mut total);
    let of_gain = [0, width].map(|from| {
        let mut part = Floats::stale(width);
        part.copy_from_slice(&total[from..from + width]);
        part.into_tensor(gamma.shape())
    });
    Slopes {
        of_x: of_x.map(|of_x| of_x.into_tensor(shape)),
        of_residual: gradient,
        of_gain,
    }
}

struct RowSlopes<'a> {
    sum: &'a [f32],
    gamma: &'a [f32],
    epsilon: f32,
    mask: Option<Mask>,
    /// That of the output, which becomes that of the sum.
    gradient: Shared<'a>,
    of_x: Option<Shared<'a>>,
    /// Of gain and offset, one pair a piece.
    sums: Shared<'a>,
}

impl Task for RowSlopes<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let width = self.gamma.len();
        let count = self.sum.len() / width;
        // SAFETY: every piece has rows and sums of its own.
        let sums = unsafe { self.sums.part(piece * 2 * width, 2 * width) };
        sums.fill(0.0);
        let (of_gamma, of_beta) = sums.split_at_mut(width);
        for row in piece * ROWS..count.min((piece + 1) * ROWS) {
            let at = row * width;
            // SAFETY: as above.
            let gradient = unsafe { self.gradient.part(at, width) };
            let sum = &self.sum[at..][..width];
            let moments = Moments::of(simd, sum, self.epsilon);
            moments.gradient(simd, sum, self.gamma, gradient, [&mut *of_gamma, &mut *of_beta]);
            if let (Some(mask), Some(of_x)) = (self.mask, self.of_x) {
                // SAFETY: as above.
                let of_x = unsafe { of_x.part(at, width) };
                of_x.copy_from_slice(gradient);
                mask.row(row).apply(of_x);
            }
        }
    }
}
