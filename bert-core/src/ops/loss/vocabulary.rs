//! The output layer of a language model: the scores of all words of the vocabulary, whose weight is the table of word
//! embeddings (Press and Wolf 2017, "Using the output embedding to improve language models"), and their cross-entropy.
//!
//! A vocabulary of 30 522 words makes 122 kB of scores for each token. So the loss computes them for some tokens at a time, and
//! never stores the scores of all tokens.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, ExtensionType, TensorMetadata};
use burn::module::Param;
use burn::nn::Embedding;
use burn::tensor::{Int, Shape, Slice, Tensor};

use crate::ops::{BertBackend, GemmOptions};

/// How many scores are held at once, 4 bytes each, but at least the scores of one row.
const SCORES: usize = 1 << 23;

/// The parameters of the output layer.
#[derive(Clone, Debug, ExtensionType)]
pub struct VocabularyWeights<B: Backend = Dispatch> {
    /// The word embeddings, `[words, hidden]`.
    pub table: FloatTensor<B>,
    /// `[words]`.
    pub bias: FloatTensor<B>,
}

impl<B: Backend> VocabularyWeights<B> {
    pub(in crate::ops) fn tensors(&self) -> [&FloatTensor<B>; 2] {
        [&self.table, &self.bias]
    }
}

impl VocabularyWeights {
    /// The layer that scores the words of `table` with this `bias`, `[words]`.
    pub fn new(table: &Embedding, bias: &Param<Tensor<1>>) -> Self {
        Self {
            table: table.weight.val().into_dispatch(),
            bias: bias.val().into_dispatch(),
        }
    }
}

/// The rows whose scores are computed together: as even parts of `rows` as [`SCORES`] allows.
pub(in crate::ops) fn rows_at_once(rows: usize, words: usize) -> usize {
    let most = (SCORES / words.max(1)).max(1);
    let parts = rows.div_ceil(most).max(1);
    rows.div_ceil(parts).max(1)
}

pub(in crate::ops) fn composed_logits<B: BertBackend>(
    x: FloatTensor<B>,
    weights: VocabularyWeights<B>,
) -> FloatTensor<B> {
    let VocabularyWeights { table, bias } = weights;
    let [rows, words] = [x.shape()[0], bias.shape().num_elements()];
    if rows == 0 {
        // Burn's ndarray backend divides by zero in a product of no rows.
        return B::float_zeros(Shape::new([0, words]), &x.device(), x.dtype().into());
    }
    let scores = B::float_matmul(x, B::float_transpose(table));
    B::float_add(scores, B::float_reshape(bias, Shape::new([1, words])))
}

pub(in crate::ops) fn composed_cross_entropy<B: BertBackend>(
    x: FloatTensor<B>,
    weights: VocabularyWeights<B>,
    targets: IntTensor<B>,
    row_weights: FloatTensor<B>,
    gemm: GemmOptions,
) -> FloatTensor<B> {
    let [rows, width] = x.shape().dims();
    let at_once = rows_at_once(rows, weights.bias.shape().num_elements());
    let part = |first: usize| {
        let rows = first..rows.min(first + at_once);
        let slice = [Slice::from(rows.clone())];
        let x = B::float_slice(x.clone(), &[Slice::from(rows), Slice::from(0..width)]);
        let logits = B::vocabulary_logits(x, weights.clone(), gemm.clone());
        let targets = B::int_slice(targets.clone(), &slice);
        B::cross_entropy(logits, targets, B::float_slice(row_weights.clone(), &slice))
    };
    // Without rows, the sum over none.
    let parts = (0..rows.max(1)).step_by(at_once).map(part);
    parts.reduce(B::float_add).expect("at least one part")
}

/// The scores of all words, `x * table^T + bias`: `[rows, hidden]` to `[rows, words]`.
///
/// # Panics
/// If the sizes differ.
pub fn vocabulary_logits(x: Tensor<2>, weights: VocabularyWeights, gemm: &GemmOptions) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::vocabulary_logits(
        x.into_dispatch(),
        weights,
        gemm.clone(),
    ))
}

/// [`cross_entropy`](crate::ops::cross_entropy()) of [`vocabulary_logits`] with the word ids `targets` and the weights `row_weights` of the
/// rows, `[rows]` each, without storing the logits of all rows: `[rows, hidden]` to a scalar `[1]`.
///
/// # Panics
/// If the sizes differ, or a target is no word.
pub fn vocabulary_cross_entropy(
    x: Tensor<2>,
    weights: VocabularyWeights,
    targets: Tensor<1, Int>,
    row_weights: Tensor<1>,
    gemm: &GemmOptions,
) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::vocabulary_cross_entropy(
        x.into_dispatch(),
        weights,
        targets.into_dispatch(),
        row_weights.into_dispatch(),
        gemm.clone(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_computed_in_even_parts() {
        assert_eq!(rows_at_once(100, 1000), 100);
        // 8 388 608 / 30 522 = 274.8
        assert_eq!(rows_at_once(614, 30_522), 205);
        assert_eq!(rows_at_once(274, 30_522), 274);
        assert_eq!(rows_at_once(5, SCORES + 1), 1);
        assert_eq!([rows_at_once(0, 7), rows_at_once(3, 0)], [1, 3]);
    }
}
