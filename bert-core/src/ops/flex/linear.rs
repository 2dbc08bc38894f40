//! A dense layer with or without an activation.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::gemm::{Matrix, Output, PackedMatrix, gemm, gradient_gemm, packed};
use super::math::activation::{self, Bias, BiasActivation};
use super::memory::{Floats, contiguous, floats, floats_mut, owned};
use crate::ops::fused::{FusedOp, Pass};
use crate::ops::{Activation, GemmOptions, Precision};

/// `activation(x * weight + bias)`, and in training the values before the activation.
pub(super) fn activated(
    x: &FlexTensor,
    [weight, bias]: [&FlexTensor; 2],
    activation: Option<Activation>,
    options: &GemmOptions,
    pass: Pass,
) -> (FlexTensor, Option<FlexTensor>) {
    let mut shape = x.shape().to_vec();
    let [inputs, outputs] = weight.shape().dims();
    *shape.last_mut().expect("a tensor of rank 3") = outputs;
    let shape = Shape::from(shape);
    let rows = shape.num_elements() / outputs.max(1);
    let x = Matrix::new(floats(x), [rows, inputs], inputs);
    let weight = packed(weight, options, pass);
    let bias = floats(bias);
    let mut before = Floats::uninitialised(rows * outputs);
    let Some(activation) = activation else {
        gemm(x, &weight, Output::overwrite(&mut before), &Bias(bias));
        return (before.into_tensor(shape), None);
    };
    let epilogue = BiasActivation { bias, activation };
    if pass == Pass::Inference {
        gemm(x, &weight, Output::overwrite(&mut before), &epilogue);
        return (before.into_tensor(shape), None);
    }
    let mut after = Floats::uninitialised(rows * outputs);
    let output = Output::overwrite(&mut before).beside(&mut after);
    gemm(x, &weight, output, &epilogue);
    (after.into_tensor(shape.clone()), Some(before.into_tensor(shape)))
}

/// The gradients of a weight and its bias where they are `needed`, from the layer's input, `[rows, inputs]`, and the gradient of
/// its output, `[rows, outputs]`.
pub(super) fn gradients_if(
    needed: bool,
    x: Matrix,
    gradient: Matrix,
    precision: Precision,
) -> [Option<FlexTensor>; 2] {
    if !needed {
        return [None, None];
    }
    let ([_, inputs], [_, outputs]) = (x.dims(), gradient.dims());
    let mut of_weight = Floats::uninitialised(inputs * outputs);
    let mut of_bias = Floats::uninitialised(outputs);
    let output = Output::overwrite(&mut of_weight);
    gradient_gemm(x.transposed(), gradient, output, &mut of_bias, precision);
    let of_weight = of_weight.into_tensor(Shape::new([inputs, outputs]));
    [Some(of_weight), Some(of_bias.into_tensor(Shape::new([outputs])))]
}

#[derive(Debug)]
pub(in crate::ops) struct Dense;

#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    x: FlexTensor,
    weight: FlexTensor,
    /// The activation and the values before it.
    activation: Option<(Activation, FlexTensor)>,
    precision: Precision,
}

/// The inputs are `x`, weight and bias.
impl FusedOp<Flex, 3> for Dense {
    type Arguments = (Option<Activation>, GemmOptions);
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 3],
        (activation, options): Self::Arguments,
        pass: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [x, weight, bias] = inputs.map(contiguous);
        let (output, before) = activated(&x, [&weight, &bias], activation, &options, pass);
        let saved = Saved {
            x,
            weight,
            activation: activation.zip(before),
            precision: options.precision,
        };
        (output, Some(saved))
    }

    fn backward(saved: Saved, gradient: FlexTensor, needed: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let Saved {
            x,
            weight,
            activation,
            precision,
        } = saved;
        let gradient = match activation {
            None => contiguous(gradient),
            Some((activation, before)) => {
                let mut gradient = owned(gradient);
                activation::gradient(activation, floats(&before), floats_mut(&mut gradient));
                gradient
            }
        };
        let [inputs, outputs] = weight.shape().dims();
        let shape = x.shape();
        let rows = shape.num_elements() / inputs.max(1);
        let gradient = Matrix::new(floats(&gradient), [rows, outputs], outputs);
        let [needs_x, needs_weight, needs_bias] = needed;
        let x = Matrix::new(floats(&x), [rows, inputs], inputs);
        let [of_weight, of_bias] = gradients_if(needs_weight || needs_bias, x, gradient, precision);
        let of_x = needs_x.then(|| {
            let weight = Matrix::new(floats(&weight), [inputs, outputs], outputs);
            let weight = PackedMatrix::new(weight.transposed(), precision);
            let mut of_x = Floats::uninitialised(rows * inputs);
            gemm(gradient, &weight, Output::overwrite(&mut of_x), &());
            of_x.into_tensor(shape)
        });
        [of_x, of_weight, of_bias]
    }
}
