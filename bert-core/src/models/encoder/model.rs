//! The forward pass from token ids to hidden states: embeddings, transformer layers, pooler (Devlin et al. 2019, section 3
//! and figure 2).

use burn::module::Module;
use burn::nn::{Embedding, LayerNorm, Linear};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};

use super::config::BertConfig;
use super::init::{Init, layer_norm};
use super::input::{EncoderInput, Tokens};
use super::layer::Layer;
use crate::mode::{Mode, POOLER_SITE};
use crate::models::{PoolerActivation, PoolerForm};
use crate::ops::{
    self, AttentionMask, EmbeddingsOptions, EmbeddingsWeights, GemmOptions, NormOptions, SequenceOffsets,
};

/// BERT without a head (Devlin et al. 2019), or another encoder of the same layers; `BertModel`, `RobertaModel` and so on in
/// Hugging Face transformers. What differs between them is in their [`Architecture`](crate::Architecture).
///
/// ```
/// use bert_core::{BertConfig, Encoder, EncoderInput, Mode};
/// let device = burn::tensor::Device::default();
/// let config = BertConfig::compact(100, 16, 2, 2);
/// let encoder = Encoder::new(&config, 1, &device);
/// let input = EncoderInput::new(vec![2, 7, 3], vec![0; 3], &[1; 3], 1, &device);
/// let output = encoder.forward(&input, Mode::Inference);
/// assert_eq!(output.last_hidden.dims(), [1, 3, 16]);
/// assert_eq!(output.pooled.unwrap().dims(), [1, 16]);
/// ```
#[derive(Module, Debug)]
pub struct Encoder {
    /// Token ids to vectors.
    pub embeddings: Embeddings,
    /// The transformer layers.
    pub encoder: Layers,
    /// The summary of a sequence; models for token-level tasks have none.
    pub pooler: Option<Pooler>,
    #[module(skip)]
    gemm: GemmOptions,
}

/// What [`Encoder::forward`] returns.
#[derive(Clone, Debug)]
pub struct EncoderOutput {
    /// The last layer's output, `[batch, length, hidden]`; zero at padding where padding is not computed (see
    /// [`EncoderInput`]).
    pub last_hidden: Tensor<3>,
    /// The pooler's output, `[batch, hidden]`, where the model has a pooler.
    pub pooled: Option<Tensor<2>>,
}

impl Encoder {
    /// A model with random weights drawn from `seed`, and a pooler.
    pub fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        let range = config.initializer_range;
        let embeddings_range = config.embeddings_range.unwrap_or(range);
        let mut init = Init::new(seed, range).with_embeddings_std(embeddings_range);
        Self {
            embeddings: Embeddings::new(config, &mut init, device),
            encoder: Layers::new(config, &mut init, device),
            pooler: Some(Pooler::new(config, &mut init, device)),
            gemm: GemmOptions::new(config.precision),
        }
    }

    /// The same model without its pooler, for heads that read every token.
    pub fn without_pooler(mut self) -> Self {
        self.pooler = None;
        self
    }

    /// How the matrix products of the pooler, and of a head on this model, are computed.
    pub fn gemm(&self) -> &GemmOptions {
        &self.gemm
    }

    /// The last layer's output and the pooled output.
    pub fn forward(&self, input: &EncoderInput, mode: Mode) -> EncoderOutput {
        ops::in_thread_pool(&input.device(), || self.run(input, mode, |_| ()))
    }

    /// As [`forward`](Self::forward), and all hidden states: the output of the embeddings, then of each layer, so that
    /// there is one more than there are layers. Each is `[batch, length, hidden]`.
    pub fn forward_with_hidden_states(
        &self,
        input: &EncoderInput,
        mode: Mode,
    ) -> (EncoderOutput, Vec<Tensor<3>>) {
        let mut states = Vec::with_capacity(self.encoder.layer.len() + 1);
        let output = self.run(input, mode, |state| states.push(state));
        states.push(output.last_hidden.clone());
        (output, states)
    }

    /// The forward pass; `observe` gets each layer's input, `[batch, length, hidden]`.
    fn run(&self, input: &EncoderInput, mode: Mode, mut observe: impl FnMut(Tensor<3>)) -> EncoderOutput {
        let tokens = input.tokens();
        let unpack = |hidden: Tensor<3>| match tokens.mask.offsets() {
            Some(offsets) => ops::unpack_sequences(hidden, offsets, input.dims()[1]),
            None => hidden,
        };
        let hidden = self.embeddings.forward(tokens, mode);
        let last_hidden = self.encoder.forward(hidden, &tokens.mask, mode, |hidden| {
            observe(unpack(hidden.clone()));
        });
        let last_hidden = unpack(last_hidden);
        let pooled = self
            .pooler
            .as_ref()
            .map(|pooler| pooler.forward(last_hidden.clone(), mode, &self.gemm));
        EncoderOutput { last_hidden, pooled }
    }

    /// The pooled output alone, `[batch, hidden]`, where the model has a pooler. The pooler reads only the `[CLS]`
    /// token of each sequence, so the last layer is computed for that token alone.
    ///
    /// ```
    /// use bert_core::{BertConfig, Encoder, EncoderInput, Mode};
    /// let device = burn::tensor::Device::default();
    /// let encoder = Encoder::new(&BertConfig::compact(100, 16, 2, 2), 1, &device);
    /// let input = EncoderInput::new(vec![2, 7, 3], vec![0; 3], &[1; 3], 1, &device);
    /// let summary = encoder.pooled(&input, Mode::Inference).unwrap();
    /// let all = encoder.forward(&input, Mode::Inference).pooled.unwrap();
    /// assert!((summary - all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn pooled(&self, input: &EncoderInput, mode: Mode) -> Option<Tensor<2>> {
        let pooler = self.pooler.as_ref()?;
        let tokens = input.tokens();
        let has_empty = |offsets: &SequenceOffsets| offsets.ranges().any(|range| range.is_empty());
        if self.encoder.layer.is_empty() || tokens.mask.offsets().is_some_and(has_empty) {
            return self.forward(input, mode).pooled;
        }
        let pooled = || {
            let hidden = self.embeddings.forward(tokens, mode);
            let cls = self.encoder.forward_cls(hidden, &tokens.mask, mode);
            pooler.forward(cls, mode, &self.gemm)
        };
        Some(ops::in_thread_pool(&input.device(), pooled))
    }
}

/// The sum of word, position and token type embeddings, normalised.
#[derive(Module, Debug)]
pub struct Embeddings {
    /// A vector for each word piece, `[vocabulary, hidden]`.
    pub word_embeddings: Embedding,
    /// A vector for each position, `[positions, hidden]`.
    pub position_embeddings: Embedding,
    /// A vector for each token type (segment), `[types, hidden]`; some families have none.
    pub token_type_embeddings: Option<Embedding>,
    /// Normalises the sum.
    pub layer_norm: LayerNorm,
    first_position: usize,
    epsilon: f64,
    dropout: f64,
}

impl Embeddings {
    /// Random tables of the sizes in `config`.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        let width = config.hidden_size;
        let types = config.type_vocab_size;
        Self {
            word_embeddings: init.embedding(config.vocab_size, width, device),
            position_embeddings: match config.positions_start_as_sinusoids {
                true => init.sinusoids(config.max_position_embeddings, width, device),
                false => init.embedding(config.max_position_embeddings, width, device),
            },
            token_type_embeddings: (types > 0).then(|| init.embedding(types, width, device)),
            layer_norm: layer_norm(width, config.layer_norm_eps, device),
            first_position: config.first_position(),
            epsilon: config.layer_norm_eps,
            dropout: config.hidden_dropout_prob,
        }
    }

    /// `[batch, length]` ids to `[batch, length, hidden]`.
    pub fn forward(&self, tokens: &Tokens, mode: Mode) -> Tensor<3> {
        let ids = (tokens.ids.clone(), tokens.types.clone());
        self.run(ids, tokens.mask.offsets().cloned(), self.first_position, mode)
    }

    /// The ids of tokens that follow `before` others, `[batch, new]`, to `[batch, new, hidden]`; all of type 0.
    pub(super) fn forward_from(&self, ids: Tensor<2, Int>, before: usize) -> Tensor<3> {
        let types = Tensor::zeros(ids.dims(), &ids.device());
        self.run((ids, types), None, self.first_position + before, Mode::Inference)
    }

    fn run(
        &self,
        (ids, types_of_ids): (Tensor<2, Int>, Tensor<2, Int>),
        offsets: Option<SequenceOffsets>,
        first_position: usize,
        mode: Mode,
    ) -> Tensor<3> {
        let words = self.word_embeddings.weight.val();
        let types = match &self.token_type_embeddings {
            Some(types) => types.weight.val(),
            // All tokens are of type 0.
            None => Tensor::zeros([1, words.dims()[1]], &words.device()),
        };
        let tables = [words, self.position_embeddings.weight.val(), types];
        let options = EmbeddingsOptions {
            first_position,
            output: NormOptions {
                epsilon: self.epsilon,
                dropout: mode.dropout(self.dropout, 0),
            },
        };
        ops::embeddings(
            ids,
            types_of_ids,
            offsets,
            EmbeddingsWeights::new(tables, &self.layer_norm),
            options,
        )
    }
}

/// The stack of transformer layers.
#[derive(Module, Debug)]
pub struct Layers {
    /// `num_hidden_layers` layers, the one above the embeddings first.
    pub layer: Vec<Layer>,
}

impl Layers {
    /// Random weights.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        let layer = (0..config.num_hidden_layers)
            .map(|index| Layer::new(config, index, init, device))
            .collect();
        Self { layer }
    }

    /// The last layer's output, `[batch, length, hidden]`; `observe` gets each layer's input.
    pub fn forward(
        &self,
        mut hidden: Tensor<3>,
        mask: &AttentionMask,
        mode: Mode,
        mut observe: impl FnMut(&Tensor<3>),
    ) -> Tensor<3> {
        for (index, layer) in self.layer.iter().enumerate() {
            observe(&hidden);
            hidden = layer.forward(hidden, mask, mode, index);
        }
        hidden
    }

    /// The last layer's output at the `[CLS]` token of each sequence: `[batch, length, hidden]` to
    /// `[sequences, 1, hidden]`.
    ///
    /// # Panics
    /// If there is no layer, or a sequence has no token.
    pub fn forward_cls(&self, mut hidden: Tensor<3>, mask: &AttentionMask, mode: Mode) -> Tensor<3> {
        let (last, lower) = self.layer.split_last().expect("an encoder has a layer");
        for (index, layer) in lower.iter().enumerate() {
            hidden = layer.forward(hidden, mask, mode, index);
        }
        last.forward_cls(hidden, mask, mode, lower.len())
    }
}

/// The pooler: the hidden state of `[CLS]` through a dense layer and tanh, pre-trained with next sentence prediction
/// (google-research/bert, `modeling.py`). In other families this layer is new: it is the first layer of the classification
/// head.
#[derive(Module, Debug)]
pub struct Pooler {
    /// `[hidden, hidden]`.
    pub dense: Linear,
    #[module(skip)]
    form: PoolerForm,
    dropout: f64,
}

impl Pooler {
    /// A random dense layer.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        Self {
            dense: init.linear(config.hidden_size, config.hidden_size, device),
            form: config.architecture().pooler,
            dropout: config.classifier_dropout.unwrap_or(config.hidden_dropout_prob),
        }
    }

    /// `[batch, length, hidden]` to `[batch, hidden]`.
    pub fn forward(&self, hidden: Tensor<3>, mode: Mode, gemm: &GemmOptions) -> Tensor<2> {
        let [batch, _, width] = hidden.dims();
        let mut cls = hidden.slice([0..batch, 0..1]);
        if self.form.dropout {
            cls = ops::dropout(cls, mode.dropout(self.dropout, POOLER_SITE));
        }
        let pooled = ops::linear(cls, &self.dense, gemm);
        let pooled = match self.form.activation {
            PoolerActivation::Tanh => pooled.tanh(),
            PoolerActivation::Relu => relu(pooled),
        };
        pooled.reshape([batch, width])
    }
}
