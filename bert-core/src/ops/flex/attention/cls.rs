//! Attention of the `[CLS]` tokens: one query for each sequence and head, so there is no matrix to multiply.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::heads::{Head, Heads};
use super::{Inputs, Saved};
use crate::ops::flex::math::simd::products;
use crate::ops::flex::memory::{Floats, contiguous, floats};
use crate::ops::flex::parallel::{Blocks, MatrixMut, ParallelWork, run, scratch};
use crate::ops::fused::{FusedOp, Pass};
use crate::ops::{AttentionMask, AttentionOptions};

impl<'a> Inputs<'a> {
    /// The head of a chunk, and its query.
    #[inline(always)]
    fn cls_head(&self, chunk: usize) -> (Head<'a>, &'a [f32]) {
        let head = self.heads.head(chunk);
        assert!(head.length > 0, "a sequence has a first token");
        let at = self.heads.sequence(chunk) * self.heads.width + head.feature;
        (head, &self.all[0][at..][..head.size])
    }

    /// The rows of the keys (1) or of the values (2) of a head.
    #[inline(always)]
    fn head_rows(&self, which: usize, head: Head<'a>) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        let width = self.stride;
        let start = head.start(width);
        let all = self.all[which];
        (0..head.length).map(move |row| &all[start + row * width..][..head.size])
    }

    /// The probabilities, and what dropout leaves of them.
    #[inline(always)]
    fn cls_probabilities<S: Simd>(&self, simd: S, chunk: usize, p: &mut [f32], dropped: &mut [f32]) {
        let (head, query) = self.cls_head(chunk);
        for (p, key) in p.iter_mut().zip(self.head_rows(1, head)) {
            *p = products(simd, query, key, 0.0);
        }
        head.softmax(simd, 0, p);
        dropped.copy_from_slice(p);
        if let Some(mask) = self.mask {
            mask.row(chunk).apply(dropped);
        }
    }
}

struct Forward<'a>(Inputs<'a>);

impl ParallelWork for Forward<'_> {
    type Outputs<'a> = Blocks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, chunk: usize, mut to: MatrixMut<'_>) {
        let (head, _) = self.0.cls_head(chunk);
        let long = head.long(1);
        let mut scratch = scratch(2 * long);
        let (p, dropped) = scratch[..2 * long].split_at_mut(long);
        self.0.cls_probabilities(simd, chunk, p, dropped);
        let to = to.row(0);
        to.fill(0.0);
        for (share, value) in dropped.iter().zip(self.0.head_rows(2, head)) {
            for (to, value) in to.iter_mut().zip(value) {
                *to += share * value;
            }
        }
    }
}

struct Backward<'a> {
    inputs: Inputs<'a>,
    /// Of the context, `[sequences, width]`.
    gradient: &'a [f32],
}

impl ParallelWork for Backward<'_> {
    /// The gradients of queries, keys and values.
    type Outputs<'a> = [Blocks<'a>; 3];

    #[inline(always)]
    fn run<S: Simd>(
        &self,
        simd: S,
        chunk: usize,
        [mut of_query, mut of_keys, mut of_values]: [MatrixMut<'_>; 3],
    ) {
        let inputs = self.inputs;
        let (head, query) = inputs.cls_head(chunk);
        let Head { length, size, .. } = head;
        let long = head.long(1);
        let mut scratch = scratch(3 * long);
        let (p, rest) = scratch[..3 * long].split_at_mut(long);
        let (dropped, gradients) = rest.split_at_mut(long);
        inputs.cls_probabilities(simd, chunk, p, dropped);
        let at = inputs.heads.sequence(chunk) * inputs.heads.width + head.feature;
        let down = &self.gradient[at..][..size];
        for (gradient, value) in gradients.iter_mut().zip(inputs.head_rows(2, head)) {
            *gradient = products(simd, down, value, 0.0);
        }
        gradients[length..].fill(0.0);
        let along = products(simd, dropped, gradients, 0.0);
        let of_query = of_query.row(0);
        of_query.fill(0.0);
        for (row, key) in inputs.head_rows(1, head).enumerate() {
            let gradient = (dropped[row] * gradients[row] - p[row] * along) * head.scale;
            let (of_key, of_value) = (of_keys.row(row), of_values.row(row));
            for i in 0..size {
                of_query[i] += gradient * key[i];
                of_key[i] = gradient * query[i];
                of_value[i] = dropped[row] * down[i];
            }
        }
    }
}

#[derive(Debug)]
pub(in crate::ops) struct ClsAttention;

/// The inputs are queries, keys and values.
impl FusedOp<Flex, 3> for ClsAttention {
    type Arguments = (AttentionMask<Flex>, AttentionOptions);
    type Saved = Saved;

    fn forward(
        inputs: [FlexTensor; 3],
        (mask, options): Self::Arguments,
        _: Pass,
    ) -> (FlexTensor, Option<Saved>) {
        let qkv = inputs.map(contiguous);
        let dropout = options.dropout;
        // One query reads all keys.
        let options = AttentionOptions {
            causal: false,
            ..options
        };
        let heads = Heads::new(&qkv[1], mask, options);
        let shape = qkv[0].shape();
        let dims = [heads.sequences(), heads.width];
        assert_eq!(
            shape.num_elements(),
            dims[0] * dims[1],
            "one query for each sequence"
        );
        let mut to = Floats::uninitialised(dims[0] * dims[1]);
        let blocks = heads.cls_blocks(MatrixMut::new(&mut to, dims, dims[1]));
        let work = Forward(Inputs::new(&heads, &qkv, dropout));
        run(heads.chunks(), blocks, &work);
        (to.into_tensor(shape), Some(Saved { qkv, heads, dropout }))
    }

    fn backward(saved: Saved, gradient: FlexTensor, _: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let Saved { qkv, heads, dropout } = saved;
        let gradient = contiguous(gradient);
        let mut all = qkv
            .each_ref()
            .map(|x| Floats::uninitialised(x.shape().num_elements()));
        let [query, key, value] = all.each_mut();
        let matrix = |to, rows| MatrixMut::new(to, [rows, heads.width], heads.width);
        let blocks = [
            heads.cls_blocks(matrix(query, heads.sequences())),
            heads.token_blocks(matrix(key, heads.tokens())),
            heads.token_blocks(matrix(value, heads.tokens())),
        ];
        let work = Backward {
            inputs: Inputs::new(&heads, &qkv, dropout),
            gradient: floats(&gradient),
        };
        run(heads.chunks(), blocks, &work);
        let mut shapes = qkv.iter().map(TensorMetadata::shape);
        all.map(|to| shapes.next().map(|shape| to.into_tensor(shape)))
    }
}
