//! The first half of a layer: queries, keys and values in one product, attention over them in place, and the output's
//! product, whose finished rows are normalised while they are in the cache.

use std::sync::Arc;

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::{Heads, Inputs};
use crate::ops::flex::gemm::{Matrix, Output, PackedMatrix, cached, gemm, packed};
use crate::ops::flex::linear::gradients_if;
use crate::ops::flex::math::activation::Bias;
use crate::ops::flex::memory::{Floats, contiguous, floats, floats_mut};
use crate::ops::flex::parallel::MatrixMut;
use crate::ops::flex::residual_norm::{self, BiasResidualNorm, ResidualNormForward};
use crate::ops::fused::{FusedOp, Pass};
use crate::ops::{AttentionMask, Dropout, Precision, SelfAttentionOptions};

/// The weights of the projections to queries, keys and values side by side, `[hidden, 3 hidden]`.
fn side_by_side(weights: [&FlexTensor; 3]) -> FlexTensor {
    let [inputs, outputs] = weights[0].shape().dims();
    let weights = weights.map(floats);
    let mut to = Floats::uninitialised(inputs * 3 * outputs);
    for (i, row) in to.chunks_exact_mut(3 * outputs).enumerate() {
        for (to, weight) in row.chunks_exact_mut(outputs).zip(weights) {
            to.copy_from_slice(&weight[i * outputs..][..outputs]);
        }
    }
    to.into_tensor(Shape::new([inputs, 3 * outputs]))
}

fn matrix(weight: &FlexTensor) -> Matrix<'_> {
    let dims = weight.shape().dims();
    Matrix::new(floats(weight), dims, dims[1])
}

#[derive(Debug)]
pub(in crate::ops) struct SelfAttention;

#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    norm: residual_norm::Saved,
    hidden: FlexTensor,
    projections: FlexTensor,
    qkv: FlexTensor,
    context: FlexTensor,
    output: FlexTensor,
    heads: Heads,
    dropout: Option<Dropout>,
    precision: Precision,
}

/// The inputs are those of [`SelfAttentionWeights::with_input`](crate::ops::SelfAttentionWeights).
impl FusedOp<Flex, 11> for SelfAttention {
    type Arguments = (AttentionMask<Flex>, SelfAttentionOptions);
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 11],
        (mask, options): Self::Arguments,
        pass: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [
            hidden,
            query,
            query_bias,
            key,
            key_bias,
            value,
            value_bias,
            output,
            output_bias,
            gamma,
            beta,
        ] = inputs.map(contiguous);
        let precision = options.gemm.precision;
        let biases = [&query_bias, &key_bias, &value_bias].map(floats).concat();
        let weights = [&query, &key, &value];
        let (projections, packed_projections) = match pass {
            Pass::Inference => {
                let pack = || PackedMatrix::new(matrix(&side_by_side(weights)), precision);
                (None, cached(&weights, &options.gemm, pack))
            }
            Pass::Training => {
                let weight = side_by_side(weights);
                let packed = PackedMatrix::new(matrix(&weight), precision);
                (Some(weight), Arc::new(packed))
            }
        };
        let dropout = options.attention.dropout;
        let heads = Heads::new(&hidden, mask, options.attention);
        let (tokens, width) = (heads.tokens(), heads.width);
        let shape = hidden.shape();
        let mut qkv = Floats::uninitialised(tokens * 3 * width);
        gemm(
            Matrix::new(floats(&hidden), [tokens, width], width),
            &packed_projections,
            Output::overwrite(&mut qkv),
            &Bias(&biases),
        );
        let mut context = Floats::uninitialised(tokens * width);
        super::forward(Inputs::side_by_side(&heads, &qkv, dropout), &mut context);
        let mut sum = Floats::uninitialised(tokens * width);
        let mut to = Floats::uninitialised(tokens * width);
        let epilogue = BiasResidualNorm {
            bias: floats(&output_bias),
            residual_norm: ResidualNormForward::new(&hidden, [&gamma, &beta], options.output),
        };
        gemm(
            Matrix::new(&context, [tokens, width], width),
            &packed(&output, &options.gemm, pass),
            Output::overwrite(&mut sum).beside(&mut to),
            &epilogue,
        );
        let saved = projections.map(|projections| Saved {
            norm: residual_norm::Saved {
                sum: sum.into_tensor(shape.clone()),
                gamma,
                options: options.output,
            },
            qkv: qkv.into_tensor(Shape::new([tokens, 3 * width])),
            context: context.into_tensor(shape.clone()),
            hidden,
            projections,
            output,
            heads,
            dropout,
            precision,
        });
        (to.into_tensor(shape), saved)
    }

    fn backward(saved: Saved, gradient: FlexTensor, needed: [bool; 11]) -> [Option<FlexTensor>; 11] {
        let [
            needs_hidden,
            query,
            query_bias,
            key,
            key_bias,
            value,
            value_bias,
            output,
            output_bias,
            ..,
        ] = needed;
        let needs_projections = [query || query_bias, key || key_bias, value || value_bias];
        let (heads, precision) = (&saved.heads, saved.precision);
        let (tokens, width) = (heads.tokens(), heads.width);
        let residual_norm::Gradients {
            of_x: of_sum,
            of_residual: mut of_hidden,
            of_gain: [of_gamma, of_beta],
        } = residual_norm::gradients(&saved.norm, gradient);

        let of_gain = [of_gamma, of_beta].map(Some);
        let needs_context = needs_hidden || needs_projections.contains(&true);
        let mut of_context = Floats::uninitialised(if needs_context { tokens * width } else { 0 });
        let [of_output, of_output_bias] = {
            let of_sum = floats(of_sum.as_ref().unwrap_or(&of_hidden));
            let of_sum = Matrix::new(of_sum, [tokens, width], width);
            if needs_context {
                let output = PackedMatrix::new(matrix(&saved.output).transposed(), precision);
                gemm(of_sum, &output, Output::overwrite(&mut of_context), &());
            }
            let context = Matrix::new(floats(&saved.context), [tokens, width], width);
            gradients_if(output || output_bias, context, of_sum, precision)
        };
        let [of_gamma, of_beta] = of_gain;
        if !needs_context {
            let mut all = [const { None }; 11];
            all[7..].clone_from_slice(&[of_output, of_output_bias, of_gamma, of_beta]);
            return all;
        }
        drop(of_sum);

        let inputs = Inputs::side_by_side(heads, floats(&saved.qkv), saved.dropout);
        let mut of_qkv = Floats::uninitialised(tokens * 3 * width);
        let to = MatrixMut::new(&mut of_qkv, [tokens, 3 * width], 3 * width);
        super::backward(inputs, &of_context, to.split_columns());
        drop(of_context);

        let of_qkv = Matrix::new(&of_qkv, [tokens, 3 * width], 3 * width);
        let hidden = Matrix::new(floats(&saved.hidden), [tokens, width], width);
        let [
            [of_query, of_query_bias],
            [of_key, of_key_bias],
            [of_value, of_value_bias],
        ] = [0, 1, 2].map(|i| {
            let of_one = of_qkv.part(0..tokens, i * width..(i + 1) * width);
            gradients_if(needs_projections[i], hidden, of_one, precision)
        });
        if needs_hidden {
            let projections = PackedMatrix::new(matrix(&saved.projections).transposed(), precision);
            gemm(of_qkv, &projections, Output::add(floats_mut(&mut of_hidden)), &());
        }
        [
            needs_hidden.then_some(of_hidden),
            of_query,
            of_query_bias,
            of_key,
            of_key_bias,
            of_value,
            of_value_bias,
            of_output,
            of_output_bias,
            of_gamma,
            of_beta,
        ]
    }
}
