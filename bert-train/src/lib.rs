#![doc = include_str!("../README.md")]

pub mod card;
pub mod checkpoint;
pub mod data;
pub mod display;
pub mod fine_tuned;
pub mod fingerprint;
pub mod hub;
pub mod interrupt;
pub mod keeper;
pub mod log;
pub mod memory;
pub mod optim;
pub mod precision;
pub mod progress;
pub mod recipe;
pub mod report;
pub mod run;
pub mod seeds;
pub mod start;
pub mod tensorboard;
pub mod training;

pub use checkpoint::{Checkpoint, Checkpoints};
pub use data::{BatchLoader, EncodedDataset, Order};
pub use display::View;
pub use fine_tuned::{FineTuned, FineTunedError, ModelFolder};
pub use recipe::Recipe;
pub use run::{Run, RunError};
pub use start::{Start, StartError};
pub use training::{Evaluation, Finetune, Session, SessionError, TrainError, evaluate, train};
