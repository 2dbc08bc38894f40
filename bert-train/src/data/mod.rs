//! From examples to batches on a device: encoded datasets, their cache, the batch sampler and the loader.

pub mod cache;
pub mod encoded;
pub mod loader;
pub mod sampler;
pub mod sources;
pub mod step_batches;

pub use encoded::EncodedDataset;
pub use loader::{BatchLoader, EpochSteps};
pub use sampler::Order;
pub use sources::Sources;
pub use step_batches::StepBatches;
