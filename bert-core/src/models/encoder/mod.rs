//! The encoder of all families: its configuration, and its forward pass.
//!
//! [`model`] is the forward pass from token ids to hidden states; [`layer`] is one of its transformer layers.

pub mod config;
mod incremental;
pub mod init;
pub mod input;
pub mod key_value_cache;
pub mod layer;
pub mod model;

pub use config::{BertConfig, ConfigError, Pooling, SentenceEmbedding};
pub use init::{Init, layer_norm};
pub use input::{EncoderInput, Tokens};
pub use key_value_cache::KeyValueCache;
pub use model::{Encoder, EncoderOutput};
