//! The first half of a layer: queries, keys and values in one product, attention over them where they lie, and the
//! output's product, whose finished rows are normalised while they are in the cache.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::attention::{self, Inputs, Keys, Sizes};
use super::deep::deep;
use super::kept;
use super::kernel::Before;
use super::linear::{Bias, Use};
use super::matrix::Matrix;
use super::memory::Floats;
use super::parallel::Shared;
use super::product::{Packed, product};
use super::random::Mask;
use super::residual_norm::{self, Close, Slopes};
use super::tensor::{floats, floats_mut};
use crate::ops::Dropout;

/// The projections to queries, keys and values, side by side.
#[derive(Clone, Debug)]
struct SideBySide {
    /// `[hidden, 3 hidden]`.
    weight: FlexTensor,
}

impl SideBySide {
    fn new(weights: [&FlexTensor; 3]) -> Self {
        let [inputs, outputs] = weights[0].shape().dims();
        let weights = weights.map(floats);
        let mut weight = Floats::stale(inputs * 3 * outputs);
        for (i, row) in weight.chunks_exact_mut(3 * outputs).enumerate() {
            for (to, weight) in row.chunks_exact_mut(outputs).zip(weights) {
                to.copy_from_slice(&weight[i * outputs..][..outputs]);
            }
        }
        Self {
            weight: weight.into_tensor(Shape::new([inputs, 3 * outputs])),
        }
    }

    fn matrix(&self) -> Matrix<'_> {
        let dims = self.weight.shape().dims();
        Matrix::new(floats(&self.weight), dims, dims[1])
    }
}

/// The first half of a layer, and what its backward pass needs. The weights are those of
/// [`SelfAttention`](crate::ops::SelfAttention), in its order.
pub(super) fn forward(
    hidden: FlexTensor,
    weights: [FlexTensor; 10],
    keys: Keys,
    heads: usize,
    epsilon: f64,
    [of_probabilities, of_output]: [Option<Dropout>; 2],
    used: Use,
) -> (FlexTensor, SavedSelf) {
    let [projections @ .., output, output_bias, gamma, beta] = weights;
    let biases = [1, 3, 5].map(|i: usize| floats(&projections[i])).concat();
    let weights = [0, 2, 4].map(|i: usize| &projections[i]);
    let mut side_by_side_weight = None;
    let packed = match used {
        Use::Inference => kept::keep(&weights, || Packed::new(SideBySide::new(weights).matrix())),
        Use::Training => {
            let weight = side_by_side_weight.insert(SideBySide::new(weights));
            Arc::new(Packed::new(weight.matrix()))
        }
    };
    let sizes = Sizes::of(&hidden, keys, heads);
    let (tokens, width) = (sizes.tokens(), sizes.width);
    let shape = hidden.shape();
    let mut qkv = Floats::stale(tokens * 3 * width);
    product(
        Matrix::new(floats(&hidden), [tokens, width], width),
        &packed,
        &mut qkv,
        Before::Forget,
        &Bias(&biases),
    );
    let mut context = Floats::stale(tokens * width);
    let mask = of_probabilities.map(Mask::new);
    attention::forward(side_by_side(&sizes, &qkv, mask), &mut context);
    let mut sum = Floats::stale(tokens * width);
    let mut to = Floats::stale(tokens * width);
    let close = Close {
        bias: floats(&output_bias),
        residual: floats(&hidden),
        gain: [floats(&gamma), floats(&beta)],
        epsilon,
        mask: of_output.map(Mask::new),
        to: Shared::new(&mut to),
    };
    product(
        Matrix::new(&context, [tokens, width], width),
        &kept::packed(&output, used == Use::Inference),
        &mut sum,
        Before::Forget,
        &close,
    );
    let saved = SavedSelf {
        norm: residual_norm::Saved {
            sum: sum.into_tensor(shape.clone()),
            gamma,
            epsilon,
            dropout: of_output,
        },
        qkv: qkv.into_tensor(Shape::new([tokens, 3 * width])),
        context: context.into_tensor(shape.clone()),
        hidden,
        projections: side_by_side_weight,
        output,
        sizes,
        dropout: of_probabilities,
    };
    (to.into_tensor(shape), saved)
}

fn side_by_side<'a>(sizes: &'a Sizes, qkv: &'a [f32], mask: Option<Mask>) -> Inputs<'a> {
    Inputs {
        sizes,
        all: [0, 1, 2].map(|i| qkv.get(i * sizes.width..).unwrap_or_default()),
        stride: 3 * sizes.width,
        mask,
    }
}

/// The gradients of the layer's input and the ten weights.
#[derive(Debug)]
pub(super) struct SelfAttentionBackward;

#[derive(Clone, Debug)]
pub(super) struct SavedSelf {
    norm: residual_norm::Saved,
    hidden: FlexTensor,
    /// In training.
    projections: Option<SideBySide>,
    qkv: FlexTensor,
    context: FlexTensor,
    output: FlexTensor,
    sizes: Sizes,
    dropout: Option<Dropout>,
}

impl Backward<Flex, 11> for SelfAttentionBackward {
    type State = SavedSelf;

    fn backward(self, ops: Ops<SavedSelf, 11>, grads: &mut Gradients, _: &mut Checkpointer) {
        let saved = ops.state;
        let sizes = &saved.sizes;
        let (tokens, width) = (sizes.tokens(), sizes.width);
        let square = Shape::new([width, width]);
        let Slopes {
            of_x: of_sum,
            of_residual: mut of_hidden,
            of_gain: [of_gamma, of_beta],
        } = residual_norm::slopes(&saved.norm, grads.consume::<Flex>(&ops.node));

        let mut of_context = Floats::stale(tokens * width);
        let mut of_output = Floats::stale(width * width);
        let mut of_output_bias = Floats::stale(width);
        {
            let of_sum = floats(of_sum.as_ref().unwrap_or(&of_hidden));
            let of_sum = Matrix::new(of_sum, [tokens, width], width);
            let context = Matrix::new(floats(&saved.context), [tokens, width], width);
            deep(
                context.transposed(),
                of_sum,
                &mut of_output,
                Some(&mut of_output_bias),
            );
            let output = Matrix::new(floats(&saved.output), [width, width], width);
            let output = Packed::new(output.transposed());
            product(of_sum, &output, &mut of_context, Before::Forget, &());
        }
        drop(of_sum);

        let mask = saved.dropout.map(Mask::new);
        let inputs = side_by_side(sizes, floats(&saved.qkv), mask);
        let mut slopes = Floats::stale(tokens * 3 * width);
        let all = Shared::new(&mut slopes);
        attention::backward(inputs, &of_context, [0, 1, 2].map(|i| all.from(i * width)));
        drop(of_context);

        let hidden = Matrix::new(floats(&saved.hidden), [tokens, width], width);
        let [query, key, value] = [0, 1, 2].map(|i| {
            let mut of_weight = Floats::stale(width * width);
            let mut of_bias = Floats::stale(width);
            let slopes = slopes.get(i * width..).unwrap_or_default();
            let slopes = Matrix::new(slopes, [tokens, width], 3 * width);
            deep(hidden.transposed(), slopes, &mut of_weight, Some(&mut of_bias));
            [
                of_weight.into_tensor(square.clone()),
                of_bias.into_tensor(Shape::new([width])),
            ]
        });
        let slopes = Matrix::new(&slopes, [tokens, 3 * width], 3 * width);
        let projections = saved.projections.expect("kept in training");
        let weight = Packed::new(projections.matrix().transposed());
        product(slopes, &weight, floats_mut(&mut of_hidden), Before::Add, &());

        let output = [
            of_output.into_tensor(square),
            of_output_bias.into_tensor(Shape::new([width])),
        ];
        let all = [query, key, value, output, [of_gamma, of_beta]]
            .into_iter()
            .flatten();
        for (node, gradient) in ops.parents.into_iter().zip(std::iter::once(of_hidden).chain(all)) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}
