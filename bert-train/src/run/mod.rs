//! The run folder: what was asked, how it went, what came of it, and the states that training resumes from.

mod atomic;
pub mod checkpoint;
mod config;
mod error;
pub mod fingerprint;
mod folder;
pub mod log;
mod metrics;
pub mod predictions;
pub mod seeds;
pub mod spool;
pub mod state;
pub mod tensorboard;
pub mod writer;

pub use checkpoint::{Checkpoint, Checkpoints};
pub use config::RunConfig;
pub(crate) use config::reads_pairs;
pub use error::RunError;
pub use folder::Run;
pub use metrics::RunMetrics;
pub use predictions::Predictions;
pub use writer::RunWriter;
