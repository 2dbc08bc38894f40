//! The run folder: settings, log, predictions, metrics, model, and the checkpoints from which training resumes.

pub mod checkpoint;
mod config;
mod error;
pub mod fingerprint;
mod folder;
pub mod log;
mod metrics;
pub mod predictions;
pub mod seeds;
pub mod settings;
pub mod state;
pub(crate) mod text;
pub mod writer;

pub use checkpoint::{Checkpoints, TrainingCheckpoint};
pub use config::RunConfig;
pub use error::RunError;
pub use folder::Run;
pub(crate) use folder::check_folder;
pub use metrics::RunMetrics;
pub use predictions::Predictions;
pub use writer::RunWriter;
