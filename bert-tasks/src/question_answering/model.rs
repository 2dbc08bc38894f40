//! The model: two dense outputs on every token, and their loss.

use bert_core::Init;
use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, Encoder, EncoderInput, Mode, ops};
use burn::module::Module;
use burn::nn::Linear;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::AnswerTokens;
use crate::task::{LossCount, TaskModel};

/// BERT with two dense outputs on every token.
#[derive(Module, Debug)]
pub struct SpanFinder {
    /// The pre-trained encoder without a pooler, fine-tuned as a whole.
    pub bert: Encoder,
    /// `[hidden, 2]`, trained from scratch: the first column scores starts, the second ends; they share nothing.
    pub qa_outputs: Linear,
    all_positions: bool,
    pad_token_id: usize,
}

impl SpanFinder {
    /// Random weights drawn from `seed`; `all_positions` as in [`QuestionOptions`](super::QuestionOptions).
    pub fn new(config: &BertConfig, all_positions: bool, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: Encoder::new(config, seed, device).without_pooler(),
            qa_outputs: init.linear(config.hidden_size, 2, device),
            all_positions,
            pad_token_id: config.pad_token_id,
        }
    }
}

impl TaskModel for SpanFinder {
    type Input = EncoderInput;
    type Target = AnswerTokens;
    /// `[batch, length, 2]`: each token's score as start and as end.
    type Output = Tensor<3>;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        let output = if self.all_positions {
            self.bert.forward(&input.clone().with_padding(), mode)
        } else {
            self.bert.forward(input, mode)
        };
        ops::linear(output.last_hidden, &self.qa_outputs, self.bert.gemm())
    }

    /// Where the softmax runs over padding too, the loss has a gradient for the vector of `[PAD]`, which is dropped:
    /// the vector stays as pre-trained (`padding_idx` in transformers' `BertEmbeddings`).
    fn filter_gradients(&self, gradients: &mut GradientsParams) {
        let id = self.bert.embeddings.word_embeddings.weight.id;
        if !self.all_positions {
            return;
        }
        if let Some(gradient) = gradients.remove::<2>(id) {
            let row = self.pad_token_id;
            let [_, width] = gradient.dims();
            let zeros = Tensor::zeros([1, width], &gradient.device());
            gradients.register(id, gradient.slice_assign([row..row + 1, 0..width], zeros));
        }
    }

    fn loss(&self, output: Tensor<3>, targets: &[AnswerTokens], count: LossCount) -> Tensor<1> {
        let [batch, length, _] = output.dims();
        assert_eq!(batch, targets.len(), "there must be one target per row");
        let device = output.device();
        let mut logits = output.swap_dims(1, 2);
        if !self.all_positions {
            let mut mask = vec![-1e9f32; batch * length];
            for (row, target) in targets.iter().enumerate() {
                let passage = target.first as usize..(target.first + target.count) as usize;
                for position in passage.chain([0]) {
                    mask[row * length + position] = 0.0;
                }
            }
            logits = logits + Tensor::<3>::from_data(TensorData::new(mask, [batch, 1, length]), &device);
        }
        // Row by row: its start's likelihood, then its end's.
        let positions: Vec<i32> = targets
            .iter()
            .flat_map(|t| [t.start as i32, t.end as i32])
            .collect();
        let positions = Tensor::<1, Int>::from_data(TensorData::new(positions, [2 * batch]), &device);
        let weights = Tensor::full([2 * batch], 0.5 / count.losses.max(1) as f64, &device);
        ops::cross_entropy(logits.reshape([2 * batch, length]), positions, weights)
    }
}
