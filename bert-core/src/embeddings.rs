//! The sum of word, position and segment embeddings, normalised (Devlin et al. 2019, section 3 and figure 2).

use burn::module::Module;
use burn::nn::{Embedding, LayerNorm};
use burn::tensor::{Device, Tensor};

use crate::config::BertConfig;
use crate::init::{Init, layer_norm};
use crate::input::Tokens;
use crate::mode::Mode;
use crate::ops;

/// Token ids to vectors.
#[derive(Module, Debug)]
pub struct Embeddings {
    /// A vector for each word piece, `[vocabulary, hidden]`.
    pub word_embeddings: Embedding,
    /// A vector for each position, `[positions, hidden]`.
    pub position_embeddings: Embedding,
    /// A vector for each segment, `[segments, hidden]`.
    pub token_type_embeddings: Embedding,
    /// Normalises the sum.
    pub layer_norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
}

impl Embeddings {
    /// Random tables, as the configuration has them.
    pub fn new(config: &BertConfig, init: &mut Init, device: &Device) -> Self {
        let width = config.hidden_size;
        Self {
            word_embeddings: init.embedding(config.vocab_size, width, device),
            position_embeddings: init.embedding(config.max_position_embeddings, width, device),
            token_type_embeddings: init.embedding(config.type_vocab_size, width, device),
            layer_norm: layer_norm(width, config.layer_norm_eps, device),
            epsilon: config.layer_norm_eps,
            dropout: config.hidden_dropout_prob,
        }
    }

    /// `[batch, length]` ids to `[batch, length, hidden]`.
    pub fn forward(&self, tokens: &Tokens, mode: Mode) -> Tensor<3> {
        let tables = [
            self.word_embeddings.weight.val(),
            self.position_embeddings.weight.val(),
            self.token_type_embeddings.weight.val(),
        ];
        let dropout = mode.dropout(self.dropout, 0);
        ops::embeddings(
            tokens.ids.clone(),
            tokens.types.clone(),
            tokens.layout.texts.clone(),
            tables,
            &self.layer_norm,
            self.epsilon,
            dropout,
        )
    }
}
