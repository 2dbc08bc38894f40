//! The heads of the sequences of a batch: attention is computed head by head.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use pulp::Simd;

use crate::ops::flex::gemm::ROWS;
use crate::ops::flex::math::dropout_mask::BLOCK;
use crate::ops::flex::math::simd::{exp, max, sum};
use crate::ops::flex::memory::{contiguous, floats};
use crate::ops::flex::parallel::{BlockRows, Blocks, MatrixMut};
use crate::ops::{AttentionMask, AttentionOptions, SequenceOffsets};
use burn::backend::Flex;

/// Elements of the scores that are held at once: a quarter of a second-level cache.
const SCORES: usize = 1 << 14;

/// All heads of a batch. A chunk of work is one head of one sequence.
#[derive(Clone, Debug)]
pub(in crate::ops::flex) struct Heads {
    offsets: SequenceOffsets,
    /// Added to the scores of each key, `[tokens]`.
    bias: Option<FlexTensor>,
    pub(in crate::ops::flex) width: usize,
    heads: usize,
    /// Whether a query attends to no key after its own position.
    causal: bool,
}

impl Heads {
    /// Of keys, `[batch, length, width]`.
    pub(in crate::ops::flex) fn new(
        keys: &FlexTensor,
        mask: AttentionMask<Flex>,
        options: AttentionOptions,
    ) -> Self {
        let AttentionOptions { heads, causal, .. } = options;
        let [batch, length, width] = keys.shape().dims();
        assert!(
            heads > 0 && width.is_multiple_of(heads),
            "{width} features in {heads} heads"
        );
        let (offsets, bias) = match mask {
            AttentionMask::Padding(bias) => {
                (SequenceOffsets::new(vec![length; batch]), Some(contiguous(bias)))
            }
            AttentionMask::Packed(offsets) => (offsets, None),
        };
        assert_eq!(offsets.tokens(), batch * length, "the offsets of these tokens");
        Self {
            offsets,
            bias,
            width,
            heads,
            causal,
        }
    }

    pub(in crate::ops::flex) fn tokens(&self) -> usize {
        self.offsets.tokens()
    }

    pub(super) fn sequences(&self) -> usize {
        self.offsets.count()
    }

    pub(super) fn chunks(&self) -> usize {
        self.offsets.count() * self.heads
    }

    /// The sequence of a chunk.
    #[inline(always)]
    pub(super) fn sequence(&self, chunk: usize) -> usize {
        chunk / self.heads
    }

    /// A matrix of `[tokens, width]` in the blocks of the chunks.
    pub(super) fn token_blocks<'a>(&'a self, matrix: MatrixMut<'a>) -> Blocks<'a> {
        matrix.blocks(BlockRows::Starts(self.offsets.starts()), self.width / self.heads)
    }

    /// A matrix of `[sequences, width]` in the blocks of the chunks.
    pub(super) fn cls_blocks<'a>(&self, matrix: MatrixMut<'a>) -> Blocks<'a> {
        matrix.blocks(BlockRows::Even(1), self.width / self.heads)
    }

    #[inline(always)]
    pub(super) fn head(&self, chunk: usize) -> Head<'_> {
        let (sequence, head) = (chunk / self.heads, chunk % self.heads);
        let range = self.offsets.range(sequence);
        let size = self.width / self.heads;
        Head {
            token: range.start,
            length: range.len(),
            feature: head * size,
            size,
            row: range.start * self.heads + head * range.len(),
            bias: self.bias.as_ref().map(|bias| &floats(bias)[range]),
            scale: 1.0 / (size as f32).sqrt(),
            causal: self.causal,
        }
    }
}

/// One head of one sequence.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    /// The sequence's first token, and how many it has.
    token: usize,
    pub(super) length: usize,
    /// The head's first feature, and how many it has.
    pub(super) feature: usize,
    pub(super) size: usize,
    /// Its first row in the dropout mask.
    pub(super) row: usize,
    bias: Option<&'a [f32]>,
    pub(super) scale: f32,
    causal: bool,
}

impl Head<'_> {
    /// Where its first token's features are in rows `stride` apart.
    #[inline(always)]
    pub(super) fn start(&self, stride: usize) -> usize {
        self.token * stride + self.feature
    }

    /// Rows of scores, each `long`, that are computed together.
    pub(super) fn rows(&self, long: usize) -> usize {
        let most = (SCORES / long).max(4 * ROWS);
        let blocks = self.length.div_ceil(most).max(1);
        let even = self.length.div_ceil(blocks);
        even.next_multiple_of(ROWS).min(self.length).max(1)
    }

    /// The length of a row of scores: whole vectors, however short the sequence.
    #[inline(always)]
    pub(super) fn long(&self, panel: usize) -> usize {
        self.length.next_multiple_of(panel.max(BLOCK))
    }

    /// How many keys the queries before this one, counted in the sequence, attend to at most.
    #[inline(always)]
    pub(super) fn keys(&self, queries: usize) -> usize {
        if self.causal { queries } else { self.length }
    }

    /// Turns a row of products into probabilities, which are zero beyond the keys that `query`, counted in the sequence,
    /// attends to.
    #[inline(always)]
    pub(super) fn softmax<S: Simd>(&self, simd: S, query: usize, row: &mut [f32]) {
        let keys = self.keys(query + 1);
        let (real, beyond) = row.split_at_mut(keys);
        match self.bias {
            Some(bias) => {
                for (x, bias) in real.iter_mut().zip(bias) {
                    *x = *x * self.scale + bias;
                }
            }
            None => {
                for x in real {
                    *x *= self.scale;
                }
            }
        }
        beyond.fill(f32::MIN);
        let high = max(simd, row);
        let (blocks, _) = row.as_chunks_mut::<BLOCK>();
        for block in blocks {
            for x in block {
                *x = exp(*x - high);
            }
        }
        row[keys..].fill(0.0);
        let share = 1.0 / sum(simd, row);
        let (blocks, _) = row.as_chunks_mut::<BLOCK>();
        for block in blocks {
            for x in block {
                *x *= share;
            }
        }
    }
}
