#![doc = include_str!("../README.md")]

pub mod data;
pub mod display;
pub mod fine_tuned;
pub mod hub;
pub mod interrupt;
pub mod memory;
pub mod optim;
pub mod recipe;
pub mod report;
pub mod run;
pub mod shell;
pub mod start;
pub mod training;

pub use data::{BatchLoader, EncodedDataset, Order};
pub use display::View;
pub use fine_tuned::{FineTuned, FineTunedError, ModelFolder};
pub use recipe::Recipe;
pub use run::{Checkpoints, Run, RunConfig, RunError, TrainingCheckpoint};
pub use start::{Start, StartError};
pub use training::{Evaluation, Session, SessionError, TrainError, Trainer, evaluate, train};
