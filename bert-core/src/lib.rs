#![doc = include_str!("../README.md")]

pub mod device;
pub mod encoding;
mod files;
pub mod mode;
pub mod models;
pub mod ops;
pub mod random;
pub mod store;
pub mod threads;
pub mod tokenizer;

pub use device::{BACKENDS, DeviceError, backend_name, parse_device};
pub use encoding::{Encoding, Pieces};
pub use mode::Mode;
pub use models::Architecture;
pub use models::encoder::{BertConfig, ConfigError, Encoder, EncoderInput, EncoderOutput};
pub use models::encoder::{Init, KeyValueCache, Tokens, layer_norm};
pub use models::encoder::{Pooling, SentenceEmbedding};
pub use ops::Activation;
pub use store::{Checkpoint, LoadReport, StoreError};
pub use tokenizer::{BertTokenizer, TokenizerError};
