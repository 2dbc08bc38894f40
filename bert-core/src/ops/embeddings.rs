//! The three embeddings of a token, summed and normalised.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, ExtensionType, TensorMetadata};
use burn::nn::LayerNorm;
use burn::tensor::{Int, Shape, Slice, Tensor, TensorData};

use super::{BertBackend, NormOptions, NormWeights, SequenceOffsets};

/// The word, position and token type embeddings, `[count, hidden]` each, and the normalisation.
#[derive(Clone, Debug, ExtensionType)]
pub struct EmbeddingsWeights<B: Backend = Dispatch> {
    /// A vector for each word piece.
    pub word: FloatTensor<B>,
    /// A vector for each position.
    pub position: FloatTensor<B>,
    /// A vector for each token type.
    pub token_type: FloatTensor<B>,
    /// The normalisation.
    #[extension_type]
    pub norm: NormWeights<B>,
}

impl<B: Backend> EmbeddingsWeights<B> {
    pub(super) fn tensors(&self) -> [&FloatTensor<B>; 5] {
        let [gamma, beta] = self.norm.tensors();
        [&self.word, &self.position, &self.token_type, gamma, beta]
    }

    /// In the order of the fields.
    pub(super) fn into_tensors(self) -> [FloatTensor<B>; 5] {
        let NormWeights { gamma, beta } = self.norm;
        [self.word, self.position, self.token_type, gamma, beta]
    }
}

impl EmbeddingsWeights {
    /// The word, position and token type embeddings, and the normalisation.
    ///
    /// # Panics
    /// If the normalisation has no offset.
    pub fn new(tables: [Tensor<2>; 3], norm: &LayerNorm) -> Self {
        let [word, position, token_type] = tables.map(Tensor::into_dispatch);
        Self {
            word,
            position,
            token_type,
            norm: norm.into(),
        }
    }
}

/// The options of the embeddings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmbeddingsOptions {
    /// The row of the position embeddings that belongs to the first token of a sequence.
    pub first_position: usize,
    /// The normalisation and the dropout after it.
    pub output: NormOptions,
}

pub(super) fn composed<B: BertBackend>(
    ids: IntTensor<B>,
    types: IntTensor<B>,
    offsets: Option<SequenceOffsets>,
    weights: EmbeddingsWeights<B>,
    options: EmbeddingsOptions,
) -> FloatTensor<B> {
    let first = options.first_position;
    let length = ids.shape()[1];
    let width = weights.word.shape()[1];
    let positions = match offsets {
        Some(offsets) => {
            let positions: Vec<i32> = offsets
                .positions()
                .map(|position| (first + position) as i32)
                .collect();
            let data = TensorData::new(positions, [1, length]).convert_dtype(ids.dtype());
            B::embedding(weights.position, B::int_from_data(data, &ids.device()))
        }
        None => {
            let rows = [Slice::from(first..first + length), Slice::from(0..width)];
            let positions = B::float_slice(weights.position, &rows);
            B::float_reshape(positions, Shape::new([1, length, width]))
        }
    };
    let sum = B::float_add(
        B::embedding(weights.word, ids),
        B::embedding(weights.token_type, types),
    );
    let sum = B::float_add(sum, positions);
    let norm = weights.norm;
    let normalised = B::layer_norm(sum, norm.gamma, Some(norm.beta), options.output.epsilon);
    B::dropout(normalised, options.output.dropout)
}

/// `[batch, length]` token and token type ids to `[batch, length, hidden]`. In a packed batch, positions are counted from
/// the start of each sequence.
///
/// # Panics
/// If a sequence is longer than the position embeddings, an id has no embedding, or the offsets do not fit the batch's
/// tokens.
pub fn embeddings(
    ids: Tensor<2, Int>,
    types: Tensor<2, Int>,
    offsets: Option<SequenceOffsets>,
    weights: EmbeddingsWeights,
    options: EmbeddingsOptions,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::bert_embeddings(
        ids.into_dispatch(),
        types.into_dispatch(),
        offsets,
        weights,
        options,
    ))
}
