//! The second half of a layer. The gradient of the input is added to that of the residual, the derivative of the activation
//! is multiplied in while the product's rows are in the cache, and of the wide rows only the values before the activation
//! are saved.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::gemm::{Matrix, Output, PackedMatrix, gemm, gradient_gemm, packed};
use super::linear;
use super::math::activation::ActivationGradient;
use super::memory::{Floats, contiguous, floats, floats_mut, owned};
use super::residual_norm::{self, AddNorm, BiasAddNorm};
use crate::activation::Activation;
use crate::ops::fused::{FusedOp, Pass};
use crate::ops::{FeedForwardOptions, Precision};

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
        let epilogue = BiasAddNorm {
            bias: floats(&narrow_bias),
            add_norm: AddNorm::new(&x, [&gamma, &beta], options.output),
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

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 7]) -> [Option<FlexTensor>; 7] {
        let precision = saved.precision;
        let [inner, width] = saved.narrow.shape().dims();
        let rows = saved.x.shape().num_elements() / width.max(1);
        let residual_norm::Gradients {
            of_x: of_sum,
            mut of_residual,
            of_gain: [of_gamma, of_beta],
        } = residual_norm::gradients(&saved.norm, gradient);

        let mut before = owned(saved.before);
        let mut of_inner = Floats::uninitialised(rows * inner);
        let mut of_narrow = Floats::uninitialised(inner * width);
        let mut of_narrow_bias = Floats::uninitialised(width);
        {
            let of_sum = floats(of_sum.as_ref().unwrap_or(&of_residual));
            let of_sum = Matrix::new(of_sum, [rows, width], width);
            let narrow = Matrix::new(floats(&saved.narrow), [inner, width], width);
            let narrow = PackedMatrix::new(narrow.transposed(), precision);
            let output = Output::overwrite(&mut of_inner).beside(floats_mut(&mut before));
            gemm(of_sum, &narrow, output, &ActivationGradient(saved.activation));
            let after = Matrix::new(floats(&before), [rows, inner], inner).transposed();
            gradient_gemm(after, of_sum, &mut of_narrow, &mut of_narrow_bias, precision);
        }
        drop(before);
        drop(of_sum);

        let of_inner = Matrix::new(&of_inner, [rows, inner], inner);
        let mut of_wide = Floats::uninitialised(width * inner);
        let mut of_wide_bias = Floats::uninitialised(inner);
        let x = Matrix::new(floats(&saved.x), [rows, width], width).transposed();
        gradient_gemm(x, of_inner, &mut of_wide, &mut of_wide_bias, precision);
        let wide = Matrix::new(floats(&saved.wide), [width, inner], inner);
        let wide = PackedMatrix::new(wide.transposed(), precision);
        gemm(of_inner, &wide, Output::add(floats_mut(&mut of_residual)), &());

        let all = [
            of_residual,
            of_wide.into_tensor(saved.wide.shape()),
            of_wide_bias.into_tensor(Shape::new([inner])),
            of_narrow.into_tensor(saved.narrow.shape()),
            of_narrow_bias.into_tensor(Shape::new([width])),
            of_gamma,
            of_beta,
        ];
        all.map(Some)
    }
}
