//! Runs, and how they stop and resume.

mod cache;
mod disk;
mod folder;
mod resume;
mod signals;
