//! Attention, one head of one text at a time: the square of its scores stays in the cache, forward and backward, and is
//! never stored (Dao et al. 2022, "FlashAttention", without its tiling of the keys: a row of scores fits the cache).

#![allow(unsafe_code)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};
use pulp::Simd;

use super::linear::Bias;
use super::math::{exp, max, products, sum};
use super::memory::Floats;
use super::parallel::{Shared, Task, run, scratch};
use super::product::{Before, Matrix, Packed, Panels, ROWS, deep, multiply, pack, product};
use super::random::Mask;
use super::residual_norm::{self, Close, Slopes};
use super::tensor::{floats, floats_mut, in_order};
use crate::ops::Dropout;

/// Elements of the scores that are held at once: a quarter of a second-level cache.
const SCORES: usize = 1 << 14;

/// What attention is done over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) length: usize,
    pub(super) width: usize,
    pub(super) heads: usize,
}

impl Sizes {
    pub(super) fn of(x: &FlexTensor, heads: usize) -> Self {
        let [batch, length, width] = x.shape().dims();
        assert!(
            heads > 0 && width.is_multiple_of(heads),
            "{width} features in {heads} heads"
        );
        Self {
            batch,
            length,
            width,
            heads,
        }
    }

    fn tokens(self) -> usize {
        self.batch * self.length
    }

    /// Rows of scores that are worked on together.
    fn rows(self, length: usize) -> usize {
        let most = (SCORES / length).max(4 * ROWS);
        let blocks = self.length.div_ceil(most).max(1);
        let even = self.length.div_ceil(blocks);
        even.next_multiple_of(ROWS).min(self.length).max(1)
    }
}

/// `[tokens, width]` each, `stride` between rows: queries, keys, values.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    sizes: Sizes,
    all: [&'a [f32]; 3],
    stride: usize,
    /// What is added to the scores of each key, `[tokens]`.
    bias: &'a [f32],
    mask: Option<Mask>,
}

impl Inputs<'_> {
    /// Where the head of a piece starts, and its first row in the mask.
    #[inline(always)]
    fn head(&self, piece: usize) -> (usize, usize) {
        let Sizes {
            length, width, heads, ..
        } = self.sizes;
        let (text, head) = (piece / heads, piece % heads);
        (
            text * length * self.stride + head * (width / heads),
            piece * length,
        )
    }

    /// Turns a row of products into probabilities.
    #[inline(always)]
    fn softmax<S: Simd>(&self, simd: S, piece: usize, row: &mut [f32]) {
        let scale = 1.0 / ((self.sizes.width / self.sizes.heads) as f32).sqrt();
        let text = piece / self.sizes.heads;
        let bias = &self.bias[text * self.sizes.length..][..row.len()];
        for (x, bias) in row.iter_mut().zip(bias) {
            *x = *x * scale + bias;
        }
        let high = max(simd, row);
        for x in row.iter_mut() {
            *x = exp(*x - high);
        }
        let share = 1.0 / sum(simd, row);
        for x in row.iter_mut() {
            *x *= share;
        }
    }
}

/// The context of queries, keys and values that lie `stride` apart.
fn forward(inputs: Inputs, to: &mut [f32]) {
    let pieces = inputs.sizes.batch * inputs.sizes.heads;
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
            ..
        } = self.inputs;
        let Sizes {
            length, width, heads, ..
        } = sizes;
        let size = width / heads;
        let panel = 2 * S::F32_LANES;
        let (long, wide) = (length.next_multiple_of(panel), size.next_multiple_of(panel));
        let rows = sizes.rows(long);
        let (start, first) = self.inputs.head(piece);
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
                let row = &mut row[..length];
                self.inputs.softmax(simd, piece, row);
                if let Some(mask) = mask {
                    mask.row(first + top + i).apply(row);
                }
            }
            let at = (piece / heads * length + top) * width + piece % heads * size;
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
fn backward(inputs: Inputs, gradient: &[f32], to: [Shared; 3]) {
    let pieces = inputs.sizes.batch * inputs.sizes.heads;
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
            ..
        } = self.inputs;
        let Sizes {
            length, width, heads, ..
        } = sizes;
        let size = width / heads;
        let panel = 2 * S::F32_LANES;
        let (long, wide) = (length.next_multiple_of(panel), size.next_multiple_of(panel));
        let rows = sizes.rows(long);
        let (start, first) = self.inputs.head(piece);
        let scale = 1.0 / (size as f32).sqrt();

        let mut scratch = scratch(long * (2 * size + 5 * wide + 2 * rows + 1));
        let mut rest = &mut scratch[..];
        let mut take = |count: usize| rest.split_off_mut(..count).expect("as much as was asked for");
        let [turned_keys, turned_values] = [(); 2].map(|()| take(size * long));
        let [queries, keys, down, of_keys, of_values] =
            [(); 5].map(|()| &mut take(long * wide)[..length * wide]);
        let [scores, slopes] = [(); 2].map(|()| take(rows * long));
        let dropped = &mut take(long)[..length];

        let matrix = |from| Matrix::new(from, [length, size], stride).transposed();
        pack_all(simd, matrix(&key[start..]), turned_keys);
        pack_all(simd, matrix(&value[start..]), turned_values);
        copy(&query[start..], size, stride, queries, wide);
        copy(&key[start..], size, stride, keys, wide);
        let context = piece / heads * length * width + piece % heads * size;
        copy(&self.gradient[context..], size, width, down, wide);
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
                let (scores, slopes) = (&mut scores[..length], &mut slopes[..length]);
                self.inputs.softmax(simd, piece, scores);
                dropped.copy_from_slice(scores);
                if let Some(mask) = mask {
                    mask.row(first + top + i).apply(dropped);
                }
                let along = products(simd, dropped, slopes, 0.0);
                for ((slope, p), dropped) in slopes.iter_mut().zip(scores).zip(&mut *dropped) {
                    *slope = (*dropped * *slope - *p * along) * scale;
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

/// Attention of three tensors.
pub(super) fn attention(
    qkv: &[FlexTensor; 3],
    bias: &FlexTensor,
    heads: usize,
    dropout: Option<Dropout>,
) -> FlexTensor {
    let sizes = Sizes::of(&qkv[0], heads);
    let mut to = Floats::stale(sizes.tokens() * sizes.width);
    let inputs = Inputs {
        sizes,
        all: qkv.each_ref().map(floats),
        stride: sizes.width,
        bias: floats(bias),
        mask: dropout.map(Mask::new),
    };
    forward(inputs, &mut to);
    to.into_tensor(qkv[0].shape())
}

/// The gradients of queries, keys and values.
#[derive(Debug)]
pub(super) struct AttentionBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) qkv: [FlexTensor; 3],
    pub(super) bias: FlexTensor,
    pub(super) heads: usize,
    pub(super) dropout: Option<Dropout>,
}

impl Backward<Flex, 3> for AttentionBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let saved = ops.state;
        let gradient = in_order(grads.consume::<Flex>(&ops.node));
        let sizes = Sizes::of(&gradient, saved.heads);
        let inputs = Inputs {
            sizes,
            all: saved.qkv.each_ref().map(floats),
            stride: sizes.width,
            bias: floats(&saved.bias),
            mask: saved.dropout.map(Mask::new),
        };
        let mut to = [(); 3].map(|()| Floats::stale(sizes.tokens() * sizes.width));
        backward(inputs, floats(&gradient), to.each_mut().map(|to| Shared::new(to)));
        for (node, to) in ops.parents.into_iter().zip(to) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, to.into_tensor(gradient.shape()));
            }
        }
    }
}

/// The projections to queries, keys and values, side by side.
#[derive(Clone, Debug)]
pub(super) struct SideBySide {
    /// `[hidden, 3 hidden]`.
    weight: FlexTensor,
    /// `[3 hidden]`.
    bias: Vec<f32>,
}

impl SideBySide {
    /// Of weight and bias of each.
    pub(super) fn new(all: [&FlexTensor; 6]) -> Self {
        let [inputs, outputs] = all[0].shape().dims();
        let weights = [all[0], all[2], all[4]].map(floats);
        let biases = [all[1], all[3], all[5]];
        let mut weight = Floats::stale(inputs * 3 * outputs);
        for (i, row) in weight.chunks_exact_mut(3 * outputs).enumerate() {
            for (to, weight) in row.chunks_exact_mut(outputs).zip(weights) {
                to.copy_from_slice(&weight[i * outputs..][..outputs]);
            }
        }
        Self {
            weight: weight.into_tensor(Shape::new([inputs, 3 * outputs])),
            bias: biases.map(floats).concat(),
        }
    }

    fn matrix(&self) -> Matrix<'_> {
        let dims = self.weight.shape().dims();
        Matrix::new(floats(&self.weight), dims, dims[1])
    }
}

/// The first half of a layer, and what its backward pass needs. The weights are those of
/// [`SelfAttention`](crate::ops::SelfAttention), in its order.
pub(super) fn self_attention(
    hidden: FlexTensor,
    weights: [FlexTensor; 10],
    bias: FlexTensor,
    heads: usize,
    epsilon: f64,
    [of_probabilities, of_output]: [Option<Dropout>; 2],
) -> (FlexTensor, SavedSelf) {
    let [projections @ .., output, output_bias, gamma, beta] = weights;
    let projections = SideBySide::new(projections.each_ref());
    let sizes = Sizes::of(&hidden, heads);
    let (tokens, width) = (sizes.tokens(), sizes.width);
    let shape = hidden.shape();
    let mut qkv = Floats::stale(tokens * 3 * width);
    product(
        Matrix::new(floats(&hidden), [tokens, width], width),
        &Packed::new(projections.matrix()),
        &mut qkv,
        Before::Forget,
        &Bias(&projections.bias),
    );
    let mut context = Floats::stale(tokens * width);
    let mask = of_probabilities.map(Mask::new);
    forward(side_by_side(sizes, &qkv, floats(&bias), mask), &mut context);
    let mut sum = Floats::stale(tokens * width);
    let mut to = Floats::stale(tokens * width);
    let close = Close {
        bias: floats(&output_bias),
        residual: floats(&hidden),
        gain: [floats(&gamma), floats(&beta)],
        epsilon,
        mask: of_output.map(Mask::new),
        to: Shared::new(&mut to),
    };
    product(
        Matrix::new(&context, [tokens, width], width),
        &Packed::new(Matrix::new(floats(&output), [width, width], width)),
        &mut sum,
        Before::Forget,
        &close,
    );
    let saved = SavedSelf {
        norm: residual_norm::Saved {
            sum: sum.into_tensor(shape.clone()),
            gamma,
            epsilon,
            dropout: of_output,
        },
        qkv: qkv.into_tensor(Shape::new([sizes.batch, sizes.length, 3 * width])),
        context: context.into_tensor(shape.clone()),
        hidden,
        projections,
        output,
        bias,
        heads,
        dropout: of_probabilities,
    };
    (to.into_tensor(shape), saved)
}

fn side_by_side<'a>(sizes: Sizes, qkv: &'a [f32], bias: &'a [f32], mask: Option<Mask>) -> Inputs<'a> {
    Inputs {
        sizes,
        all: [0, 1, 2].map(|i| qkv.get(i * sizes.width..).unwrap_or_default()),
        stride: 3 * sizes.width,
        bias,
        mask,
    }
}

/// The gradients of the layer's input and the ten weights.
#[derive(Debug)]
pub(super) struct SelfAttentionBackward;

#[derive(Clone, Debug)]
pub(super) struct SavedSelf {
    norm: residual_norm::Saved,
    hidden: FlexTensor,
    projections: SideBySide,
    qkv: FlexTensor,
    context: FlexTensor,
    output: FlexTensor,
    bias: FlexTensor,
    heads: usize,
    dropout: Option<Dropout>,
}

impl Backward<Flex, 11> for SelfAttentionBackward {
    type State = SavedSelf;

    fn backward(self, ops: Ops<SavedSelf, 11>, grads: &mut Gradients, _: &mut Checkpointer) {
        let saved = ops.state;
        let sizes = Sizes::of(&saved.hidden, saved.heads);
        let (tokens, width) = (sizes.tokens(), sizes.width);
        let square = Shape::new([width, width]);
        let Slopes {
            of_x: of_sum,
            of_residual: mut of_hidden,
            of_gain: [of_gamma, of_beta],
        } = residual_norm::slopes(&saved.norm, grads.consume::<Flex>(&ops.node));

        let mut of_context = Floats::stale(tokens * width);
        let mut of_output = Floats::stale(width * width);
        let mut of_output_bias = Floats::stale(width);
        {
            let of_sum = floats(of_sum.as_ref().unwrap_or(&of_hidden));
            let of_sum = Matrix::new(of_sum, [tokens, width], width);
            let context = Matrix::new(floats(&saved.context), [tokens, width], width);
            deep(
                context.transposed(),
                of_sum,
                &mut of_output,
                Some(&mut of_output_bias),
            );
            let output = Matrix::new(floats(&saved.output), [width, width], width);
            let output = Packed::new(output.transposed());
            product(of_sum, &output, &mut of_context, Before::Forget, &());
        }
        drop(of_sum);

        let mask = saved.dropout.map(Mask::new);
        let inputs = side_by_side(sizes, floats(&saved.qkv), floats(&saved.bias), mask);
        let mut slopes = Floats::stale(tokens * 3 * width);
        let all = Shared::new(&mut slopes);
        backward(inputs, &of_context, [0, 1, 2].map(|i| all.from(i * width)));
        drop(of_context);

        let hidden = Matrix::new(floats(&saved.hidden), [tokens, width], width);
        let [query, key, value] = [0, 1, 2].map(|i| {
            let mut of_weight = Floats::stale(width * width);
            let mut of_bias = Floats::stale(width);
            let slopes = slopes.get(i * width..).unwrap_or_default();
            let slopes = Matrix::new(slopes, [tokens, width], 3 * width);
            deep(hidden.transposed(), slopes, &mut of_weight, Some(&mut of_bias));
            [
                of_weight.into_tensor(square.clone()),
                of_bias.into_tensor(Shape::new([width])),
            ]
        });
        let slopes = Matrix::new(&slopes, [tokens, 3 * width], 3 * width);
        let weight = Packed::new(saved.projections.matrix().transposed());
        product(slopes, &weight, floats_mut(&mut of_hidden), Before::Add, &());

        let output = [
            of_output.into_tensor(square),
            of_output_bias.into_tensor(Shape::new([width])),
        ];
        let all = [query, key, value, output, [of_gamma, of_beta]]
            .into_iter()
            .flatten();
        for (node, gradient) in ops.parents.into_iter().zip(std::iter::once(of_hidden).chain(all)) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}
