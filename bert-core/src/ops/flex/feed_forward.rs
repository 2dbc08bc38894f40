//! The second half of a layer. The gradient of the residual is where that of the input is added up, the slope of the
//! activation is multiplied in while the product's rows are in the cache, and what the activation was applied to is all
//! that is kept of the wide rows.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::deep::deep;
use super::kept;
use super::kernel::Before;
use super::linear::{self, Reactivate, Use};
use super::matrix::Matrix;
use super::memory::Floats;
use super::parallel::Shared;
use super::product::{Packed, product};
use super::random::Mask;
use super::residual_norm::{self, Close, Slopes};
use super::tensor::{floats, floats_mut, in_order, owned};
use crate::activation::Activation;
use crate::ops::Dropout;

/// The output, and in training what the backward pass needs. The weights are those of
/// [`FeedForward`](crate::ops::FeedForward), in its order.
pub(super) fn forward(
    x: FlexTensor,
    weights: [FlexTensor; 6],
    activation: Activation,
    epsilon: f64,
    dropout: Option<Dropout>,
    used: Use,
) -> (FlexTensor, Option<Saved>) {
    let [wide, wide_bias, narrow, narrow_bias, gamma, beta] = weights;
    let shape = x.shape();
    let [inner, width] = narrow.shape().dims();
    let rows = shape.num_elements() / width.max(1);
    let (after, before) = linear::forward(&x, &wide, &wide_bias, Some(activation), used);
    let mut sum = Floats::stale(rows * width);
    let mut to = Floats::stale(rows * width);
    let close = Close {
        bias: floats(&narrow_bias),
        residual: floats(&x),
        gain: [floats(&gamma), floats(&beta)],
        epsilon,
        mask: dropout.map(Mask::new),
        to: Shared::new(&mut to),
    };
    product(
        Matrix::new(floats(&after), [rows, inner], inner),
        &kept::packed(&narrow, used == Use::Inference),
        &mut sum,
        Before::Forget,
        &close,
    );
    let saved = before.map(|before| Saved {
        norm: residual_norm::Saved {
            sum: sum.into_tensor(shape.clone()),
            gamma,
            epsilon,
            dropout,
        },
        x,
        before,
        wide,
        narrow,
        activation,
    });
    (to.into_tensor(shape), saved)
}

/// The gradients of the input and the six weights.
#[derive(Debug)]
pub(super) struct FeedForwardBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    norm: residual_norm::Saved,
    x: FlexTensor,
    before: FlexTensor,
    wide: FlexTensor,
    narrow: FlexTensor,
    activation: Activation,
}

impl Backward<Flex, 7> for FeedForwardBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 7>, grads: &mut Gradients, _: &mut Checkpointer) {
        let saved = ops.state;
        let [inner, width] = saved.narrow.shape().dims();
        let rows = saved.x.shape().num_elements() / width.max(1);
        let Slopes {
            of_x: of_sum,
            mut of_residual,
            of_gain: [of_gamma, of_beta],
        } = residual_norm::slopes(&saved.norm, grads.consume::<Flex>(&ops.node));

        let mut before = owned(saved.before);
        let mut of_inner = Floats::stale(rows * inner);
        let mut of_narrow = Floats::stale(inner * width);
        let mut of_narrow_bias = Floats::stale(width);
        {
            let of_sum = floats(of_sum.as_ref().unwrap_or(&of_residual));
            let of_sum = Matrix::new(of_sum, [rows, width], width);
            let reactivate = Reactivate {
                activation: saved.activation,
                before: Shared::new(floats_mut(&mut before)),
                width: inner,
            };
            let narrow = Matrix::new(floats(&saved.narrow), [inner, width], width);
            let narrow = Packed::new(narrow.transposed());
            product(of_sum, &narrow, &mut of_inner, Before::Forget, &reactivate);
            let after = Matrix::new(floats(&before), [rows, inner], inner);
            deep(
                after.transposed(),
                of_sum,
                &mut of_narrow,
                Some(&mut of_narrow_bias),
            );
        }
        drop(before);
        drop(of_sum);

        let of_inner = Matrix::new(&of_inner, [rows, inner], inner);
        let mut of_wide = Floats::stale(width * inner);
        let mut of_wide_bias = Floats::stale(inner);
        let x = Matrix::new(floats(&saved.x), [rows, width], width);
        deep(x.transposed(), of_inner, &mut of_wide, Some(&mut of_wide_bias));
        let wide = Matrix::new(floats(&saved.wide), [width, inner], inner);
        let wide = Packed::new(wide.transposed());
        product(of_inner, &wide, floats_mut(&mut of_residual), Before::Add, &());

        let all = [
            of_residual,
            of_wide.into_tensor(saved.wide.shape()),
            of_wide_bias.into_tensor(Shape::new([inner])),
            of_narrow.into_tensor(saved.narrow.shape()),
            of_narrow_bias.into_tensor(Shape::new([width])),
            of_gamma,
            of_beta,
        ];
        for (node, gradient) in ops.parents.into_iter().zip(all) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, in_order(gradient));
            }
        }
    }
}
