//! Weights in and out, in Hugging Face's layout.
//!
//! [`Checkpoint`] reads a `model.safetensors` or `pytorch_model.bin`, in one file or several, into any module built from this
//! crate's parts, and [`to_safetensors`] writes one. The names of the weights are those of the model's
//! [`Architecture`](crate::models::Architecture).

#[cfg(feature = "files")]
mod atomic;
mod checkpoint;
mod edit;
mod error;
#[cfg(feature = "files")]
mod files;
mod load;
mod save;
#[cfg(feature = "files")]
mod shards;

#[cfg(feature = "files")]
pub use atomic::{WRITING, check_writable, replace_files, write_file, write_folder};
pub use checkpoint::Checkpoint;
pub use error::StoreError;
#[cfg(feature = "files")]
pub use files::{WEIGHTS, save_bpk, save_weights};
pub use load::LoadReport;
pub use save::to_safetensors;
#[cfg(feature = "files")]
pub use shards::shards;
