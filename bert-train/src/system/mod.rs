//! The process and the system around it: signals, memory, words for a shell.

pub mod interrupt;
pub mod memory;
pub mod shell;

pub use interrupt::Stop;
