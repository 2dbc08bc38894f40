//! The fused bodies for Flex, on the CPU: over all cores, with the widest vectors that the machine has.
//!
//! Each file has one operation, forward and backward, whose definition is the composed body in the file of the same name
//! one level up. [`gemm`] multiplies matrices, [`parallel`] distributes work, [`memory`] reuses buffers, and [`math`] has
//! the operations on a row: activations, layer normalisation, dropout masks, exp, sums. Results do not depend on the number
//! of threads. Tensors that are not of 32-bit floats go through the composed bodies.
//! `BERT_VECTORS=avx2` or `plain` in the environment narrows the vectors, to test on one machine what others run.

mod attention;
mod dropout;
mod embeddings;
mod feed_forward;
mod gemm;
mod linear;
mod loss;
mod math;
mod memory;
mod optim;
mod parallel;
mod residual_norm;

use burn::backend::flex::FlexTensor;
use burn::backend::{DType, Flex};

pub(super) use self::gemm::bf16::available as multiplies_bf16;
use self::memory::is_f32;
use super::fused::FusedBackend;
use super::{AdamWStep, GemmOptions, VocabularyWeights};

impl FusedBackend for Flex {
    type Dense = linear::Dense;
    type Embeddings = embeddings::Embeddings;
    type Attention = attention::Attention;
    type ClsAttention = attention::cls::ClsAttention;
    type SelfAttention = attention::self_attention::SelfAttention;
    type FeedForward = feed_forward::FeedForward;
    type ResidualNorm = residual_norm::ResidualNorm;
    type UnpackSequences = attention::sequence_offsets::UnpackSequences;
    type Dropout = dropout::Dropout;
    type CrossEntropy = loss::cross_entropy::CrossEntropy;
    type VocabularyCrossEntropy = loss::vocabulary::VocabularyCrossEntropy;

    fn fuses<'a>(tensors: impl IntoIterator<Item = &'a FlexTensor>) -> bool {
        is_f32(tensors)
    }

    fn fuses_ids<'a>(tensors: impl IntoIterator<Item = &'a FlexTensor>) -> bool {
        tensors.into_iter().all(|ids| ids.dtype() == DType::I32)
    }

    fn vocabulary_logits(x: FlexTensor, weights: VocabularyWeights<Self>, gemm: &GemmOptions) -> FlexTensor {
        loss::vocabulary::logits(x, weights, gemm)
    }

    fn sum_of_squares(x: FlexTensor) -> FlexTensor {
        optim::gradient_norm::sum_of_squares(x)
    }

    fn scale(x: FlexTensor, factor: FlexTensor) -> FlexTensor {
        optim::gradient_norm::scale(x, factor)
    }

    fn adamw(tensors: [FlexTensor; 4], step: AdamWStep) -> [FlexTensor; 3] {
        optim::adamw::step(tensors, step)
    }
}
