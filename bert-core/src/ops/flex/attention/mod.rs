//! Attention, one head of one sequence at a time: the square of its scores stays in the cache, forward and backward, and is
//! never stored (Dao et al. 2022, "FlashAttention", without its tiling of the keys: a row of scores fits the cache).

pub(super) mod cls;
mod heads;
pub(super) mod self_attention;
pub(super) mod sequence_offsets;

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

pub(super) use self::heads::Heads;

use self::heads::Head;
use super::gemm::{Accumulate, Matrix, Panels, multiply, pack};
use super::math::dropout_mask::DropoutMask;
use super::math::simd::products;
use super::memory::{Floats, contiguous, floats};
use super::parallel::{Blocks, MatrixMut, ParallelWork, run, scratch};
use crate::ops::fused::{FusedOp, Pass};
use crate::ops::{AttentionMask, AttentionOptions, Dropout};

/// Queries, keys and values, `[tokens, width]` each, `stride` between rows.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    heads: &'a Heads,
    all: [&'a [f32]; 3],
    stride: usize,
    mask: Option<DropoutMask>,
}

impl<'a> Inputs<'a> {
    /// Of three tensors.
    fn new(heads: &'a Heads, all: &'a [FlexTensor; 3], dropout: Option<Dropout>) -> Self {
        Self {
            heads,
            all: all.each_ref().map(floats),
            stride: heads.width,
            mask: dropout.map(DropoutMask::new),
        }
    }

    /// Of three matrices side by side, `[tokens, 3 width]`.
    fn side_by_side(heads: &'a Heads, all: &'a [f32], dropout: Option<Dropout>) -> Self {
        Self {
            heads,
            all: [0, 1, 2].map(|i| all.get(i * heads.width..).unwrap_or_default()),
            stride: 3 * heads.width,
            mask: dropout.map(DropoutMask::new),
        }
    }
}

/// Writes the context, `[tokens, width]`.
fn forward(inputs: Inputs, to: &mut [f32]) {
    let heads = inputs.heads;
    let to = MatrixMut::new(to, [heads.tokens(), heads.width], heads.width);
    run(heads.chunks(), heads.token_blocks(to), &Forward(inputs));
}

struct Forward<'a>(Inputs<'a>);

impl ParallelWork for Forward<'_> {
    type Outputs<'a> = Blocks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, mut to: MatrixMut<'_>) {
        let Inputs {
            heads,
            all: [query, key, value],
            stride,
            mask,
        } = self.0;
        let head = heads.head(chunk);
        let Head { length, size, .. } = head;
        if length == 0 {
            return;
        }
        let panel = 2 * S::F32_LANES;
        let (long, wide) = (head.long(panel), size.next_multiple_of(panel));
        let rows = head.rows(long);
        let start = head.start(stride);
        let mut scratch = scratch(long * (size + wide + rows));
        let (keys, rest) = scratch.split_at_mut(size * long);
        let (values, scores) = rest.split_at_mut(long * wide);
        let query = Matrix::new(&query[start..], [length, size], stride);
        let key = Matrix::new(&key[start..], [length, size], stride).transposed();
        pack_all(simd, key, keys);
        copy(&value[start..], size, stride, &mut values[..length * wide], wide);
        let keys = Panels {
            data: keys,
            next: size * panel,
            down: panel,
        };
        let values = Panels {
            data: values,
            next: panel,
            down: wide,
        };
        for top in (0..length).step_by(rows) {
            let rows = rows.min(length - top);
            // The keys after the last of these queries are not multiplied where they are hidden.
            let count = head.keys(top + rows);
            let block = MatrixMut::new(scores, [rows, count], long);
            multiply(
                simd,
                query.part(top..top + rows, 0..size),
                keys,
                block,
                Accumulate::No,
            );
            for (i, row) in scores.chunks_exact_mut(long).take(rows).enumerate() {
                head.softmax(simd, top + i, row);
                if let Some(mask) = mask {
                    mask.row(head.row + top + i).apply(row);
                }
            }
            let probabilities = Matrix::new(scores, [rows, count], long);
            multiply(simd, probabilities, values, to.rows(top, rows), Accumulate::No);
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

/// Writes the gradients of queries, keys and values, `[tokens, width]` each, from the gradient of the context.
fn backward<'a>(inputs: Inputs<'a>, gradient: &'a [f32], to: [MatrixMut<'a>; 3]) {
    let heads = inputs.heads;
    let to = to.map(|to| heads.token_blocks(to));
    run(heads.chunks(), to, &Backward { inputs, gradient });
}

struct Backward<'a> {
    inputs: Inputs<'a>,
    gradient: &'a [f32],
}

impl ParallelWork for Backward<'_> {
    type Outputs<'a> = [Blocks<'a>; 3];

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, [mut to_query, to_key, to_value]: [MatrixMut<'_>; 3]) {
        let Inputs {
            heads,
            all: [query, key, value],
            stride,
            mask,
        } = self.inputs;
        let head = heads.head(chunk);
        let Head { length, size, .. } = head;
        if length == 0 {
            return;
        }
        let width = heads.width;
        let panel = 2 * S::F32_LANES;
        let (long, wide) = (head.long(panel), size.next_multiple_of(panel));
        let rows = head.rows(long);
        let start = head.start(stride);

        let mut scratch = scratch(long * (2 * size + 5 * wide + 2 * rows + 1));
        let mut rest = &mut scratch[..];
        let mut take = |count: usize| rest.split_off_mut(..count).expect("room for all of these");
        let [turned_keys, turned_values] = [(); 2].map(|()| take(size * long));
        let [queries, keys, down, of_keys, of_values] =
            [(); 5].map(|()| &mut take(long * wide)[..length * wide]);
        let [scores, gradients] = [(); 2].map(|()| take(rows * long));
        let dropped = take(long);

        let matrix = |from| Matrix::new(from, [length, size], stride).transposed();
        pack_all(simd, matrix(&key[start..]), turned_keys);
        pack_all(simd, matrix(&value[start..]), turned_values);
        copy(&query[start..], size, stride, queries, wide);
        copy(&key[start..], size, stride, keys, wide);
        copy(&self.gradient[head.start(width)..], size, width, down, wide);
        of_keys.fill(0.0);
        of_values.fill(0.0);

        let turned = |from| Panels {
            data: from,
            next: size * panel,
            down: panel,
        };
        fn upright(from: &[f32], panel: usize, wide: usize) -> Panels<'_> {
            Panels {
                data: from,
                next: panel,
                down: wide,
            }
        }
        for top in (0..length).step_by(rows) {
            let rows = rows.min(length - top);
            let count = head.keys(top + rows);
            for (from, panels, to) in [
                (&*queries, turned(&*turned_keys), &mut *scores),
                (&*down, turned(&*turned_values), &mut *gradients),
            ] {
                let from = Matrix::new(&from[top * wide..], [rows, size], wide);
                let to = MatrixMut::new(to, [rows, count], long);
                multiply(simd, from, panels, to, Accumulate::No);
            }
            let both = scores
                .chunks_exact_mut(long)
                .zip(gradients.chunks_exact_mut(long));
            for (i, (scores, gradients)) in both.take(rows).enumerate() {
                gradients[count..].fill(0.0);
                head.softmax(simd, top + i, scores);
                dropped.copy_from_slice(scores);
                if let Some(mask) = mask {
                    mask.row(head.row + top + i).apply(dropped);
                }
                let along = products(simd, dropped, gradients, 0.0);
                for ((gradient, p), dropped) in gradients.iter_mut().zip(scores).zip(&mut *dropped) {
                    *gradient = (*dropped * *gradient - *p * along) * head.scale;
                    *p = *dropped;
                }
            }
            for (from, right, to) in [
                (&*scores, &*down, &mut *of_values),
                (&*gradients, &*queries, &mut *of_keys),
            ] {
                let from = Matrix::new(from, [rows, count], long).transposed();
                let to = MatrixMut::new(to, [count, size], wide);
                let panels = upright(&right[top * wide..], panel, wide);
                multiply(simd, from, panels, to, Accumulate::Yes);
            }
            let gradients = Matrix::new(gradients, [rows, count], long);
            let panels = upright(keys, panel, wide);
            multiply(simd, gradients, panels, to_query.rows(top, rows), Accumulate::No);
        }
        for (from, mut to) in [(of_keys, to_key), (of_values, to_value)] {
            for (i, row) in from.chunks_exact(wide).enumerate() {
                to.row(i).copy_from_slice(&row[..size]);
            }
        }
    }
}

#[derive(Debug)]
pub(in crate::ops) struct Attention;

#[derive(Clone, Debug)]
pub(in crate::ops) struct Saved {
    qkv: [FlexTensor; 3],
    heads: Heads,
    dropout: Option<Dropout>,
}

/// The inputs are queries, keys and values.
impl FusedOp<Flex, 3> for Attention {
    type Arguments = (AttentionMask<Flex>, AttentionOptions);
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 3],
        (mask, options): Self::Arguments,
        _: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let dropout = options.dropout;
        let qkv = inputs.map(contiguous);
        let heads = Heads::new(&qkv[0], mask, options);
        let mut to = Floats::uninitialised(heads.tokens() * heads.width);
        forward(Inputs::new(&heads, &qkv, dropout), &mut to);
        let output = to.into_tensor(qkv[0].shape());
        (output, Some(Saved { qkv, heads, dropout }))
    }

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let Saved { qkv, heads, dropout } = saved;
        let gradient = contiguous(gradient);
        let dims = [heads.tokens(), heads.width];
        let mut all = [(); 3].map(|()| Floats::uninitialised(dims[0] * dims[1]));
        let to = all.each_mut().map(|to| MatrixMut::new(to, dims, dims[1]));
        backward(Inputs::new(&heads, &qkv, dropout), floats(&gradient), to);
        all.map(|to| Some(to.into_tensor(gradient.shape())))
    }
}
