//! Runs, and how they stop and resume.

mod cache;
mod disk;
mod folder;
mod head_init;
pub mod resume;
mod signals;
