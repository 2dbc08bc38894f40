//! The sum of the three embeddings, its normalisation and dropout in one pass over each row.

#![allow(unsafe_code)]

use std::collections::BTreeSet;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::memory::Floats;
use super::norm::{Moments, add_up};
use super::parallel::{Shared, Task, run};
use super::random::Mask;
use super::rows;
use super::tensor::{floats, floats_mut, in_order, owned};
use crate::ops::{Dropout, Texts};

/// Rows of a piece.
const ROWS: usize = 32;
/// Columns of a piece where rows are added to the tables.
const COLUMNS: usize = 32;

/// What is looked up: ids, places and segments of `[batch, length]` tokens.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    ids: FlexTensor,
    types: FlexTensor,
    places: Arc<[i32]>,
}

impl Tokens {
    pub(super) fn new(ids: FlexTensor, types: FlexTensor, texts: Option<Texts>) -> Self {
        let [ids, types] = [ids, types].map(in_order);
        let [batch, length] = ids.shape().dims();
        let texts = texts.unwrap_or_else(|| Texts::new(vec![length; batch]));
        assert_eq!(texts.tokens(), batch * length, "the texts of these tokens");
        let places = texts.places().map(|place| place as i32).collect();
        Self { ids, types, places }
    }

    /// In the order of the tables.
    fn slices(&self) -> [&[i32]; 3] {
        let [ids, types] =
            [&self.ids, &self.types].map(|tensor| tensor.as_slice().expect("32-bit integers in order"));
        [ids, &self.places, types]
    }
}

/// The normalised sum, and the sum itself; `tables` are the word, position and segment vectors.
pub(super) fn forward(
    tokens: &Tokens,
    tables: [&FlexTensor; 3],
    [gamma, beta]: [&FlexTensor; 2],
    epsilon: f64,
    dropout: Option<Dropout>,
) -> (FlexTensor, FlexTensor) {
    let [batch, length] = tokens.ids.shape().dims();
    let gain = [floats(gamma), floats(beta)];
    let width = gain[0].len();
    let shape = Shape::new([batch, length, width]);
    let mut sum = Floats::stale(shape.num_elements());
    let mut to = Floats::stale(shape.num_elements());
    assert!(
        tokens
            .places
            .iter()
            .all(|&place| (place as usize) < tables[1].shape()[0]),
        "a text longer than the position table"
    );
    let task = Forward {
        tokens: tokens.slices(),
        tables: tables.map(floats),
        gain,
        epsilon: epsilon as f32,
        mask: dropout.map(Mask::new),
        sum: Shared::new(&mut sum),
        to: Shared::new(&mut to),
    };
    run((batch * length).div_ceil(ROWS), &task);
    (to.into_tensor(shape.clone()), sum.into_tensor(shape))
}

struct Forward<'a> {
    tokens: [&'a [i32]; 3],
    tables: [&'a [f32]; 3],
    gain: [&'a [f32]; 2],
    epsilon: f32,
    mask: Option<Mask>,
    sum: Shared<'a>,
    to: Shared<'a>,
}

impl Task for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let width = self.gain[0].len();
        let count = self.tokens[0].len();
        for row in piece * ROWS..count.min((piece + 1) * ROWS) {
            // SAFETY: every piece has rows of its own.
            let (sum, to) = unsafe {
                (
                    self.sum.part(row * width, width),
                    self.to.part(row * width, width),
                )
            };
            let [word, position, segment] =
                std::array::from_fn(|i| &self.tables[i][self.tokens[i][row] as usize * width..][..width]);
            for (((sum, word), position), segment) in sum.iter_mut().zip(word).zip(position).zip(segment) {
                *sum = word + segment + position;
            }
            Moments::of(simd, sum, self.epsilon).normalise(sum, self.gain, to);
            if let Some(mask) = self.mask {
                mask.row(row).apply(to);
            }
        }
    }
}

/// The gradients of the three tables, gain and offset.
#[derive(Debug)]
pub(super) struct EmbeddingsBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) tokens: Tokens,
    /// Rows of the three tables.
    pub(super) rows: [usize; 3],
    pub(super) sum: FlexTensor,
    pub(super) gamma: FlexTensor,
    pub(super) epsilon: f64,
    pub(super) dropout: Option<Dropout>,
}

impl Backward<Flex, 5> for EmbeddingsBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let saved = ops.state;
        let mut gradient = owned(grads.consume::<Flex>(&ops.node));
        let width = floats(&saved.gamma).len();
        let tokens = saved.tokens.slices();
        let pieces = tokens[0].len().div_ceil(ROWS);
        let mut sums = Floats::stale(pieces * 2 * width);
        let task = Slopes {
            sum: floats(&saved.sum),
            gamma: floats(&saved.gamma),
            epsilon: saved.epsilon as f32,
            mask: saved.dropout.map(Mask::new),
            gradient: Shared::new(floats_mut(&mut gradient)),
            sums: Shared::new(&mut sums),
        };
        run(pieces, &task);
        let mut tables = saved.rows.map(|rows| Floats::zeros(rows * width));
        let [word, position, segment] = &mut tables;
        let task = Scatter {
            tokens,
            width,
            gradient: floats(&gradient),
            tables: [Shared::new(word), Shared::new(position), Shared::new(segment)],
        };
        run(width.div_ceil(COLUMNS), &task);
        let mut total = vec![0.0; 2 * width];
        add_up(&sums, 2 * width, &mut total);
        let gain = [0, width].map(|from| {
            let mut part = Floats::stale(width);
            part.copy_from_slice(&total[from..from + width]);
            part
        });
        let [word, position, segment] = tables;
        let [of_gamma, of_beta] = gain;
        let table = |floats: Floats, rows| floats.into_tensor(Shape::new([rows, width]));
        let of_word = word.into_table(Shape::new([saved.rows[0], width]));
        let words: BTreeSet<u32> = tokens[0].iter().map(|&id| id as u32).collect();
        rows::note(&of_word, words.into_iter().collect());
        let all = [
            of_word,
            table(position, saved.rows[1]),
            table(segment, saved.rows[2]),
            of_gamma.into_tensor(saved.gamma.shape()),
            of_beta.into_tensor(saved.gamma.shape()),
        ];
        for (node, gradient) in ops.parents.into_iter().zip(all) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

struct Slopes<'a> {
    sum: &'a [f32],
    gamma: &'a [f32],
    epsilon: f32,
    mask: Option<Mask>,
    /// That of the output, which becomes that of the sum.
    gradient: Shared<'a>,
    /// Of gain and offset, one pair a piece.
    sums: Shared<'a>,
}

impl Task for Slopes<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let width = self.gamma.len();
        let count = self.sum.len() / width;
        // SAFETY: every piece has rows and sums of its own.
        let sums = unsafe { self.sums.part(piece * 2 * width, 2 * width) };
        sums.fill(0.0);
        let (of_gamma, of_beta) = sums.split_at_mut(width);
        for row in piece * ROWS..count.min((piece + 1) * ROWS) {
            // SAFETY: as above.
            let gradient = unsafe { self.gradient.part(row * width, width) };
            if let Some(mask) = self.mask {
                mask.row(row).apply(gradient);
            }
            let sum = &self.sum[row * width..][..width];
            let moments = Moments::of(simd, sum, self.epsilon);
            moments.gradient(simd, sum, self.gamma, gradient, [&mut *of_gamma, &mut *of_beta]);
        }
    }
}

/// Adds every token's gradient to the rows it was looked up in; a piece is a stripe of columns, so that no two add to
/// one element and each sum has its order.
struct Scatter<'a> {
    tokens: [&'a [i32]; 3],
    width: usize,
    gradient: &'a [f32],
    tables: [Shared<'a>; 3],
}

impl Task for Scatter<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize) {
        let first = piece * COLUMNS;
        let count = COLUMNS.min(self.width - first);
        for row in 0..self.tokens[0].len() {
            let gradient = &self.gradient[row * self.width + first..][..count];
            for (table, tokens) in self.tables.iter().zip(self.tokens) {
                // SAFETY: every piece has columns of its own.
                let to = unsafe { table.part(tokens[row] as usize * self.width + first, count) };
                for (to, gradient) in to.iter_mut().zip(gradient) {
                    *to += gradient;
                }
            }
        }
    }
}
