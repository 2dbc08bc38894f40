//! Options, from flags and from a settings file.

mod config_file;
mod flags;
mod validation;
