//! A dense layer with or without an activation.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::deep::deep;
use super::kept;
use super::kernel::Before;
use super::math::{normal, tanh};
use super::matrix::Matrix;
use super::memory::Floats;
use super::parallel::{Shared, Task, run};
use super::product::{Finish, Packed, product};
use super::tensor::{floats, floats_mut, in_order, owned};
use crate::activation::Activation;

/// What a layer is computed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Its weights are packed once for many calls.
    Inference,
    /// Its weights change, and what its backward pass needs is kept.
    Training,
}

/// `activation(x * weight + bias)`, and in training what it was before the activation.
pub(super) fn forward(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    activation: Option<Activation>,
    used: Use,
) -> (FlexTensor, Option<FlexTensor>) {
    let mut shape = x.shape().to_vec();
    let [inputs, outputs] = weight.shape().dims();
    *shape.last_mut().expect("a tensor of rank 3") = outputs;
    let shape = Shape::from(shape);
    let rows = shape.num_elements() / outputs.max(1);
    let x = Matrix::new(floats(x), [rows, inputs], inputs);
    let weight = kept::packed(weight, used == Use::Inference);
    let bias = floats(bias);
    let mut before = Floats::stale(rows * outputs);
    let Some(activation) = activation else {
        product(x, &weight, &mut before, Before::Forget, &Bias(bias));
        return (before.into_tensor(shape), None);
    };
    let mut after = (used == Use::Training).then(|| Floats::stale(rows * outputs));
    let finish = Activate {
        bias,
        activation,
        to: after.as_mut().map(|after| Shared::new(after)),
    };
    product(x, &weight, &mut before, Before::Forget, &finish);
    let before = before.into_tensor(shape.clone());
    match after {
        Some(after) => (after.into_tensor(shape), Some(before)),
        None => (before, None),
    }
}

/// Adds the bias to finished rows.
pub(super) struct Bias<'a>(pub(super) &'a [f32]);

impl Finish for Bias<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&self, _: S, _: usize, rows: &mut [f32]) {
        for row in rows.chunks_exact_mut(self.0.len()) {
            for (x, bias) in row.iter_mut().zip(self.0) {
                *x += bias;
            }
        }
    }
}

/// Adds the bias to finished rows, and puts their activation in place or elsewhere.
struct Activate<'a> {
    bias: &'a [f32],
    activation: Activation,
    to: Option<Shared<'a>>,
}

impl Finish for Activate<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&self, simd: S, first: usize, rows: &mut [f32]) {
        Bias(self.bias).finish(simd, first, rows);
        let Some(to) = self.to else {
            activate_in_place(self.activation, rows);
            return;
        };
        // SAFETY: these rows are this task's own.
        #[allow(unsafe_code)]
        let to = unsafe { to.part(first * self.bias.len(), rows.len()) };
        activate(self.activation, rows, to);
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

/// The constants of GELU's tanh approximation; see [`crate::ops::activation`](super::super).
const INNER: f32 = 0.797_884_6;
const CUBE: f32 = 0.044_715;

/// Multiplies gradients by the slope of the activation where it was `before`.
struct Slopes<'a> {
    activation: Activation,
    before: &'a [f32],
    gradients: Shared<'a>,
}

/// Elements of a piece of [`Slopes`].
const PIECE: usize = 1 << 14;

impl Task for Slopes<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize) {
        let first = piece * PIECE;
        let count = PIECE.min(self.before.len() - first);
        let before = &self.before[first..][..count];
        // SAFETY: every piece has elements of its own.
        #[allow(unsafe_code)]
        let gradients = unsafe { self.gradients.part(first, count) };
        slope(self.activation, before, gradients);
    }
}

/// Multiplies gradients by the slope of the activation where it was `before`.
#[inline(always)]
fn slope(activation: Activation, before: &[f32], gradients: &mut [f32]) {
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

/// Multiplies finished rows of gradients by the slope of the activation where it was `before`, and applies the
/// activation to these.
pub(super) struct Reactivate<'a> {
    pub(super) activation: Activation,
    pub(super) before: Shared<'a>,
    pub(super) width: usize,
}

impl Finish for Reactivate<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&self, _: S, first: usize, rows: &mut [f32]) {
        // SAFETY: these rows are this task's own.
        #[allow(unsafe_code)]
        let before = unsafe { self.before.part(first * self.width, rows.len()) };
        if self.activation == Activation::Gelu {
            // Both are made of the same numbers.
            for (gradient, x) in rows.iter_mut().zip(before) {
                let (below, density) = normal(*x);
                *gradient *= below + *x * density;
                *x *= below;
            }
            return;
        }
        slope(self.activation, before, rows);
        activate_in_place(self.activation, before);
    }
}

/// The gradients of input, weight and bias.
#[derive(Debug)]
pub(super) struct DenseBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) x: FlexTensor,
    pub(super) weight: FlexTensor,
    /// The activation and what it was applied to.
    pub(super) activation: Option<(Activation, FlexTensor)>,
}

impl Backward<Flex, 3> for DenseBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [x_node, weight_node, bias_node] = ops.parents;
        let Saved {
            x,
            weight,
            activation,
        } = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let gradient = match activation {
            None => in_order(gradient),
            Some((activation, before)) => {
                let mut gradient = owned(gradient);
                let before = floats(&before);
                let slopes = Slopes {
                    activation,
                    before,
                    gradients: Shared::new(floats_mut(&mut gradient)),
                };
                run(before.len().div_ceil(PIECE), &slopes);
                gradient
            }
        };
        let [inputs, outputs] = weight.shape().dims();
        let shape = x.shape();
        let rows = shape.num_elements() / inputs.max(1);
        let down = Matrix::new(floats(&gradient), [rows, outputs], outputs);
        if weight_node.is_some() || bias_node.is_some() {
            let mut of_weight = Floats::stale(inputs * outputs);
            let mut of_bias = Floats::stale(outputs);
            let x = Matrix::new(floats(&x), [rows, inputs], inputs);
            deep(x.transposed(), down, &mut of_weight, Some(&mut of_bias));
            if let Some(node) = weight_node {
                grads.register::<Flex>(node.id, of_weight.into_tensor(weight.shape()));
            }
            if let Some(node) = bias_node {
                grads.register::<Flex>(node.id, of_bias.into_tensor(Shape::new([outputs])));
            }
        }
        if let Some(node) = x_node {
            let weight = Matrix::new(floats(&weight), [inputs, outputs], outputs);
            let mut of_x = Floats::stale(rows * inputs);
            product(
                down,
                &Packed::new(weight.transposed()),
                &mut of_x,
                Before::Forget,
                &(),
            );
            grads.register::<Flex>(node.id, of_x.into_tensor(shape));
        }
    }
}
