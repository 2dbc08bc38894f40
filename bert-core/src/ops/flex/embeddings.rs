//! The sum of the three embeddings, its normalisation and dropout in one pass over each row.

use std::collections::BTreeSet;
use std::sync::Arc;

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::math::dropout_mask::DropoutMask;
use super::math::layer_norm::{Moments, gain_gradients};
use super::memory::{self, Floats, contiguous, floats, floats_mut, owned};
use super::tasks::{BlockRows, Blocks, Chunks, MatrixMut, Task, run};
use crate::ops::fused::{EmbeddingIds, FusedOp, Pass};
use crate::ops::{NormOptions, SequenceOffsets};

/// Rows of a piece.
const ROWS: usize = 32;
/// Columns of a piece when rows are added to the tables.
const COLUMNS: usize = 32;

/// The ids, positions and token types of `[batch, length]` tokens.
#[derive(Clone, Debug)]
struct Tokens {
    ids: FlexTensor,
    types: FlexTensor,
    positions: Arc<[i32]>,
}

impl Tokens {
    fn new((ids, types, offsets): EmbeddingIds<Flex>) -> Self {
        let [ids, types] = [ids, types].map(contiguous);
        let [batch, length] = ids.shape().dims();
        let offsets = offsets.unwrap_or_else(|| SequenceOffsets::new(vec![length; batch]));
        assert_eq!(offsets.tokens(), batch * length, "the offsets of these tokens");
        let positions = offsets.positions().map(|position| position as i32).collect();
        Self {
            ids,
            types,
            positions,
        }
    }

    /// In the order of the tables.
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
    /// The number of rows of each table.
    rows: [usize; 3],
    sum: FlexTensor,
    gamma: FlexTensor,
    options: NormOptions,
}

/// The inputs are the word, position and token type tables, gain and offset.
impl FusedOp<Flex, 5> for Embeddings {
    type Arguments = (EmbeddingIds<Flex>, NormOptions);
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 5],
        (ids, options): Self::Arguments,
        _: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let [word, position, token_type, gamma, beta] = inputs.map(contiguous);
        let tokens = Tokens::new(ids);
        let rows = [&word, &position, &token_type].map(|table| table.shape()[0]);
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
            "a sequence longer than the position table"
        );
        let task = Forward {
            tokens: tokens.slices(),
            tables: [&word, &position, &token_type].map(floats),
            gain,
            epsilon: options.epsilon as f32,
            mask: options.dropout.map(DropoutMask::new),
        };
        let outputs = [&mut sum, &mut to].map(|all| Chunks::new(all, ROWS * width));
        run((batch * length).div_ceil(ROWS), outputs, &task);
        let saved = Saved {
            tokens,
            rows,
            sum: sum.into_tensor(shape.clone()),
            gamma,
            options,
        };
        (to.into_tensor(shape), Some(saved))
    }

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 5]) -> [Option<FlexTensor>; 5] {
        let mut gradient = owned(gradient);
        let width = floats(&saved.gamma).len();
        let tokens = saved.tokens.slices();
        let pieces = tokens[0].len().div_ceil(ROWS);
        let mut sums = Floats::uninitialised(pieces * 2 * width);
        let task = NormGradient {
            sum: floats(&saved.sum),
            gamma: floats(&saved.gamma),
            epsilon: saved.options.epsilon as f32,
            mask: saved.options.dropout.map(DropoutMask::new),
        };
        let rows = Chunks::new(floats_mut(&mut gradient), ROWS * width);
        run(pieces, [rows, Chunks::new(&mut sums, 2 * width)], &task);
        let mut tables = saved.rows.map(|rows| Floats::zeros(rows * width));
        let mut rows = saved.rows.iter();
        let outputs = tables.each_mut().map(|table| {
            let rows = *rows.next().expect("as many as tables");
            MatrixMut::new(table, [rows, width], width).blocks(BlockRows::Even(rows), COLUMNS)
        });
        let task = Scatter {
            tokens,
            width,
            gradient: floats(&gradient),
        };
        run(width.div_ceil(COLUMNS), outputs, &task);
        let words: BTreeSet<u32> = tokens[0].iter().map(|&id| id as u32).collect();
        let [word, position, token_type] = tables;
        let shape = |table: usize| Shape::new([saved.rows[table], width]);
        let [of_gamma, of_beta] = gain_gradients(&sums, width);
        let all = [
            memory::table(word, shape(0), words.into_iter().collect()),
            position.into_tensor(shape(1)),
            token_type.into_tensor(shape(2)),
            of_gamma,
            of_beta,
        ];
        all.map(Some)
    }
}

struct Forward<'a> {
    tokens: [&'a [i32]; 3],
    tables: [&'a [f32]; 3],
    gain: [&'a [f32]; 2],
    epsilon: f32,
    mask: Option<DropoutMask>,
}

impl Task for Forward<'_> {
    /// The sums, and the outputs.
    type Outputs<'a> = [Chunks<'a>; 2];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize, [sums, to]: [&mut [f32]; 2]) {
        let width = self.gain[0].len();
        let rows = sums.chunks_exact_mut(width).zip(to.chunks_exact_mut(width));
        for (row, (sum, to)) in (piece * ROWS..).zip(rows) {
            let [word, position, token_type] =
                std::array::from_fn(|i| &self.tables[i][self.tokens[i][row] as usize * width..][..width]);
            let tables = word.iter().zip(position).zip(token_type);
            for (sum, ((word, position), token_type)) in sum.iter_mut().zip(tables) {
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

impl Task for NormGradient<'_> {
    /// The gradient of the output, which becomes that of the sum; and the sums of gain and offset, one pair a piece.
    type Outputs<'a> = [Chunks<'a>; 2];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize, [gradients, sums]: [&mut [f32]; 2]) {
        let width = self.gamma.len();
        sums.fill(0.0);
        let (of_gamma, of_beta) = sums.split_at_mut(width);
        for (row, gradient) in (piece * ROWS..).zip(gradients.chunks_exact_mut(width)) {
            if let Some(mask) = self.mask {
                mask.row(row).apply(gradient);
            }
            let sum = &self.sum[row * width..][..width];
            let moments = Moments::of(simd, sum, self.epsilon);
            moments.gradient(simd, sum, self.gamma, gradient, [&mut *of_gamma, &mut *of_beta]);
        }
    }
}

/// Adds each token's gradient to the rows of the tables that it was looked up in. A piece is a stripe of columns, so that
/// each element is added up by one thread, in the order of the tokens.
struct Scatter<'a> {
    tokens: [&'a [i32]; 3],
    width: usize,
    gradient: &'a [f32],
}

impl Task for Scatter<'_> {
    type Outputs<'a> = [Blocks<'a>; 3];

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize, mut tables: [MatrixMut<'_>; 3]) {
        let [_, count] = tables[0].dims();
        for row in 0..self.tokens[0].len() {
            let gradient = &self.gradient[row * self.width + piece * COLUMNS..][..count];
            for (table, tokens) in tables.iter_mut().zip(self.tokens) {
                for (to, gradient) in table.row(tokens[row] as usize).iter_mut().zip(gradient) {
                    *to += gradient;
                }
            }
        }
    }
}
