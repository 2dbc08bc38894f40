//! Layer normalisation of one row, and its gradient.

use burn::backend::Shape;
use burn::backend::flex::FlexTensor;
use pulp::Simd;

use super::simd::{products, squares, sum};
use crate::ops::flex::memory::Floats;

/// A row's mean, and one over its standard deviation.
#[derive(Clone, Copy)]
pub(in crate::ops::flex) struct Moments {
    mean: f32,
    scale: f32,
}

impl Moments {
    #[inline(always)]
    pub(in crate::ops::flex) fn of<S: Simd>(simd: S, row: &[f32], epsilon: f32) -> Self {
        let count = row.len() as f32;
        let mean = sum(simd, row) / count;
        let variance = squares(simd, row, mean) / count;
        Self {
            mean,
            scale: 1.0 / (variance + epsilon).sqrt(),
        }
    }

    #[inline(always)]
    fn normalised(self, x: f32) -> f32 {
        (x - self.mean) * self.scale
    }

    /// The row normalised, with gain and offset.
    #[inline(always)]
    pub(in crate::ops::flex) fn normalise(self, row: &[f32], [gamma, beta]: [&[f32]; 2], to: &mut [f32]) {
        for (((to, &x), gamma), beta) in to.iter_mut().zip(row).zip(gamma).zip(beta) {
            *to = self.normalised(x) * gamma + beta;
        }
    }

    /// Turns the gradient of the normalised row into the gradient of the row, and adds the gradients of gain and offset to
    /// `sums`.
    #[inline(always)]
    pub(in crate::ops::flex) fn gradient<S: Simd>(
        self,
        simd: S,
        row: &[f32],
        gamma: &[f32],
        gradient: &mut [f32],
        sums: [&mut [f32]; 2],
    ) {
        let [of_gamma, of_beta] = sums;
        for (((gradient, &x), gamma), (of_gamma, of_beta)) in gradient
            .iter_mut()
            .zip(row)
            .zip(gamma)
            .zip(of_gamma.iter_mut().zip(of_beta))
        {
            *of_gamma += *gradient * self.normalised(x);
            *of_beta += *gradient;
            *gradient *= gamma;
        }
        let count = row.len() as f32;
        let mean = sum(simd, gradient) / count;
        let along = self.scale * products(simd, gradient, row, self.mean) / count;
        for (gradient, &x) in gradient.iter_mut().zip(row) {
            *gradient = self.scale * (*gradient - mean - self.normalised(x) * along);
        }
    }
}

/// The gradients of gain and offset, from the sums of each chunk: `[chunks, 2 * width]`, added up in their order.
pub(in crate::ops::flex) fn gain_gradients(chunks: &[f32], width: usize) -> [FlexTensor; 2] {
    let mut total = vec![0.0; 2 * width];
    for chunk in chunks.chunks_exact((2 * width).max(1)) {
        for (total, x) in total.iter_mut().zip(chunk) {
            *total += x;
        }
    }
    [0, width].map(|from| {
        let mut part = Floats::uninitialised(width);
        part.copy_from_slice(&total[from..from + width]);
        part.into_tensor(Shape::new([width]))
    })
}
