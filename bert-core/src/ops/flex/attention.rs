//! Attention, one head of one text at a time: the square of its scores stays in the cache, forward and backward, and is
//! never stored (Dao et al. 2022, "FlashAttention", without its tiling of the keys: a row of scores fits the cache).

#![allow(unsafe_code)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::kernel::{Before, Panels, ROWS, multiply};
use super::math::{exp, max, products, sum};
use super::matrix::Matrix;
use super::memory::Floats;
use super::parallel::{Shared, Task, run, scratch};
use super::product::pack;
use super::random::{BLOCK, Mask};
use super::tensor::{floats, in_order};
use crate::ops::{Dropout, Texts};

/// Elements of the scores that are held at once: a quarter of a second-level cache.
const SCORES: usize = 1 << 14;

/// Which keys a query sees.
#[derive(Clone, Debug)]
pub(super) enum Keys {
    /// Those of its row, with a bias on each score, `[batch, 1, 1, length]`.
    Biased(FlexTensor),
    /// Those of its text, of which the only row is made.
    Packed(Texts),
}

impl Keys {
    pub(super) fn new(bias: FlexTensor, texts: Option<Texts>) -> Self {
        match texts {
            Some(texts) => Keys::Packed(texts),
            None => Keys::Biased(in_order(bias)),
        }
    }
}

/// What attention is done over.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    texts: Texts,
    /// What is added to the scores of each key, `[tokens]`.
    bias: Option<FlexTensor>,
    pub(super) width: usize,
    heads: usize,
}

impl Sizes {
    /// Of `x`, `[batch, length, width]`.
    pub(super) fn of(x: &FlexTensor, keys: Keys, heads: usize) -> Self {
        let [batch, length, width] = x.shape().dims();
        assert!(
            heads > 0 && width.is_multiple_of(heads),
            "{width} features in {heads} heads"
        );
        let (texts, bias) = match keys {
            Keys::Biased(bias) => (Texts::new(vec![length; batch]), Some(bias)),
            Keys::Packed(texts) => (texts, None),
        };
        assert_eq!(texts.tokens(), batch * length, "the texts of these tokens");
        Self {
            texts,
            bias,
            width,
            heads,
        }
    }

    pub(super) fn tokens(&self) -> usize {
        self.texts.tokens()
    }

    pub(super) fn texts(&self) -> usize {
        self.texts.count()
    }

    /// Heads of texts.
    pub(super) fn pieces(&self) -> usize {
        self.texts.count() * self.heads
    }

    /// The text of a piece.
    #[inline(always)]
    pub(super) fn text(&self, piece: usize) -> usize {
        piece / self.heads
    }

    #[inline(always)]
    pub(super) fn head(&self, piece: usize) -> Head<'_> {
        let (text, head) = (piece / self.heads, piece % self.heads);
        let range = self.texts.range(text);
        let size = self.width / self.heads;
        Head {
            token: range.start,
            length: range.len(),
            feature: head * size,
            size,
            row: range.start * self.heads + head * range.len(),
            bias: self.bias.as_ref().map(|bias| &floats(bias)[range]),
            scale: 1.0 / (size as f32).sqrt(),
        }
    }
}

/// `[tokens, width]` each, `stride` between rows: queries, keys, values.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) sizes: &'a Sizes,
    pub(super) all: [&'a [f32]; 3],
    pub(super) stride: usize,
    pub(super) mask: Option<Mask>,
}

/// One head of one text.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    /// The text's first token, and how many it has.
    token: usize,
    pub(super) length: usize,
    /// The head's first feature, and how many it has.
    pub(super) feature: usize,
    pub(super) size: usize,
    /// Its first row in the mask.
    row: usize,
    bias: Option<&'a [f32]>,
    pub(super) scale: f32,
}

impl Head<'_> {
    /// Where its first token's features are in rows `stride` apart.
    #[inline(always)]
    pub(super) fn start(&self, stride: usize) -> usize {
        self.token * stride + self.feature
    }

    /// Rows of scores, each `long`, that are worked on together.
    fn rows(&self, long: usize) -> usize {
        let most = (SCORES / long).max(4 * ROWS);
        let blocks = self.length.div_ceil(most).max(1);
        let even = self.length.div_ceil(blocks);
        even.next_multiple_of(ROWS).min(self.length).max(1)
    }

    /// Places of a row of scores: whole vectors, however short the text.
    #[inline(always)]
    pub(super) fn long(&self, panel: usize) -> usize {
        self.length.next_multiple_of(panel.max(BLOCK))
    }

    /// Turns a row of products into probabilities, which are zero beyond the text.
    #[inline(always)]
    pub(super) fn softmax<S: Simd>(&self, simd: S, row: &mut [f32]) {
        let (real, beyond) = row.split_at_mut(self.length);
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
        row[self.length..].fill(0.0);
        let share = 1.0 / sum(simd, row);
        let (blocks, _) = row.as_chunks_mut::<BLOCK>();
        for block in blocks {
            for x in block {
                *x *= share;
            }
        }
    }
}

/// The context of queries, keys and values that lie `stride` apart.
pub(super) fn forward(inputs: Inputs, to: &mut [f32]) {
    let pieces = inputs.sizes.pieces();
    let to = Shared::new(to);
    run(pieces, &Forward { inputs, to });
}

struct Forward<'a> {
    inputs: Inputs<'a>,
    to: Shared<'a>,
}

impl Task for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let Inputs {
            sizes,
            all: [query, key, value],
            stride,
            mask,
        } = self.inputs;
        let head = sizes.head(piece);
        let Head { length, size, .. } = head;
        if length == 0 {
            return;
        }
        let width = sizes.width;
        let panel = 2 * S::F32_LANES;
        let (long, wide) = (head.long(panel), size.next_multiple_of(panel));
        let rows = head.rows(long);
        let start = head.start(stride);
        let mut scratch = scratch(long * (size + wide + rows));
        let (keys, rest) = scratch.split_at_mut(size * long);
        let (values, scores) = rest.split_at_mut(long * wide);
        let query = &query[start..];
        Matrix::new(query, [length, size], stride);
        let key = Matrix::new(&key[start..], [length, size], stride).transposed();
        pack_all(simd, key, keys);
        copy(&value[start..], size, stride, &mut values[..length * wide], wide);
        let keys = Panels {
            start: keys.as_ptr(),
            next: size * panel,
            down: panel,
        };
        let values = Panels {
            start: values.as_ptr(),
            next: panel,
            down: wide,
        };
        for top in (0..length).step_by(rows) {
            let rows = rows.min(length - top);
            // SAFETY: the queries were checked to be there, keys and scores are whole panels in the scratch memory.
            unsafe {
                multiply(
                    simd,
                    [rows, size, length],
                    query[top * stride..].as_ptr(),
                    [stride, 1],
                    keys,
                    scores.as_mut_ptr(),
                    long,
                    Before::Forget,
                );
            }
            for (i, row) in scores.chunks_exact_mut(long).take(rows).enumerate() {
                head.softmax(simd, row);
                if let Some(mask) = mask {
                    mask.row(head.row + top + i).apply(row);
                }
            }
            let at = head.start(width) + top * width;
            // SAFETY: scores and values as above; a piece's rows of its head are its own.
            unsafe {
                multiply(
                    simd,
                    [rows, length, size],
                    scores.as_ptr(),
                    [long, 1],
                    values,
                    self.to.rows(at, [rows, size], width),
                    width,
                    Before::Forget,
                );
            }
        }
    }
}

/// All panels of a matrix whose depth is short.
#[inline(always)]
fn pack_all<S: Simd>(simd: S, matrix: Matrix, to: &mut [f32]) {
    let [depth, columns] = matrix.dims();
    let width = 2 * S::F32_LANES;
    for (number, panel) in to.chunks_exact_mut(depth * width).enumerate() {
        if number * width < columns {
            pack(simd, matrix, [0, number * width], panel);
        }
    }
}

/// Rows of `size` floats, `stride` apart, to rows `wide` apart, zero beyond `size`.
#[inline(always)]
fn copy(from: &[f32], size: usize, stride: usize, to: &mut [f32], wide: usize) {
    for (i, row) in to.chunks_exact_mut(wide).enumerate() {
        let from = &from[i * stride..][..size];
        let (blocks, rest) = from.as_chunks::<16>();
        let (to_blocks, to_rest) = row.split_at_mut(16 * blocks.len());
        for (to, from) in to_blocks.as_chunks_mut::<16>().0.iter_mut().zip(blocks) {
            *to = *from;
        }
        to_rest.fill(0.0);
        to_rest[..rest.len()].copy_from_slice(rest);
    }
}

/// The gradients of queries, keys and values, `stride` apart as these are, from that of the context.
pub(super) fn backward(inputs: Inputs, gradient: &[f32], to: [Shared; 3]) {
    let pieces = inputs.sizes.pieces();
    run(pieces, &HeadSlopes { inputs, gradient, to });
}

struct HeadSlopes<'a> {
    inputs: Inputs<'a>,
    gradient: &'a [f32],
    to: [Shared<'a>; 3],
}

impl Task for HeadSlopes<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let Inputs {
            sizes,
            all: [query, key, value],
            stride,
            mask,
        } = self.inputs;
        let head = sizes.head(piece);
        let Head { length, size, .. } = head;
        if length == 0 {
            return;
        }
        let width = sizes.width;
        let panel = 2 * S::F32_LANES;
        let (long, wide) = (head.long(panel), size.next_multiple_of(panel));
        let rows = head.rows(long);
        let start = head.start(stride);

        let mut scratch = scratch(long * (2 * size + 5 * wide + 2 * rows + 1));
        let mut rest = &mut scratch[..];
        let mut take = |count: usize| rest.split_off_mut(..count).expect("as much as was asked for");
        let [turned_keys, turned_values] = [(); 2].map(|()| take(size * long));
        let [queries, keys, down, of_keys, of_values] =
            [(); 5].map(|()| &mut take(long * wide)[..length * wide]);
        let [scores, slopes] = [(); 2].map(|()| take(rows * long));
        let dropped = take(long);

        let matrix = |from| Matrix::new(from, [length, size], stride).transposed();
        pack_all(simd, matrix(&key[start..]), turned_keys);
        pack_all(simd, matrix(&value[start..]), turned_values);
        copy(&query[start..], size, stride, queries, wide);
        copy(&key[start..], size, stride, keys, wide);
        copy(&self.gradient[head.start(width)..], size, width, down, wide);
        of_keys.fill(0.0);
        of_values.fill(0.0);

        let turned = |from: &[f32]| Panels {
            start: from.as_ptr(),
            next: size * panel,
            down: panel,
        };
        let upright = |from: &[f32], row: usize| Panels {
            start: from[row * wide..].as_ptr(),
            next: panel,
            down: wide,
        };
        for top in (0..length).step_by(rows) {
            let rows = rows.min(length - top);
            // SAFETY: all operands are in the scratch memory, in rows of whole panels.
            unsafe {
                for (from, panels, to) in [
                    (&*queries, turned(turned_keys), &mut *scores),
                    (&*down, turned(turned_values), &mut *slopes),
                ] {
                    multiply(
                        simd,
                        [rows, size, length],
                        from[top * wide..].as_ptr(),
                        [wide, 1],
                        panels,
                        to.as_mut_ptr(),
                        long,
                        Before::Forget,
                    );
                }
            }
            let both = scores.chunks_exact_mut(long).zip(slopes.chunks_exact_mut(long));
            for (i, (scores, slopes)) in both.take(rows).enumerate() {
                slopes[length..].fill(0.0);
                head.softmax(simd, scores);
                dropped.copy_from_slice(scores);
                if let Some(mask) = mask {
                    mask.row(head.row + top + i).apply(dropped);
                }
                let along = products(simd, dropped, slopes, 0.0);
                for ((slope, p), dropped) in slopes.iter_mut().zip(scores).zip(&mut *dropped) {
                    *slope = (*dropped * *slope - *p * along) * head.scale;
                    *p = *dropped;
                }
            }
            let at = start + top * stride;
            // SAFETY: as above; a piece's rows of its head are its own.
            unsafe {
                for (from, panels, to) in [
                    (&*scores, upright(down, top), &mut *of_values),
                    (&*slopes, upright(queries, top), &mut *of_keys),
                ] {
                    multiply(
                        simd,
                        [length, rows, size],
                        from.as_ptr(),
                        [1, long],
                        panels,
                        to.as_mut_ptr(),
                        wide,
                        Before::Add,
                    );
                }
                multiply(
                    simd,
                    [rows, length, size],
                    slopes.as_ptr(),
                    [long, 1],
                    upright(keys, 0),
                    self.to[0].rows(at, [rows, size], stride),
                    stride,
                    Before::Forget,
                );
            }
        }
        for (from, to) in [(of_keys, self.to[1]), (of_values, self.to[2])] {
            for (i, row) in from.chunks_exact(wide).enumerate() {
                // SAFETY: a piece's rows of its head are its own.
                let to = unsafe { to.part(start + i * stride, size) };
                to.copy_from_slice(&row[..size]);
            }
        }
    }
}

/// Attention of three tensors, and its sizes.
pub(super) fn attention(
    qkv: &[FlexTensor; 3],
    keys: Keys,
    heads: usize,
    dropout: Option<Dropout>,
) -> (FlexTensor, Sizes) {
    let sizes = Sizes::of(&qkv[0], keys, heads);
    let mut to = Floats::stale(sizes.tokens() * sizes.width);
    forward(apart(&sizes, qkv, dropout), &mut to);
    (to.into_tensor(qkv[0].shape()), sizes)
}

fn apart<'a>(sizes: &'a Sizes, qkv: &'a [FlexTensor; 3], dropout: Option<Dropout>) -> Inputs<'a> {
    Inputs {
        sizes,
        all: qkv.each_ref().map(floats),
        stride: sizes.width,
        mask: dropout.map(Mask::new),
    }
}

/// The gradients of queries, keys and values.
#[derive(Debug)]
pub(super) struct AttentionBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) qkv: [FlexTensor; 3],
    pub(super) sizes: Sizes,
    pub(super) dropout: Option<Dropout>,
}

impl Backward<Flex, 3> for AttentionBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Saved { qkv, sizes, dropout } = ops.state;
        let gradient = in_order(grads.consume::<Flex>(&ops.node));
        let mut to = [(); 3].map(|()| Floats::stale(sizes.tokens() * sizes.width));
        let slopes = to.each_mut().map(|to| Shared::new(to));
        backward(apart(&sizes, &qkv, dropout), floats(&gradient), slopes);
        for (node, to) in ops.parents.into_iter().zip(to) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, to.into_tensor(gradient.shape()));
            }
        }
    }
}
