#![doc = include_str!("../README.md")]

pub mod attention;
pub mod config;
pub mod device;
pub mod embeddings;
pub mod encoder;
pub mod init;
pub mod input;
pub mod layer;
pub mod mode;
pub mod model;
pub mod ops;
pub mod pooler;
pub mod store;
pub mod tokenizer;

pub use config::{Activation, BertConfig, ConfigError};
pub use device::{BACKENDS, DeviceError, backend_name, parse_device};
pub use input::{EncoderInput, Layout, Tokens};
pub use mode::Mode;
pub use model::{BertModel, BertOutput};
pub use store::{Checkpoint, LoadReport, StoreError};
pub use tokenizer::{BertTokenizer, Encoding, Pieces, TokenizerError};
