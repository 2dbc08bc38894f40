//! BERT (Devlin et al. 2019, "BERT: Pre-training of deep bidirectional transformers for language understanding").
//!
//! [`model`] is the forward pass from token ids to hidden states; [`layer`] is one of its transformer layers.

pub mod config;
pub mod init;
pub mod input;
pub mod layer;
pub mod model;

pub use config::{BertConfig, ConfigError};
pub use init::{Init, layer_norm};
pub use input::{EncoderInput, Layout, Tokens};
pub use model::{BertModel, BertOutput};
