//! Layer normalisation of one row, and its gradient: what two operations share.

use pulp::Simd;

use super::math::{products, squares, sum};

/// A row's mean, and one over its standard deviation.
#[derive(Clone, Copy)]
pub(super) struct Moments {
    mean: f32,
    scale: f32,
}

impl Moments {
    #[inline(always)]
    pub(super) fn of<S: Simd>(simd: S, row: &[f32], epsilon: f32) -> Self {
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

    /// The row normalised, by gain and offset.
    #[inline(always)]
    pub(super) fn normalise(self, row: &[f32], [gamma, beta]: [&[f32]; 2], to: &mut [f32]) {
        for (((to, &x), gamma), beta) in to.iter_mut().zip(row).zip(gamma).zip(beta) {
            *to = self.normalised(x) * gamma + beta;
        }
    }

    /// Turns the gradient of the normalised row into that of the row, and adds those of gain and offset to `sums`.
    #[inline(always)]
    pub(super) fn gradient<S: Simd>(
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

/// Adds up `[pieces, columns]` over the pieces, in their order.
pub(super) fn add_up(pieces: &[f32], columns: usize, to: &mut [f32]) {
    to.fill(0.0);
    for piece in pieces.chunks_exact(columns.max(1)) {
        for (to, x) in to.iter_mut().zip(piece) {
            *to += x;
        }
    }
}
