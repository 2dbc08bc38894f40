//! Texts one after the other without padding between them, and back to one row a text.
//!
//! What a layer does to a token does not depend on the other tokens but in attention: so a batch can be one long row of
//! real tokens, as long as attention knows where each text starts (Krell et al. 2021, "Efficient sequence packing
//! without cross-contamination"; `cu_seqlens` in FlashAttention).

use std::ops::Range;
use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata};
use burn::tensor::{Shape, Slice, Tensor, TensorData};

use super::BertBackend;

/// Where each text of a packed batch starts.
///
/// ```
/// use bert_core::ops::Texts;
/// let texts = Texts::new([3, 0, 2]);
/// assert_eq!((texts.count(), texts.tokens(), texts.longest()), (3, 5, 3));
/// assert_eq!(texts.range(2), 3..5);
/// assert_eq!(texts.places().collect::<Vec<_>>(), [0, 1, 2, 0, 1]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// And where the last one ends.
    starts: Arc<[usize]>,
}

impl Texts {
    /// Texts of these numbers of tokens.
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

    /// How many there are.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Tokens of all of them.
    pub fn tokens(&self) -> usize {
        self.starts[self.count()]
    }

    /// The tokens of one of them.
    ///
    /// # Panics
    /// If there is no such text.
    pub fn range(&self, text: usize) -> Range<usize> {
        self.starts[text]..self.starts[text + 1]
    }

    /// The tokens of each in turn.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.count()).map(|text| self.range(text))
    }

    /// Tokens of the longest.
    pub fn longest(&self) -> usize {
        self.ranges().map(|range| range.len()).max().unwrap_or(0)
    }

    /// Each token's place in its text.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.ranges().flat_map(|range| 0..range.len())
    }
}

/// What keeps the tokens of each text from seeing those of others: `[1, 1, tokens, tokens]`.
pub(super) fn walls<B: Backend>(texts: &Texts, like: &FloatTensor<B>) -> FloatTensor<B> {
    let tokens = texts.tokens();
    let mut bias = vec![f32::MIN; tokens * tokens];
    for range in texts.ranges() {
        for row in range.clone() {
            bias[row * tokens..][range.clone()].fill(0.0);
        }
    }
    let data = TensorData::new(bias, [1, 1, tokens, tokens]).convert_dtype(like.dtype());
    B::float_from_data(data, &like.device())
}

pub(super) fn composed<B: BertBackend>(
    hidden: FloatTensor<B>,
    texts: Texts,
    length: usize,
) -> FloatTensor<B> {
    let [_, _, width] = hidden.shape().dims();
    let rows = texts.ranges().map(|range| {
        let padding = length - range.len();
        let places = [0..1, range, 0..width].map(Slice::from);
        let text = B::float_slice(hidden.clone(), &places);
        let padding = Shape::new([1, padding, width]);
        let zeros = B::float_zeros(padding, &hidden.device(), hidden.dtype().into());
        B::float_cat(vec![text, zeros], 1)
    });
    B::float_cat(rows.collect(), 0)
}

/// `[1, tokens, hidden]` to `[texts, length, hidden]`, zero where a text has no token.
///
/// # Panics
/// If a text is longer than `length`, or there is none.
pub fn unpack(hidden: Tensor<3>, texts: &Texts, length: usize) -> Tensor<3> {
    assert!(texts.longest() <= length, "texts of up to {length} tokens");
    Tensor::from_dispatch(<Dispatch as BertBackend>::unpack(
        hidden.into_dispatch(),
        texts.clone(),
        length,
    ))
}
