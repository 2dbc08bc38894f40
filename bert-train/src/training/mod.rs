//! Training: sessions, the loop over optimiser steps, evaluations, and which of them was best.

pub mod best_model;
pub mod early_stopping;
mod error;
pub mod evaluator;
pub(crate) mod events;
pub mod session;
pub mod shared_model;
pub mod step_schedule;
pub mod throughput;
mod train;
pub mod trainer;
mod training_loop;

pub use error::TrainError;
pub use evaluator::{Evaluation, evaluate};
pub use session::{Session, SessionError};
pub use train::train;
pub use trainer::Trainer;
