//! Activations, and their gradients, on rows that are in the cache.

use pulp::Simd;

use super::simd::{normal, tanh};
use crate::ops::Activation;
use crate::ops::flex::gemm::Epilogue;
use crate::ops::flex::parallel::{Chunks, ParallelWork, run};

/// Adds the bias to finished rows.
pub(in crate::ops::flex) struct Bias<'a>(pub(in crate::ops::flex) &'a [f32]);

impl Epilogue for Bias<'_> {
    #[inline(always)]
    fn apply<S: Simd>(&self, _: S, _: usize, rows: &mut [f32], _: &mut [f32]) {
        for row in rows.chunks_exact_mut(self.0.len()) {
            for (x, bias) in row.iter_mut().zip(self.0) {
                *x += bias;
            }
        }
    }
}

/// Adds the bias to finished rows, and writes their activation in place, or beside them if there is room.
pub(in crate::ops::flex) struct BiasActivation<'a> {
    pub(in crate::ops::flex) bias: &'a [f32],
    pub(in crate::ops::flex) activation: Activation,
}

impl Epilogue for BiasActivation<'_> {
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32], beside: &mut [f32]) {
        Bias(self.bias).apply(simd, first, rows, &mut []);
        if beside.is_empty() {
            activate_in_place(self.activation, rows);
        } else {
            activate(self.activation, rows, beside);
        }
    }
}

/// Multiplies finished rows of gradients by the derivative of the activation at the rows beside them, and applies the
/// activation to these.
pub(in crate::ops::flex) struct ActivationGradient(pub(in crate::ops::flex) Activation);

impl Epilogue for ActivationGradient {
    #[inline(always)]
    fn apply<S: Simd>(&self, _: S, _: usize, rows: &mut [f32], before: &mut [f32]) {
        if self.0 == Activation::Gelu {
            // Both are made of the same numbers.
            for (gradient, x) in rows.iter_mut().zip(before) {
                let (below, density) = normal(*x);
                *gradient *= below + *x * density;
                *x *= below;
            }
            return;
        }
        multiply_derivative(self.0, before, rows);
        activate_in_place(self.0, before);
    }
}

/// Multiplies `gradient` by the derivative of the activation at `before`.
pub(in crate::ops::flex) fn gradient(activation: Activation, before: &[f32], gradient: &mut [f32]) {
    let chunks = before.len().div_ceil(CHUNK);
    run(
        chunks,
        Chunks::new(gradient, CHUNK),
        &Gradient { activation, before },
    );
}

struct Gradient<'a> {
    activation: Activation,
    before: &'a [f32],
}

/// Elements of a chunk of [`Gradient`].
const CHUNK: usize = 1 << 14;

impl ParallelWork for Gradient<'_> {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, chunk: usize, gradient: &mut [f32]) {
        multiply_derivative(self.activation, &self.before[chunk * CHUNK..], gradient);
    }
}

#[inline(always)]
fn activate(activation: Activation, from: &[f32], to: &mut [f32]) {
    let both = from.iter().zip(to);
    match activation {
        Activation::Gelu => {
            for (&x, to) in both {
                *to = gelu(x);
            }
        }
        Activation::GeluTanh => {
            for (&x, to) in both {
                *to = gelu_tanh(x);
            }
        }
        Activation::Relu => {
            for (&x, to) in both {
                *to = relu(x);
            }
        }
    }
}

#[inline(always)]
fn activate_in_place(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Gelu => {
            for x in values {
                *x = gelu(*x);
            }
        }
        Activation::GeluTanh => {
            for x in values {
                *x = gelu_tanh(*x);
            }
        }
        Activation::Relu => {
            for x in values {
                *x = relu(*x);
            }
        }
    }
}

#[inline(always)]
fn gelu(x: f32) -> f32 {
    x * normal(x).0
}

#[inline(always)]
fn gelu_tanh(x: f32) -> f32 {
    0.5 * x * (1.0 + tanh(INNER * (x + CUBE * x * x * x)))
}

#[inline(always)]
fn relu(x: f32) -> f32 {
    if x > 0.0 { x } else { 0.0 }
}

/// The constants of GELU's tanh approximation; see `ops/linear.rs`.
const INNER: f32 = 0.797_884_6;
const CUBE: f32 = 0.044_715;

/// Multiplies gradients by the derivative of the activation at `before`.
#[inline(always)]
fn multiply_derivative(activation: Activation, before: &[f32], gradients: &mut [f32]) {
    match activation {
        Activation::Gelu => {
            for (gradient, &x) in gradients.iter_mut().zip(before) {
                let (below, density) = normal(x);
                *gradient *= below + x * density;
            }
        }
        Activation::GeluTanh => {
            for (gradient, &x) in gradients.iter_mut().zip(before) {
                let t = tanh(INNER * (x + CUBE * x * x * x));
                let inner = INNER * (1.0 + 3.0 * CUBE * x * x);
                *gradient *= 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner;
            }
        }
        Activation::Relu => {
            for (gradient, &x) in gradients.iter_mut().zip(before) {
                *gradient = if x > 0.0 { *gradient } else { 0.0 };
            }
        }
    }
}
