//! The `bert` program as users run it: its output, its errors, and how it stops.

mod inputs;
mod options;
mod outputs;
mod program;
mod runs;
mod search;
mod tasks;
mod tokenizer;
