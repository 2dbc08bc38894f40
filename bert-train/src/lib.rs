#![doc = include_str!("../README.md")]

pub mod data;
pub mod display;
pub mod fine_tuned;
pub mod hub;
pub mod optim;
pub mod progress;
pub mod recipe;
pub mod report;
pub mod run;
pub mod search;
pub mod start;
pub mod system;
pub mod training;

pub use data::{BatchLoader, EncodedDataset, Order};
pub use display::View;
pub use fine_tuned::{FineTuned, FineTunedError, ModelFolder};
pub use recipe::Recipe;
pub use run::{Checkpoints, Run, RunConfig, RunError, TrainingCheckpoint};
pub use start::{Start, StartError};
pub use system::Stop;
pub use training::{Evaluation, Session, SessionError, TrainError, Trainer, evaluate, train};
