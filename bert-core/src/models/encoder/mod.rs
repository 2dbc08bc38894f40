//! The encoder of all families: its configuration, and its forward pass.
//!
//! [`model`] is the forward pass from token ids to hidden states; [`layer`] is one of its transformer layers.

pub mod config;
pub mod init;
pub mod input;
pub mod layer;
pub mod model;

pub use config::{BertConfig, ConfigError};
pub use init::{Init, layer_norm};
pub use input::{EncoderInput, Tokens};
pub use model::{Encoder, EncoderOutput};
