//! Weights in and out, in Hugging Face's layout.
//!
//! [`Checkpoint`] reads a folder's `model.safetensors` or `pytorch_model.bin` into any module built from this crate's
//! parts; [`save_weights`] writes one. The names of the weights are those of the model's
//! [`Architecture`](crate::models::Architecture).

mod checkpoint;
mod load;
mod save;

pub use checkpoint::{Checkpoint, StoreError};
pub use load::LoadReport;
pub use save::{save_bpk, save_weights, write_folder};
