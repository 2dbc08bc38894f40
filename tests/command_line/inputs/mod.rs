//! What a user gives: texts, a model folder, a name on the hub.

mod files;
mod hub;
mod models;
mod streams;
mod texts;
