//! Packed texts to one row each.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use super::memory::Floats;
use super::tensor::{floats, in_order};
use crate::ops::Texts;

/// `[1, tokens, width]` to `[texts, length, width]`, zero where there is no token.
pub(super) fn unpack(hidden: &FlexTensor, texts: &Texts, length: usize) -> FlexTensor {
    let [_, _, width] = hidden.shape().dims();
    let from = floats(hidden);
    let mut to = Floats::stale(texts.count() * length * width);
    for (row, range) in to.chunks_exact_mut((length * width).max(1)).zip(texts.ranges()) {
        let (real, padding) = row.split_at_mut(range.len() * width);
        real.copy_from_slice(&from[range.start * width..range.end * width]);
        padding.fill(0.0);
    }
    to.into_tensor(Shape::new([texts.count(), length, width]))
}

/// The gradient of the real tokens, one text after the other.
#[derive(Debug)]
pub(super) struct UnpackBackward;

impl Backward<Flex, 1> for UnpackBackward {
    type State = Texts;

    fn backward(self, ops: Ops<Texts, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let texts = ops.state;
        let gradient = in_order(grads.consume::<Flex>(&ops.node));
        let [_, length, width] = gradient.shape().dims();
        let from = floats(&gradient);
        let mut to = Floats::stale(texts.tokens() * width);
        for (row, range) in from.chunks_exact((length * width).max(1)).zip(texts.ranges()) {
            to[range.start * width..range.end * width].copy_from_slice(&row[..range.len() * width]);
        }
        if let [Some(node)] = ops.parents {
            let shape = Shape::new([1, texts.tokens(), width]);
            grads.register::<Flex>(node.id, to.into_tensor(shape));
        }
    }
}
