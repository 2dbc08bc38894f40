//! BERT itself: embeddings, encoder, pooler.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::config::BertConfig;
use crate::embeddings::Embeddings;
use crate::encoder::Encoder;
use crate::init::Init;
use crate::input::EncoderInput;
use crate::mode::Mode;
use crate::ops::{self, Texts};
use crate::pooler::Pooler;

/// BERT without a head (Devlin et al. 2019); `BertModel` in Hugging Face transformers.
///
/// ```
/// use bert_core::{BertConfig, BertModel, EncoderInput, Mode};
/// let device = burn::tensor::Device::flex();
/// let config = BertConfig::compact(100, 16, 2, 2);
/// let bert = BertModel::new(&config, 1, &device);
/// let input = EncoderInput::new(vec![2, 7, 3], vec![0; 3], &[1; 3], 1, &device);
/// let output = bert.forward(&input, Mode::Inference);
/// assert_eq!(output.last_hidden.dims(), [1, 3, 16]);
/// assert_eq!(output.pooled.unwrap().dims(), [1, 16]);
/// ```
#[derive(Module, Debug)]
pub struct BertModel {
    /// Token ids to vectors.
    pub embeddings: Embeddings,
    /// The transformer layers.
    pub encoder: Encoder,
    /// The text's summary; models for token-level tasks have none.
    pub pooler: Option<Pooler>,
}

/// What [`BertModel::forward`] returns.
#[derive(Clone, Debug)]
pub struct BertOutput {
    /// The last layer's output, `[batch, length, hidden]`; zero at padding where that is not computed (see
    /// [`EncoderInput`]).
    pub last_hidden: Tensor<3>,
    /// The pooler's output, `[batch, hidden]`, where the model has a pooler.
    pub pooled: Option<Tensor<2>>,
}

impl BertModel {
    /// A model with random weights drawn from `seed`, and a pooler.
    pub fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed, config.initializer_range);
        Self {
            embeddings: Embeddings::new(config, &mut init, device),
            encoder: Encoder::new(config, &mut init, device),
            pooler: Some(Pooler::new(config, &mut init, device)),
        }
    }

    /// The same model without its pooler, for heads that read every token.
    pub fn without_pooler(mut self) -> Self {
        self.pooler = None;
        self
    }

    /// The last layer's output and the pooled one.
    pub fn forward(&self, input: &EncoderInput, mode: Mode) -> BertOutput {
        ops::in_pool(&input.device(), || self.run(input, mode, |_, _| ()))
    }

    /// The pooled output alone, `[batch, hidden]`, where the model has a pooler. It reads each text's first token, so the
    /// last layer is computed for no other.
    ///
    /// ```
    /// use bert_core::{BertConfig, BertModel, EncoderInput, Mode};
    /// let device = burn::tensor::Device::flex();
    /// let bert = BertModel::new(&BertConfig::compact(100, 16, 2, 2), 1, &device);
    /// let input = EncoderInput::new(vec![2, 7, 3], vec![0; 3], &[1; 3], 1, &device);
    /// let summary = bert.pooled(&input, Mode::Inference).unwrap();
    /// let all = bert.forward(&input, Mode::Inference).pooled.unwrap();
    /// assert!((summary - all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn pooled(&self, input: &EncoderInput, mode: Mode) -> Option<Tensor<2>> {
        let pooler = self.pooler.as_ref()?;
        let tokens = input.tokens();
        let layout = &tokens.layout;
        let empty = |texts: &Texts| texts.ranges().any(|range| range.is_empty());
        let Some((last, lower)) = self.encoder.layer.split_last() else {
            return self.forward(input, mode).pooled;
        };
        if layout.texts.as_ref().is_some_and(empty) {
            return self.forward(input, mode).pooled;
        }
        let pooled = || {
            let mut hidden = self.embeddings.forward(tokens, mode);
            for (index, layer) in lower.iter().enumerate() {
                hidden = layer.forward(hidden, layout, mode, index);
            }
            pooler.forward(last.forward_first(hidden, layout, mode, lower.len()))
        };
        Some(ops::in_pool(&input.device(), pooled))
    }

    /// As [`forward`](Self::forward), and all hidden states: the embeddings' output, then each layer's, so that there
    /// is one more than there are layers. Each is `[batch, length, hidden]`.
    pub fn forward_with_hidden_states(
        &self,
        input: &EncoderInput,
        mode: Mode,
    ) -> (BertOutput, Vec<Tensor<3>>) {
        let mut states = Vec::with_capacity(self.encoder.layer.len() + 1);
        let output = self.run(input, mode, |state, rows| states.push(rows(state.clone())));
        states.push(output.last_hidden.clone());
        (output, states)
    }

    fn run(
        &self,
        input: &EncoderInput,
        mode: Mode,
        mut see: impl FnMut(&Tensor<3>, &dyn Fn(Tensor<3>) -> Tensor<3>),
    ) -> BertOutput {
        let tokens = input.tokens();
        let rows = |hidden: Tensor<3>| match &tokens.layout.texts {
            Some(texts) => ops::unpack(hidden, texts, input.dims()[1]),
            None => hidden,
        };
        let hidden = self.embeddings.forward(tokens, mode);
        let seen = |hidden: &Tensor<3>| see(hidden, &rows);
        let last_hidden = self.encoder.forward(hidden, &tokens.layout, mode, seen);
        let last_hidden = rows(last_hidden);
        let pooled = self
            .pooler
            .as_ref()
            .map(|pooler| pooler.forward(last_hidden.clone()));
        BertOutput { last_hidden, pooled }
    }
}
