//! How messages spell options: as flags of the command line.

/// The flag of an option, from its field's name: `--max-length` for `max_length`.
pub fn flag(option: &str) -> String {
    format!("--{}", option.replace('_', "-"))
}
