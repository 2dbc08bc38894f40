//! The second half of a layer. The gradient of the input is added to the gradient of the residual, the derivative of the
//! activation is multiplied in while the product's rows are in the cache, and of the wide rows only the values before the
//! activation are saved.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};

use super::gemm::{Matrix, Output, PackedMatrix, gemm, packed};
use super::linear;
use super::math::activation::ActivationGradient;
use super::memory::{Floats, contiguous, floats, floats_mut, owned};
use super::residual_norm::{self, BiasResidualNorm, ResidualNormForward};
use crate::ops::fused::{FusedOp, Pass};
use crate::ops::{Activation, FeedForwardOptions, Precision};

#[derive(Debug)]
pub(in crate::ops) struct FeedForward;

#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    norm: residual_norm::Saved,
    x: FlexTensor,
    /// The wide rows before the activation.
    before: FlexTensor,
    wide: FlexTensor,
    narrow: FlexTensor,
    activation: Activation,
    precision: Precision,
}

/// The inputs are those of [`FeedForwardWeights::with_input`](crate::ops::FeedForwardWeights).
impl FusedOp<Flex, 7> for FeedForward {
    type Arguments = FeedForwardOptions;
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 7],
        options: FeedForwardOptions,
        pass: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [x, wide, wide_bias, narrow, narrow_bias, gamma, beta] = inputs.map(contiguous);
        let shape = x.shape();
        let [inner, width] = narrow.shape().dims();
        let rows = shape.num_elements() / width.max(1);
        let activation = Some(options.activation);
        let (after, before) = linear::activated(&x, [&wide, &wide_bias], activation, &options.gemm, pass);
        let mut sum = Floats::uninitialised(rows * width);
        let mut to = Floats::uninitialised(rows * width);
        let epilogue = BiasResidualNorm {
            bias: floats(&narrow_bias),
            residual_norm: ResidualNormForward::new(&x, [&gamma, &beta], options.output),
        };
        gemm(
            Matrix::new(floats(&after), [rows, inner], inner),
            &packed(&narrow, &options.gemm, pass),
            Output::overwrite(&mut sum).beside(&mut to),
            &epilogue,
        );
        let saved = before.map(|before| Saved {
            norm: residual_norm::Saved {
                sum: sum.into_tensor(shape.clone()),
                gamma,
                options: options.output,
            },
            x,
            before,
            wide,
            narrow,
            activation: options.activation,
            precision: options.gemm.precision,
        });
        (to.into_tensor(shape), saved)
    }

    fn backward(saved: Saved, gradient: FlexTensor, needed: [bool; 7]) -> [Option<FlexTensor>; 7] {
        let [needs_x, wide, wide_bias, narrow, narrow_bias, ..] = needed;
        let (needs_wide, needs_narrow) = (wide || wide_bias, narrow || narrow_bias);
        let precision = saved.precision;
        let [inner, width] = saved.narrow.shape().dims();
        let rows = saved.x.shape().num_elements() / width.max(1);
        let residual_norm::Gradients {
            of_x: of_sum,
            mut of_residual,
            of_gain: [of_gamma, of_beta],
        } = residual_norm::gradients(&saved.norm, gradient);

        let of_gain = [of_gamma, of_beta].map(Some);
        if !(needs_x || needs_wide || needs_narrow) {
            let [of_gamma, of_beta] = of_gain;
            return [None, None, None, None, None, of_gamma, of_beta];
        }

        // This product also turns `before` into the rows after the activation, which the next one reads.
        let mut before = owned(saved.before);
        let mut of_inner = Floats::uninitialised(rows * inner);
        let of_narrow = {
            let of_sum = floats(of_sum.as_ref().unwrap_or(&of_residual));
            let of_sum = Matrix::new(of_sum, [rows, width], width);
            let narrow = Matrix::new(floats(&saved.narrow), [inner, width], width);
            let narrow = PackedMatrix::new(narrow.transposed(), precision);
            let output = Output::overwrite(&mut of_inner).beside(floats_mut(&mut before));
            gemm(of_sum, &narrow, output, &ActivationGradient(saved.activation));
            let after = Matrix::new(floats(&before), [rows, inner], inner);
            linear::gradients_if(needs_narrow, after, of_sum, precision)
        };
        drop(before);
        drop(of_sum);

        let of_inner = Matrix::new(&of_inner, [rows, inner], inner);
        let x = Matrix::new(floats(&saved.x), [rows, width], width);
        let of_wide = linear::gradients_if(needs_wide, x, of_inner, precision);
        if needs_x {
            let wide = Matrix::new(floats(&saved.wide), [width, inner], inner);
            let wide = PackedMatrix::new(wide.transposed(), precision);
            gemm(of_inner, &wide, Output::add(floats_mut(&mut of_residual)), &());
        }

        let [of_wide, of_wide_bias] = of_wide;
        let [of_narrow, of_narrow_bias] = of_narrow;
        let [of_gamma, of_beta] = of_gain;
        [
            needs_x.then_some(of_residual),
            of_wide,
            of_wide_bias,
            of_narrow,
            of_narrow_bias,
            of_gamma,
            of_beta,
        ]
    }
}
