//! The head of tasks on whole texts: the pooled `[CLS]` vector, with dropout, into a dense layer (Devlin et al. 2019,
//! section 4.1).

use bert_core::mode::HEAD_SITE;
use bert_core::{Encoder, EncoderInput, Mode, ops};
use burn::nn::Linear;
use burn::tensor::Tensor;

/// The outputs of `head` for each text, `[batch, 1, outputs]`.
///
/// # Panics
/// If `bert` has no pooler.
pub fn pooled_outputs(
    bert: &Encoder,
    head: &Linear,
    dropout: f64,
    input: &EncoderInput,
    mode: Mode,
) -> Tensor<3> {
    let pooled = bert.pooled(input, mode);
    let pooled = pooled.expect("a head on whole texts has a BERT with a pooler");
    let pooled = ops::dropout(pooled, mode.dropout(dropout, HEAD_SITE));
    ops::linear(pooled.unsqueeze_dim(1), head, bert.gemm())
}
