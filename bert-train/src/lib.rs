#![doc = include_str!("../README.md")]

pub mod card;
pub mod clip;
pub mod dashboard;
pub mod evaluate;
pub mod fine_tuned;
pub mod finetune;
pub mod hub;
pub mod interrupt;
pub mod lines;
pub mod loader;
pub mod log;
pub mod memory;
pub mod optimizer;
pub mod recipe;
pub mod report;
pub mod run;
pub mod screen;
pub mod session;
pub mod start;
pub mod strategy;
pub mod tensorboard;
pub mod train;
pub mod warmup;

pub use evaluate::{Evaluation, evaluate};
pub use fine_tuned::{FineTuned, FineTunedError, ModelFolder};
pub use finetune::Finetune;
pub use loader::{BatchLoader, Order};
pub use recipe::Recipe;
pub use run::{Run, RunError};
pub use session::{Session, SessionError};
pub use start::{Start, StartError};
pub use train::{TrainError, Watch, train};
