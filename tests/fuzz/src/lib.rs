//! What the fuzz targets share: limits of time and memory, a mutation that repeats, files from an input.
//!
//! A target is a function that reads the bytes of an input, and the inputs that it starts from. See docs/contributing.md.

mod files;
mod limits;
pub mod models;
mod repeat;
pub mod runs;
pub mod tables;
pub mod tokenizers;

use std::path::Path;

use libfuzzer_sys::Corpus;

pub use files::{Parts, file, folder, joined};
pub use repeat::mutate;

/// Longer inputs are tried, and not kept: all that come from them would be slow.
const KEPT: usize = 8 << 10;

/// A target: a function that reads `&[u8]`, and a function that returns the inputs to start from.
#[macro_export]
macro_rules! target {
    ($read:expr, $seeds:expr) => {
        libfuzzer_sys::fuzz_target!(init: $crate::start($seeds), |input: &[u8]| -> libfuzzer_sys::Corpus {
            $crate::run(input, $read)
        });
        libfuzzer_sys::fuzz_mutator!(|input: &mut [u8], size: usize, most: usize, seed: u32| {
            $crate::mutate(input, size, most, seed)
        });
    };
}

/// Before the first input: makes the inputs to start from, and writes them into the folder that `FUZZ_SEEDS` names.
pub fn start<T: AsRef<[u8]>>(seeds: impl FnOnce() -> Vec<T>) {
    limits::catch_stack_overflow();
    let seeds = seeds();
    if let Some(dir) = std::env::var_os("FUZZ_SEEDS") {
        for (number, seed) in seeds.into_iter().enumerate() {
            let path = Path::new(&dir).join(format!("seed-{number}"));
            std::fs::write(&path, seed).expect("the folder of the corpus can be written");
        }
    }
}

/// Reads an input within the limits.
pub fn run(input: &[u8], read: impl FnOnce(&[u8])) -> Corpus {
    limits::within(input.len(), || read(input));
    match input.len() > KEPT {
        true => Corpus::Reject,
        false => Corpus::Keep,
    }
}
