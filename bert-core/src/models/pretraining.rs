//! The heads that BERT is pre-trained with: the prediction of words, and of whether one text follows another (Devlin et al.
//! 2019, section 3.1; `BertPreTrainingHeads` in transformers).

use burn::module::{Module, Param};
use burn::nn::{Embedding, LayerNorm, Linear};
use burn::tensor::{Device, Int, Tensor};

use super::encoder::{BertConfig, Init, layer_norm};
use crate::ops::{self, Activation, GemmOptions, VocabularyWeights};

/// The heads above the encoder, under the names that transformers gives them.
#[derive(Module, Debug)]
pub struct PretrainingHeads {
    /// The prediction of words.
    pub predictions: LanguageModelHead,
    /// From the pooled `[CLS]` to two scores, `[hidden, 2]`: whether the second text follows the first, or is another one. Models
    /// without next-sentence prediction have none.
    pub seq_relationship: Option<Linear>,
}

impl PretrainingHeads {
    /// Random heads; the second one only where it is asked for.
    pub fn new(config: &BertConfig, next_sentence: bool, init: &mut Init, device: &Device) -> Self {
        Self {
            predictions: LanguageModelHead::new(config, init, device),
            seq_relationship: next_sentence.then(|| init.linear(config.hidden_size, 2, device)),
        }
    }
}

/// The head that scores the words of the vocabulary: a dense layer with the encoder's activation and a normalisation, then the
/// product with the word embeddings, to which the output layer is tied.
///
/// ```
/// use bert_core::models::pretraining::LanguageModelHead;
/// use bert_core::{BertConfig, Encoder, EncoderInput, Init, Mode};
/// let device = burn::tensor::Device::default();
/// let config = BertConfig::compact(100, 16, 2, 2);
/// let encoder = Encoder::new(&config, 1, &device).without_pooler();
/// let head = LanguageModelHead::new(&config, &mut Init::new(2, 0.02), &device);
/// let input = EncoderInput::new(vec![2, 7, 3], vec![0; 3], &[1; 3], 1, &device);
/// let hidden = encoder.forward(&input, Mode::Inference).last_hidden.squeeze_dim::<2>(0);
/// let scores = head.logits(hidden, &encoder.embeddings.word_embeddings);
/// assert_eq!(scores.dims(), [3, 100]);
/// ```
#[derive(Module, Debug)]
pub struct LanguageModelHead {
    /// The layers before the output.
    pub transform: Transform,
    /// Of the output layer, `[words]`.
    pub bias: Param<Tensor<1>>,
    #[module(skip)]
    gemm: GemmOptions,
}

/// A dense layer, an activation and a normalisation.
#[derive(Module, Debug)]
pub struct Transform {
    /// `[hidden, hidden]`.
    pub dense: Linear,
    /// Normalises the activations.
    pub layer_norm: LayerNorm,
    #[module(skip)]
    activation: Activation,
}

impl LanguageModelHead {
    /// A random dense layer, and biases of zero.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        let width = config.hidden_size;
        Self {
            transform: Transform {
                dense: init.linear(width, width, device),
                layer_norm: layer_norm(width, config.layer_norm_eps, device),
                activation: config.hidden_act,
            },
            bias: burn::nn::Initializer::Zeros.init([config.vocab_size], device),
            gemm: GemmOptions::new(config.precision),
        }
    }

    /// The layers before the output: hidden states `[rows, hidden]` to the same shape.
    fn transform(&self, hidden: Tensor<2>) -> Tensor<2> {
        let Transform {
            dense,
            layer_norm,
            activation,
        } = &self.transform;
        let hidden = ops::linear_activation(hidden.unsqueeze(), dense, *activation, &self.gemm);
        layer_norm.forward(hidden.squeeze_dim(0))
    }

    /// The scores of all words of the vocabulary, `[rows, words]`, at tokens with these hidden states, `[rows, hidden]`;
    /// `words` are the encoder's word embeddings.
    pub fn logits(&self, hidden: Tensor<2>, words: &Embedding) -> Tensor<2> {
        let weights = VocabularyWeights::new(words, &self.bias);
        ops::vocabulary_logits(self.transform(hidden), weights, &self.gemm)
    }

    /// The cross-entropy of these words, `[rows]`, weighted by `row_weights`, `[rows]`: see
    /// [`ops::vocabulary_cross_entropy`]. The scores of all rows are never stored.
    ///
    /// # Panics
    /// If the sizes differ, or a target is no word.
    pub fn loss(
        &self,
        hidden: Tensor<2>,
        words: &Embedding,
        targets: Tensor<1, Int>,
        row_weights: Tensor<1>,
    ) -> Tensor<1> {
        let weights = VocabularyWeights::new(words, &self.bias);
        ops::vocabulary_cross_entropy(self.transform(hidden), weights, targets, row_weights, &self.gemm)
    }
}
