//! Dropout, the residual connection and layer normalisation in one pass over each row.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::gemm::Epilogue;
use super::math::activation::Bias;
use super::math::dropout_mask::{BLOCK, DropoutMask, RowMask};
use super::math::layer_norm::{Moments, gain_gradients};
use super::memory::{Floats, contiguous, floats, floats_mut, owned};
use super::parallel::{Chunks, ParallelWork, run};
use crate::ops::NormOptions;
use crate::ops::fused::{FusedOp, Pass};

/// Rows of a chunk.
const ROWS: usize = 32;

/// The dropout, the residual connection and the normalisation.
#[derive(Clone, Copy)]
pub(super) struct ResidualNormForward<'a> {
    residual: &'a [f32],
    gain: [&'a [f32]; 2],
    epsilon: f32,
    mask: Option<DropoutMask>,
}

impl<'a> ResidualNormForward<'a> {
    pub(super) fn new(residual: &'a FlexTensor, gain: [&'a FlexTensor; 2], options: NormOptions) -> Self {
        Self {
            residual: floats(residual),
            gain: gain.map(floats),
            epsilon: options.epsilon as f32,
            mask: options.dropout.map(DropoutMask::new),
        }
    }

    /// Adds the residual to the dropped out rows from `first` on, and writes the normalised sums to `to`.
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32], to: &mut [f32]) {
        let width = self.gain[0].len();
        let both = rows.chunks_exact_mut(width).zip(to.chunks_exact_mut(width));
        for (row, (sum, to)) in (first..).zip(both) {
            let residual = &self.residual[row * width..][..width];
            add_residual(sum, residual, self.mask.map(|mask| mask.row(row)));
            Moments::of(simd, sum, self.epsilon).normalise(sum, self.gain, to);
        }
    }
}

/// The end of both halves of a layer, on finished rows of a product: bias, then [`ResidualNormForward`] to the rows beside.
pub(super) struct BiasResidualNorm<'a> {
    pub(super) bias: &'a [f32],
    pub(super) residual_norm: ResidualNormForward<'a>,
}

impl Epilogue for BiasResidualNorm<'_> {
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32], beside: &mut [f32]) {
        Bias(self.bias).apply(simd, first, rows, &mut []);
        self.residual_norm.apply(simd, first, rows, beside);
    }
}

impl ParallelWork for ResidualNormForward<'_> {
    type Outputs<'a> = [Chunks<'a>; 2];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, [sum, to]: [&mut [f32]; 2]) {
        self.apply(simd, chunk * ROWS, sum, to);
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

/// What the backward pass of a normalisation needs.
#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    /// The rows that were normalised.
    pub(super) sum: FlexTensor,
    pub(super) gamma: FlexTensor,
    pub(super) options: NormOptions,
}

#[derive(Debug)]
pub(in crate::ops) struct ResidualNorm;

/// The inputs are `x`, residual, gain and offset.
impl FusedOp<Flex, 4> for ResidualNorm {
    type Arguments = NormOptions;
    type Saved = Saved;

    fn forward(inputs: [FlexTensor; 4], options: NormOptions, _: Pass) -> (FlexTensor, Option<Saved>) {
        let [x, residual, gamma, beta] = inputs;
        let [residual, gamma, beta] = [residual, gamma, beta].map(contiguous);
        let shape = x.shape();
        let mut sum = owned(x);
        let mut to = Floats::uninitialised(shape.num_elements());
        let width = floats(&gamma).len();
        let chunks = (to.len() / width.max(1)).div_ceil(ROWS);
        let residual_norm = ResidualNormForward::new(&residual, [&gamma, &beta], options);
        let outputs = [floats_mut(&mut sum), &mut to[..]].map(|all| Chunks::new(all, ROWS * width));
        run(chunks, outputs, &residual_norm);
        (to.into_tensor(shape), Some(Saved { sum, gamma, options }))
    }

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 4]) -> [Option<FlexTensor>; 4] {
        let Gradients {
            of_x,
            of_residual,
            of_gain: [of_gamma, of_beta],
        } = gradients(&saved, gradient);
        let of_x = of_x.unwrap_or_else(|| of_residual.clone());
        [of_x, of_residual, of_gamma, of_beta].map(Some)
    }
}

pub(super) struct Gradients {
    /// `None` without dropout: the same as the residual's.
    pub(super) of_x: Option<FlexTensor>,
    /// In the memory of the output's gradient.
    pub(super) of_residual: FlexTensor,
    pub(super) of_gain: [FlexTensor; 2],
}

/// The gradients of `x`, residual, gain and offset, from the gradient of the output.
pub(super) fn gradients(saved: &Saved, gradient: FlexTensor) -> Gradients {
    let Saved { sum, gamma, options } = saved;
    let mut gradient = owned(gradient);
    let shape = gradient.shape();
    let width = floats(gamma).len();
    let count = shape.num_elements() / width.max(1);
    let chunks = count.div_ceil(ROWS);
    let mut of_x = Floats::uninitialised(if options.dropout.is_some() {
        count * width
    } else {
        0
    });
    let mut sums = Floats::uninitialised(chunks * 2 * width);
    let backward = ResidualNormBackward {
        sum: floats(sum),
        gamma: floats(gamma),
        epsilon: options.epsilon as f32,
        mask: options.dropout.map(DropoutMask::new),
    };
    let rows = [floats_mut(&mut gradient), &mut of_x[..]].map(|all| Chunks::new(all, ROWS * width));
    run(chunks, (rows, Chunks::new(&mut sums, 2 * width)), &backward);
    Gradients {
        of_x: options.dropout.map(|_| of_x.into_tensor(shape)),
        of_residual: gradient,
        of_gain: gain_gradients(&sums, width),
    }
}

struct ResidualNormBackward<'a> {
    sum: &'a [f32],
    gamma: &'a [f32],
    epsilon: f32,
    mask: Option<DropoutMask>,
}

impl ParallelWork for ResidualNormBackward<'_> {
    /// The gradient of the output, which becomes the gradient of the sum; the gradient of `x`, with dropout; and the sums
    /// of gain and offset, one pair a chunk.
    type Outputs<'a> = ([Chunks<'a>; 2], Chunks<'a>);

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, ([gradients, of_x], sums): ([&mut [f32]; 2], &mut [f32])) {
        let width = self.gamma.len();
        sums.fill(0.0);
        let (of_gamma, of_beta) = sums.split_at_mut(width);
        let mut of_x = of_x.chunks_exact_mut(width);
        for (row, gradient) in (chunk * ROWS..).zip(gradients.chunks_exact_mut(width)) {
            let sum = &self.sum[row * width..][..width];
            let moments = Moments::of(simd, sum, self.epsilon);
            moments.gradient(simd, sum, self.gamma, gradient, [&mut *of_gamma, &mut *of_beta]);
            if let (Some(mask), Some(of_x)) = (self.mask, of_x.next()) {
                of_x.copy_from_slice(gradient);
                mask.row(row).apply(of_x);
            }
        }
    }
}
