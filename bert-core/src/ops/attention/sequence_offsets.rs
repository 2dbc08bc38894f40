//! Packed sequences: one after the other, without padding, in one row; and back to one row each.
//!
//! Only in attention does the output of a token depend on other tokens. So a batch can be one long row of real tokens, if
//! attention knows where each sequence starts (Krell et al. 2021, "Efficient sequence packing without
//! cross-contamination"; `cu_seqlens` in FlashAttention).

use std::ops::Range;
use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata};
use burn::tensor::{Shape, Slice, Tensor, TensorData};

use crate::ops::BertBackend;

/// Where each sequence of a packed batch starts. A clone is cheap.
///
/// ```
/// use bert_core::ops::SequenceOffsets;
/// let offsets = SequenceOffsets::new([3, 0, 2]);
/// assert_eq!((offsets.count(), offsets.tokens(), offsets.longest()), (3, 5, 3));
/// assert_eq!(offsets.range(2), 3..5);
/// assert_eq!(offsets.positions().collect::<Vec<_>>(), [0, 1, 2, 0, 1]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOffsets {
    /// Ascending; the last one is where the last sequence ends.
    starts: Arc<[usize]>,
}

impl SequenceOffsets {
    /// Sequences of these numbers of tokens.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut end = 0;
        let ends = lengths.into_iter().map(|length| {
            end += length;
            end
        });
        Self {
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// The number of sequences.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of tokens of all sequences.
    pub fn tokens(&self) -> usize {
        self.starts[self.count()]
    }

    /// The start of each sequence, and the end of the last.
    #[cfg_attr(not(feature = "flex"), allow(dead_code))]
    pub(in crate::ops) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The tokens of one sequence.
    ///
    /// # Panics
    /// If there is no such sequence.
    pub fn range(&self, sequence: usize) -> Range<usize> {
        self.starts[sequence]..self.starts[sequence + 1]
    }

    /// The tokens of each sequence.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.count()).map(|sequence| self.range(sequence))
    }

    /// The number of tokens of the longest sequence.
    pub fn longest(&self) -> usize {
        self.ranges().map(|range| range.len()).max().unwrap_or(0)
    }

    /// The position of each token in its sequence.
    pub fn positions(&self) -> impl Iterator<Item = usize> {
        self.ranges().flat_map(|range| 0..range.len())
    }
}

/// The bias that hides the tokens of each sequence from the others, `[1, 1, tokens, tokens]`.
pub(super) fn block_mask<B: Backend>(offsets: &SequenceOffsets, like: &FloatTensor<B>) -> FloatTensor<B> {
    let tokens = offsets.tokens();
    let mut bias = vec![f32::MIN; tokens * tokens];
    for range in offsets.ranges() {
        for row in range.clone() {
            bias[row * tokens..][range.clone()].fill(0.0);
        }
    }
    let data = TensorData::new(bias, [1, 1, tokens, tokens]).convert_dtype(like.dtype());
    B::float_from_data(data, &like.device())
}

pub(in crate::ops) fn composed<B: BertBackend>(
    hidden: FloatTensor<B>,
    offsets: SequenceOffsets,
    length: usize,
) -> FloatTensor<B> {
    let [_, _, width] = hidden.shape().dims();
    let rows = offsets.ranges().map(|range| {
        let padding = length - range.len();
        let tokens = [0..1, range, 0..width].map(Slice::from);
        let tokens = B::float_slice(hidden.clone(), &tokens);
        let padding = Shape::new([1, padding, width]);
        let zeros = B::float_zeros(padding, &hidden.device(), hidden.dtype().into());
        B::float_cat(vec![tokens, zeros], 1)
    });
    B::float_cat(rows.collect(), 0)
}

/// Packed sequences, `[1, tokens, hidden]`, to one row each, `[sequences, length, hidden]`: zero at padding.
///
/// # Panics
/// If a sequence is longer than `length`, or there is none.
pub fn unpack_sequences(hidden: Tensor<3>, offsets: &SequenceOffsets, length: usize) -> Tensor<3> {
    assert!(offsets.longest() <= length, "sequences of up to {length} tokens");
    Tensor::from_dispatch(<Dispatch as BertBackend>::unpack_sequences(
        hidden.into_dispatch(),
        offsets.clone(),
        length,
    ))
}
