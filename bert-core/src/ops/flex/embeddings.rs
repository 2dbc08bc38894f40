//! The sum of the three embeddings, its normalisation and dropout in one pass over each row.

use std::collections::BTreeSet;
use std::sync::Arc;

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::math::dropout_mask::DropoutMask;
use super::math::layer_norm::{Moments, gain_gradients};
use super::memory::{self, Floats, contiguous, floats, floats_mut, owned};
use super::parallel::{BlockRows, Blocks, Chunks, MatrixMut, ParallelWork, run};
use crate::ops::fused::{EmbeddingIds, FusedOp, Pass};
use crate::ops::{EmbeddingsOptions, NormOptions, SequenceOffsets};

/// Rows of a chunk.
const ROWS: usize = 32;
/// Columns of a chunk when gradients are added to the embeddings.
const COLUMNS: usize = 32;

/// The ids, positions and token types of `[batch, length]` tokens.
#[derive(Clone, Debug)]
struct Tokens {
    ids: FlexTensor,
    types: FlexTensor,
    positions: Arc<[i32]>,
}

impl Tokens {
    fn new((ids, types, offsets): EmbeddingIds<Flex>, first_position: usize) -> Self {
        let [ids, types] = [ids, types].map(contiguous);
        let [batch, length] = ids.shape().dims();
        let offsets = offsets.unwrap_or_else(|| SequenceOffsets::new(vec![length; batch]));
        assert_eq!(offsets.tokens(), batch * length, "the offsets of these tokens");
        let positions = offsets
            .positions()
            .map(|position| (first_position + position) as i32);
        Self {
            ids,
            types,
            positions: positions.collect(),
        }
    }

    /// Words, positions and token types.
    fn slices(&self) -> [&[i32]; 3] {
        let [ids, types] =
            [&self.ids, &self.types].map(|ids| ids.as_slice().expect("contiguous 32-bit integers"));
        [ids, &self.positions, types]
    }
}

#[derive(Debug)]
pub(in crate::ops) struct Embeddings;

#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    tokens: Tokens,
    /// The numbers of word, position and token type embeddings.
    rows: [usize; 3],
    sum: FlexTensor,
    gamma: FlexTensor,
    options: NormOptions,
}

/// The inputs are the word, position and token type embeddings, gain and offset.
impl FusedOp<Flex, 5> for Embeddings {
    type Arguments = (EmbeddingIds<Flex>, EmbeddingsOptions);
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 5],
        (ids, options): Self::Arguments,
        _: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [word, position, token_type, gamma, beta] = inputs.map(contiguous);
        let EmbeddingsOptions {
            first_position,
            output: options,
        } = options;
        let tokens = Tokens::new(ids, first_position);
        let rows = [&word, &position, &token_type].map(|embeddings| embeddings.shape()[0]);
        let [batch, length] = tokens.ids.shape().dims();
        let gain = [floats(&gamma), floats(&beta)];
        let width = gain[0].len();
        let shape = Shape::new([batch, length, width]);
        let mut sum = Floats::uninitialised(shape.num_elements());
        let mut to = Floats::uninitialised(shape.num_elements());
        assert!(
            tokens
                .positions
                .iter()
                .all(|&position| (position as usize) < rows[1]),
            "a sequence longer than the position embeddings"
        );
        let work = Forward {
            tokens: tokens.slices(),
            embeddings: [&word, &position, &token_type].map(floats),
            gain,
            epsilon: options.epsilon as f32,
            mask: options.dropout.map(DropoutMask::new),
        };
        let outputs = [&mut sum, &mut to].map(|all| Chunks::new(all, ROWS * width));
        run((batch * length).div_ceil(ROWS), outputs, &work);
        let saved = Saved {
            tokens,
            rows,
            sum: sum.into_tensor(shape.clone()),
            gamma,
            options,
        };
        (to.into_tensor(shape), Some(saved))
    }

    fn backward(saved: Saved, gradient: FlexTensor, needed: [bool; 5]) -> [Option<FlexTensor>; 5] {
        let mut gradient = owned(gradient);
        let width = floats(&saved.gamma).len();
        let tokens = saved.tokens.slices();
        let chunks = tokens[0].len().div_ceil(ROWS);
        let mut sums = Floats::uninitialised(chunks * 2 * width);
        let work = NormGradient {
            sum: floats(&saved.sum),
            gamma: floats(&saved.gamma),
            epsilon: saved.options.epsilon as f32,
            mask: saved.options.dropout.map(DropoutMask::new),
        };
        let rows = Chunks::new(floats_mut(&mut gradient), ROWS * width);
        run(chunks, [rows, Chunks::new(&mut sums, 2 * width)], &work);
        // Frozen embeddings have a gradient without rows.
        let rows: [usize; 3] = std::array::from_fn(|i| if needed[i] { saved.rows[i] } else { 0 });
        let mut all = rows.map(|rows| Floats::zeros(rows * width));
        let mut each = rows.iter();
        let outputs = all.each_mut().map(|gradient| {
            let rows = *each.next().expect("a number of rows for each");
            MatrixMut::new(gradient, [rows, width], width).blocks(BlockRows::Even(rows), COLUMNS)
        });
        let work = Scatter {
            tokens,
            width,
            gradient: floats(&gradient),
        };
        if rows != [0; 3] {
            run(width.div_ceil(COLUMNS), outputs, &work);
        }
        let [word, position, token_type] = all;
        let shape = |which: usize| Shape::new([rows[which], width]);
        let of_word = needed[0].then(|| {
            let words: BTreeSet<u32> = tokens[0].iter().map(|&id| id as u32).collect();
            memory::row_sparse(word, shape(0), words.into_iter().collect())
        });
        let [of_gamma, of_beta] = gain_gradients(&sums, width).map(Some);
        [
            of_word,
            needed[1].then(|| position.into_tensor(shape(1))),
            needed[2].then(|| token_type.into_tensor(shape(2))),
            of_gamma,
            of_beta,
        ]
    }
}

struct Forward<'a> {
    tokens: [&'a [i32]; 3],
    embeddings: [&'a [f32]; 3],
    gain: [&'a [f32]; 2],
    epsilon: f32,
    mask: Option<DropoutMask>,
}

impl ParallelWork for Forward<'_> {
    /// The sums, and the outputs.
    type Outputs<'a> = [Chunks<'a>; 2];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, [sums, to]: [&mut [f32]; 2]) {
        let width = self.gain[0].len();
        let rows = sums.chunks_exact_mut(width).zip(to.chunks_exact_mut(width));
        for (row, (sum, to)) in (chunk * ROWS..).zip(rows) {
            let [word, position, token_type] =
                std::array::from_fn(|i| &self.embeddings[i][self.tokens[i][row] as usize * width..][..width]);
            let all = word.iter().zip(position).zip(token_type);
            for (sum, ((word, position), token_type)) in sum.iter_mut().zip(all) {
                *sum = word + token_type + position;
            }
            Moments::of(simd, sum, self.epsilon).normalise(sum, self.gain, to);
            if let Some(mask) = self.mask {
                mask.row(row).apply(to);
            }
        }
    }
}

struct NormGradient<'a> {
    sum: &'a [f32],
    gamma: &'a [f32],
    epsilon: f32,
    mask: Option<DropoutMask>,
}

impl ParallelWork for NormGradient<'_> {
    /// The gradient of the output, which becomes the gradient of the sum; and the sums of gain and offset, one
    /// pair a chunk.
    type Outputs<'a> = [Chunks<'a>; 2];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, [gradients, sums]: [&mut [f32]; 2]) {
        let width = self.gamma.len();
        sums.fill(0.0);
        let (of_gamma, of_beta) = sums.split_at_mut(width);
        for (row, gradient) in (chunk * ROWS..).zip(gradients.chunks_exact_mut(width)) {
            if let Some(mask) = self.mask {
                mask.row(row).apply(gradient);
            }
            let sum = &self.sum[row * width..][..width];
            let moments = Moments::of(simd, sum, self.epsilon);
            moments.gradient(simd, sum, self.gamma, gradient, [&mut *of_gamma, &mut *of_beta]);
        }
    }
}

/// Adds each token's gradient to the gradients of its word, position and token type, where these are needed. A chunk is a
/// stripe of columns, so that each element is added up by one thread, in the order of the tokens.
struct Scatter<'a> {
    tokens: [&'a [i32]; 3],
    width: usize,
    gradient: &'a [f32],
}

impl ParallelWork for Scatter<'_> {
    type Outputs<'a> = [Blocks<'a>; 3];

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, chunk: usize, mut all: [MatrixMut<'_>; 3]) {
        let [_, count] = all[0].dims();
        for row in 0..self.tokens[0].len() {
            let gradient = &self.gradient[row * self.width + chunk * COLUMNS..][..count];
            for (rows, tokens) in all.iter_mut().zip(self.tokens) {
                if rows.dims()[0] == 0 {
                    continue;
                }
                for (to, gradient) in rows.row(tokens[row] as usize).iter_mut().zip(gradient) {
                    *to += gradient;
                }
            }
        }
    }
}
