//! Models and data sets of the hub.

mod datasets;
mod models;
mod paths;
mod server;
mod token;
