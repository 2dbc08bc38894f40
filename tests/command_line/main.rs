//! The `bert` program as its users meet it: what it writes, what it refuses, and how it stops.

mod disk;
mod models;
mod options;
mod program;
mod runs;
mod signals;
mod tasks;
mod texts;
