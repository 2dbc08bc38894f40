//! Attention of each text's first token: a query to a text and head, so that there is no matrix to multiply.

#![allow(unsafe_code)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::attention::{Head, Keys, Sizes};
use super::math::products;
use super::memory::Floats;
use super::parallel::{Shared, Task, run, scratch};
use super::random::Mask;
use super::tensor::{floats, in_order};
use crate::ops::Dropout;

/// The context of the queries, and the sizes of the keys.
pub(super) fn forward(
    qkv: &[FlexTensor; 3],
    keys: Keys,
    heads: usize,
    dropout: Option<Dropout>,
) -> (FlexTensor, Sizes) {
    let sizes = Sizes::of(&qkv[1], keys, heads);
    let shape = qkv[0].shape();
    assert_eq!(
        shape.num_elements(),
        sizes.texts() * sizes.width,
        "a query a text"
    );
    let mut to = Floats::stale(shape.num_elements());
    let task = Forward {
        inputs: Inputs::new(&sizes, qkv, dropout),
        to: Shared::new(&mut to),
    };
    run(sizes.texts() * heads, &task);
    (to.into_tensor(shape), sizes)
}

#[derive(Clone, Copy)]
struct Inputs<'a> {
    sizes: &'a Sizes,
    all: [&'a [f32]; 3],
    mask: Option<Mask>,
}

impl<'a> Inputs<'a> {
    fn new(sizes: &'a Sizes, qkv: &'a [FlexTensor; 3], dropout: Option<Dropout>) -> Self {
        Self {
            sizes,
            all: qkv.each_ref().map(floats),
            mask: dropout.map(Mask::new),
        }
    }

    /// The head of a piece and where its query, and its context, are.
    #[inline(always)]
    fn head(&self, piece: usize) -> (Head<'a>, usize) {
        let head = self.sizes.head(piece);
        assert!(head.length > 0, "a text has a first token");
        (head, self.sizes.text(piece) * self.sizes.width + head.feature)
    }

    /// The rows of keys, or of values, of a head.
    #[inline(always)]
    fn rows(&self, which: usize, head: Head<'a>) -> impl Iterator<Item = &'a [f32]> {
        let width = self.sizes.width;
        let start = head.start(width);
        let all = self.all[which];
        (0..head.length).map(move |row| &all[start + row * width..][..head.size])
    }

    /// The probabilities, and what dropout leaves of them.
    #[inline(always)]
    fn probabilities<S: Simd>(&self, simd: S, piece: usize, p: &mut [f32], dropped: &mut [f32]) {
        let (head, at) = self.head(piece);
        let query = &self.all[0][at..][..head.size];
        for (p, key) in p.iter_mut().zip(self.rows(1, head)) {
            *p = products(simd, query, key, 0.0);
        }
        head.softmax(simd, p);
        dropped.copy_from_slice(p);
        if let Some(mask) = self.mask {
            mask.row(piece).apply(dropped);
        }
    }
}

struct Forward<'a> {
    inputs: Inputs<'a>,
    to: Shared<'a>,
}

impl Task for Forward<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let (head, at) = self.inputs.head(piece);
        let long = head.long(1);
        let mut scratch = scratch(2 * long);
        let (p, dropped) = scratch[..2 * long].split_at_mut(long);
        self.inputs.probabilities(simd, piece, p, dropped);
        // SAFETY: every piece has features of its own.
        let to = unsafe { self.to.part(at, head.size) };
        to.fill(0.0);
        for (share, value) in dropped.iter().zip(self.inputs.rows(2, head)) {
            for (to, value) in to.iter_mut().zip(value) {
                *to += share * value;
            }
        }
    }
}

/// The gradients of queries, keys and values.
#[derive(Debug)]
pub(super) struct FirstAttentionBackward;

#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) qkv: [FlexTensor; 3],
    pub(super) sizes: Sizes,
    pub(super) dropout: Option<Dropout>,
}

impl Backward<Flex, 3> for FirstAttentionBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Saved { qkv, sizes, dropout } = ops.state;
        let gradient = in_order(grads.consume::<Flex>(&ops.node));
        let mut to = qkv.each_ref().map(|x| Floats::stale(x.shape().num_elements()));
        let task = Slopes {
            inputs: Inputs::new(&sizes, &qkv, dropout),
            gradient: floats(&gradient),
            to: to.each_mut().map(|to| Shared::new(to)),
        };
        run(sizes.pieces(), &task);
        for ((node, to), x) in ops.parents.into_iter().zip(to).zip(&qkv) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, to.into_tensor(x.shape()));
            }
        }
    }
}

struct Slopes<'a> {
    inputs: Inputs<'a>,
    gradient: &'a [f32],
    to: [Shared<'a>; 3],
}

impl Task for Slopes<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, piece: usize) {
        let (head, at) = self.inputs.head(piece);
        let Head { length, size, .. } = head;
        let long = head.long(1);
        let mut scratch = scratch(3 * long);
        let (p, rest) = scratch[..3 * long].split_at_mut(long);
        let (dropped, slopes) = rest.split_at_mut(long);
        self.inputs.probabilities(simd, piece, p, dropped);
        let down = &self.gradient[at..][..size];
        for (slope, value) in slopes.iter_mut().zip(self.inputs.rows(2, head)) {
            *slope = products(simd, down, value, 0.0);
        }
        slopes[length..].fill(0.0);
        let along = products(simd, dropped, slopes, 0.0);
        let query = &self.inputs.all[0][at..][..size];
        // SAFETY: every piece has features of its own, of its text's query and tokens.
        let of_query = unsafe { self.to[0].part(at, size) };
        of_query.fill(0.0);
        let width = self.inputs.sizes.width;
        for (row, key) in self.inputs.rows(1, head).enumerate() {
            let slope = (dropped[row] * slopes[row] - p[row] * along) * head.scale;
            let at = head.start(width) + row * width;
            // SAFETY: as above.
            let (of_key, of_value) = unsafe { (self.to[1].part(at, size), self.to[2].part(at, size)) };
            for i in 0..size {
                of_query[i] += slope * key[i];
                of_key[i] = slope * query[i];
                of_value[i] = dropped[row] * down[i];
            }
        }
    }
}
