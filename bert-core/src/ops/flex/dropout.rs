//! Dropout by itself.

#![allow(unsafe_code)]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::parallel::{Shared, Task, run};
use super::random::Mask;
use super::tensor::{floats_mut, owned};
use crate::ops::Dropout;

/// Rows of a piece.
const ROWS: usize = 32;

/// `x` times its mask; the last axis makes the rows.
pub(super) fn apply(x: FlexTensor, dropout: Dropout) -> FlexTensor {
    let width = x.shape().last().copied().unwrap_or(1).max(1);
    let mut x = owned(x);
    let values = floats_mut(&mut x);
    let count = values.len() / width;
    let task = Rows {
        width,
        count,
        mask: Mask::new(dropout),
        x: Shared::new(values),
    };
    run(count.div_ceil(ROWS), &task);
    x
}

struct Rows<'a> {
    width: usize,
    count: usize,
    mask: Mask,
    x: Shared<'a>,
}

impl Task for Rows<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, _: S, piece: usize) {
        for row in piece * ROWS..self.count.min((piece + 1) * ROWS) {
            // SAFETY: every piece has rows of its own.
            let values = unsafe { self.x.part(row * self.width, self.width) };
            self.mask.row(row).apply(values);
        }
    }
}

/// The same mask on the gradient.
#[derive(Debug)]
pub(super) struct DropoutBackward;

impl Backward<Flex, 1> for DropoutBackward {
    type State = Dropout;

    fn backward(self, ops: Ops<Dropout, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, apply(gradient, ops.state));
        }
    }
}
