#![doc = include_str!("../README.md")]

pub mod cache;
pub mod clip;
pub mod dashboard;
pub mod evaluate;
pub mod fine_tuned;
pub mod finetune;
pub mod finite;
pub mod groups;
pub mod hub;
pub mod interrupt;
pub mod judge;
pub mod lines;
pub mod loader;
pub mod lora;
pub mod memory;
pub mod meter;
pub mod on_device;
pub mod optimizer;
pub mod plan;
pub mod precision;
pub mod recipe;
pub mod report;
pub mod rows;
pub mod run;
pub mod schedule;
pub mod screen;
pub mod session;
pub mod start;
pub mod strategy;
pub mod train;
pub mod trainee;
mod training_loop;
pub mod watch;
pub mod windows;

pub(crate) use run::{checkpoint, fingerprint, log, state as progress};

pub use evaluate::{Evaluation, evaluate};
pub use fine_tuned::{FineTuned, FineTunedError, ModelFolder};
pub use finetune::Finetune;
pub use loader::{BatchLoader, Order};
pub use recipe::Recipe;
pub use rows::Rows;
pub use run::{Checkpoint, Checkpoints, Run, RunConfig, RunError};
pub use session::{Session, SessionError};
pub use start::{Start, StartError};
pub use train::{TrainError, Watch, train};
