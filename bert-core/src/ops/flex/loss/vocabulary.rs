//! The scores of the vocabulary and their cross-entropy. The gradients are computed in the forward pass, from the scores of
//! some rows at a time: the loss is a single number, so that its gradient is no more than a factor on them (Hsu et al. 2024,
//! "Liger kernel", section 3.2).

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::super::gemm::{Matrix, Output, PackedMatrix, cached, gemm, gradient_gemm};
use super::super::math::activation::Bias;
use super::super::math::simd::{exp, max, sum};
use super::super::memory::{Floats, contiguous, floats, floats_mut, owned};
use super::super::parallel::{Chunks, ParallelWork, run};
use crate::ops::fused::{FusedOp, Pass, VocabularyArguments};
use crate::ops::loss::vocabulary::rows_at_once;
use crate::ops::{GemmOptions, VocabularyWeights};

/// Rows of a chunk.
const ROWS: usize = 8;
/// Words of a chunk, when gradients are added to the biases.
const WORDS: usize = 1024;
/// Scores that are summed in f32.
const SUMMED: usize = 4096;

fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let dims = tensor.shape().dims();
    Matrix::new(floats(tensor), dims, dims[1])
}

/// The scores of all words, `[rows, words]`. The packed table is kept for the next call.
pub(in crate::ops::flex) fn logits(
    x: FlexTensor,
    weights: VocabularyWeights<Flex>,
    options: &GemmOptions,
) -> FlexTensor {
    let [x, table, bias] = [x, weights.table, weights.bias].map(contiguous);
    let ([rows, _], [words, _]) = (x.shape().dims(), table.shape().dims());
    let packed = cached(&[&table], options, || {
        PackedMatrix::new(matrix(&table).transposed(), options.precision)
    });
    let mut to = Floats::uninitialised(rows * words);
    gemm(
        matrix(&x),
        &packed,
        Output::overwrite(&mut to),
        &Bias(floats(&bias)),
    );
    to.into_tensor(Shape::new([rows, words]))
}

#[derive(Debug)]
pub(in crate::ops) struct VocabularyCrossEntropy;

/// The gradients of `x`, the table and the bias for a gradient of 1 of the loss, where they are needed.
#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved([Option<FlexTensor>; 3]);

/// The inputs are `x`, `[rows, hidden]`, the table and the bias.
impl FusedOp<Flex, 3> for VocabularyCrossEntropy {
    type Arguments = VocabularyArguments<Flex>;
    type Saved = Saved;

    /// The weighted sum of the rows' losses, `[1]`: each in f32, their sum in f64, in their order.
    fn forward(
        inputs: [FlexTensor; 3],
        arguments: VocabularyArguments<Flex>,
        _: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [x, table, bias] = inputs.map(contiguous);
        let VocabularyArguments {
            targets,
            row_weights,
            needed: [needs_x, needs_table, needs_bias],
            gemm: options,
        } = arguments;
        let [targets, row_weights] = [targets, row_weights].map(contiguous);
        let targets: &[i32] = targets.as_slice().expect("contiguous 32-bit integers");
        let ([rows, width], [words, _]) = (x.shape().dims(), table.shape().dims());
        let precision = options.precision;
        let across = matrix(&table).transposed();
        let packed = match needs_table {
            // The table is about to change.
            true => {
                options.packed_weights.clear();
                PackedMatrix::new(across, precision).into()
            }
            false => cached(&[&table], &options, || PackedMatrix::new(across, precision)),
        };
        let packed_down = needs_x.then(|| PackedMatrix::new(matrix(&table), precision));

        let at_once = rows_at_once(rows, words);
        let mut scores = Floats::uninitialised(at_once.min(rows) * words);
        let mut losses = Floats::uninitialised(rows);
        let zeros = |needed: bool, count: usize| needed.then(|| Floats::zeros(count));
        let mut of_x = needs_x.then(|| Floats::uninitialised(rows * width));
        let mut of_table = zeros(needs_table, words * width);
        let mut of_bias = zeros(needs_bias, words);
        for first in (0..rows).step_by(at_once) {
            let part = first..rows.min(first + at_once);
            let scores = &mut scores[..part.len() * words];
            let x = matrix(&x).part(part.clone(), 0..width);
            gemm(x, &packed, Output::overwrite(scores), &Bias(floats(&bias)));
            let work = RowBatch {
                targets: &targets[part.clone()],
                row_weights: &floats(&row_weights)[part.clone()],
                words,
                differentiate: needs_x || needs_table || needs_bias,
            };
            let outputs = (
                Chunks::new(&mut losses[part.clone()], ROWS),
                Chunks::new(&mut *scores, ROWS * words),
            );
            run(part.len().div_ceil(ROWS), outputs, &work);
            // The scores are now their gradients.
            let gradients = Matrix::new(scores, [part.len(), words], words);
            if let (Some(to), Some(down)) = (&mut of_x, &packed_down) {
                let to = &mut to[part.start * width..part.end * width];
                gemm(gradients, down, Output::overwrite(to), &());
            }
            if let Some(to) = &mut of_table {
                gradient_gemm(gradients.transposed(), x, Output::add(to), &mut [], precision);
            }
            if let Some(to) = &mut of_bias {
                let chunks = words.div_ceil(WORDS);
                run(chunks, Chunks::new(to, WORDS), &Sums { scores, words });
            }
        }
        let mut total = Floats::uninitialised(1);
        total[0] = losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() as f32;
        let saved = Saved([
            of_x.map(|to| to.into_tensor(x.shape())),
            of_table.map(|to| to.into_tensor(table.shape())),
            of_bias.map(|to| to.into_tensor(bias.shape())),
        ]);
        (total.into_tensor(Shape::new([1])), Some(saved))
    }

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let factor = floats(&contiguous(gradient))[0];
        saved.0.map(|gradient| {
            let gradient = gradient?;
            if factor == 1.0 {
                return Some(gradient);
            }
            let mut gradient = owned(gradient);
            floats_mut(&mut gradient).iter_mut().for_each(|x| *x *= factor);
            Some(gradient)
        })
    }
}

/// The weighted loss of each row, and, where it is asked for, the gradients of the scores in their place.
struct RowBatch<'a> {
    targets: &'a [i32],
    row_weights: &'a [f32],
    words: usize,
    differentiate: bool,
}

impl ParallelWork for RowBatch<'_> {
    /// The losses, and the scores.
    type Outputs<'a> = (Chunks<'a>, Chunks<'a>);

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, (losses, scores): (&mut [f32], &mut [f32])) {
        let rows = scores.chunks_exact_mut(self.words).zip(losses);
        for (row, (scores, loss)) in (chunk * ROWS..).zip(rows) {
            let (target, share) = (self.targets[row] as usize, self.row_weights[row]);
            let high = max(simd, scores);
            let of_target = scores[target];
            for x in &mut *scores {
                *x = exp(*x - high);
            }
            // In parts: the rounding of a single sum grows with the vocabulary.
            let parts = scores.chunks(SUMMED).map(|part| f64::from(sum(simd, part)));
            let total = parts.sum::<f64>() as f32;
            *loss = share * (high + total.ln() - of_target);
            if !self.differentiate {
                continue;
            }
            let factor = share / total;
            for x in &mut *scores {
                *x *= factor;
            }
            scores[target] -= share;
        }
    }
}

/// Adds each row's gradients of some words to the gradients of their biases.
struct Sums<'a> {
    scores: &'a [f32],
    words: usize,
}

impl ParallelWork for Sums<'_> {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, chunk: usize, to: &mut [f32]) {
        for row in self.scores.chunks_exact(self.words) {
            for (to, x) in to.iter_mut().zip(&row[chunk * WORDS..]) {
                *to += x;
            }
        }
    }
}
