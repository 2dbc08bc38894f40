//! The training loop: sessions, optimiser steps, evaluations, and which evaluation was best.

pub mod best_model;
pub mod evaluator;
pub mod finetune;
pub mod session;
pub mod strategy;
pub mod throughput;
pub mod train;
pub mod trainee;
mod training_loop;

pub use evaluator::{Evaluation, evaluate};
pub use finetune::Finetune;
pub use session::{Session, SessionError};
pub use train::{TrainError, train};
