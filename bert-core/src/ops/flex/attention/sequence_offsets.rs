//! Packed sequences to one row each.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, Shape, TensorMetadata};

use crate::ops::SequenceOffsets;
use crate::ops::flex::memory::{Floats, contiguous, floats};
use crate::ops::fused::{FusedOp, Pass};

#[derive(Debug)]
pub(in crate::ops) struct UnpackSequences;

/// The input is `[1, tokens, width]`, the output `[sequences, length, width]`, zero at padding.
impl FusedOp<Flex, 1> for UnpackSequences {
    type Arguments = (SequenceOffsets, usize);
    type Saved = SequenceOffsets;

    fn forward(
        [hidden]: [FlexTensor; 1],
        (offsets, length): Self::Arguments,
        _: Pass,
    ) -> (FlexTensor, Option<SequenceOffsets>) {
        let hidden = contiguous(hidden);
        let [_, _, width] = hidden.shape().dims();
        let from = floats(&hidden);
        let mut to = Floats::uninitialised(offsets.count() * length * width);
        let rows = to.chunks_exact_mut((length * width).max(1));
        for (row, range) in rows.zip(offsets.ranges()) {
            let (real, padding) = row.split_at_mut(range.len() * width);
            real.copy_from_slice(&from[range.start * width..range.end * width]);
            padding.fill(0.0);
        }
        let shape = Shape::new([offsets.count(), length, width]);
        (to.into_tensor(shape), Some(offsets))
    }

    fn backward(offsets: SequenceOffsets, gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let gradient = contiguous(gradient);
        let [_, length, width] = gradient.shape().dims();
        let mut to = Floats::uninitialised(offsets.tokens() * width);
        let rows = floats(&gradient).chunks_exact((length * width).max(1));
        for (row, range) in rows.zip(offsets.ranges()) {
            to[range.start * width..range.end * width].copy_from_slice(&row[..range.len() * width]);
        }
        [Some(to.into_tensor(Shape::new([1, offsets.tokens(), width])))]
    }
}
