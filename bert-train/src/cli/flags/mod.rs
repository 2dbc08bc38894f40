//! Options as flags: one struct a group, in which a field that was not given is `None`.
//!
//! The command line and the file of `--config` both fill the same struct, the command line first; [`Flags::apply`] then
//! puts what was given into the typed options that the library works with.

mod files;
mod group;
mod language_modelling;
mod names;
mod numbers;
mod recipe;
mod retrieval;
mod run;
mod shown;
mod tasks;

pub use files::FileFlags;
pub use group::{AnyFlags, Flags, Section};
pub use names::{LogName, Named, parser};
pub use numbers::{Count, Finite, Number, Switch, accept_negative_numbers, parse_seed};
pub use recipe::RecipeFlags;
pub use run::{DeviceFlag, InferenceFlags, RunFlags, RunOptions, Show, ShowFlags};
pub use tasks::{AllTaskFlags, TaskGroup};
