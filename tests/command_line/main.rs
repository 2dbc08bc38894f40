//! The `bert` program as users run it: its output, its errors, and how it stops.

mod cache;
mod disk;
mod hub;
mod models;
mod options;
mod pages;
mod program;
mod regression;
mod resume;
mod runs;
mod settings;
mod signals;
mod tasks;
mod texts;
