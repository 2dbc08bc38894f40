//! Dropout on its own.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use pulp::Simd;

use super::math::dropout_mask::DropoutMask;
use super::memory::{floats_mut, owned};
use super::parallel::{Chunks, ParallelWork, run};
use crate::ops;
use crate::ops::fused::{FusedOp, Pass};

/// Rows of a chunk.
const ROWS: usize = 32;

#[derive(Debug)]
pub(in crate::ops) struct Dropout;

impl FusedOp<Flex, 1> for Dropout {
    type Arguments = ops::Dropout;
    type Saved = ops::Dropout;

    fn forward([x]: [FlexTensor; 1], dropout: ops::Dropout, _: Pass) -> (FlexTensor, Option<ops::Dropout>) {
        (apply(x, dropout), Some(dropout))
    }

    fn backward(dropout: ops::Dropout, gradient: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        [Some(apply(gradient, dropout))]
    }
}

/// `x` times its mask; the last axis is a row.
fn apply(x: FlexTensor, dropout: ops::Dropout) -> FlexTensor {
    let width = x.shape().last().copied().unwrap_or(1).max(1);
    let mut x = owned(x);
    let values = floats_mut(&mut x);
    let chunks = (values.len() / width).div_ceil(ROWS);
    let work = Rows {
        width,
        mask: DropoutMask::new(dropout),
    };
    run(chunks, Chunks::new(values, ROWS * width), &work);
    x
}

struct Rows {
    width: usize,
    mask: DropoutMask,
}

impl ParallelWork for Rows {
    type Outputs<'a> = Chunks<'a>;

    #[inline(always)]
    fn run<S: Simd>(&self, _: S, chunk: usize, rows: &mut [f32]) {
        for (row, values) in (chunk * ROWS..).zip(rows.chunks_exact_mut(self.width)) {
            self.mask.row(row).apply(values);
        }
    }
}
