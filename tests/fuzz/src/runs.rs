//! A small run, and what is read of a run's folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bert_tests::reviews::{recipe, run_in, session};
use bert_train::Recipe;
use bert_train::Stop;
use burn::tensor::Device;

use crate::folder;

/// The folder of a finished run of four steps.
pub fn run() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let recipe = Recipe {
            epochs: 1,
            logging_steps: 2,
            ..recipe()
        };
        let dir = folder().join("run");
        run_in(&dir, session(recipe, &Device::default()), &Stop::default()).expect("it ends");
        dir
    })
}

/// A file of the run.
pub fn of_run(name: &str) -> Vec<u8> {
    fs::read(run().join(name)).expect("the run has it")
}

/// Whether the header of a file in Burn's format says that its content is longer than the file: Burn allocates what the header
/// says. The program reads only files whose checksums it has compared.
pub fn overstates(file: &[u8]) -> bool {
    let length = file.get(6..10).and_then(|bytes| bytes.try_into().ok());
    length.is_some_and(|bytes| u32::from_le_bytes(bytes) as usize > file.len())
}

/// The only checkpoint of the run.
pub fn checkpoint() -> PathBuf {
    let mut checkpoints = fs::read_dir(run().join("checkpoints")).expect("the run has some");
    let first = checkpoints.next().expect("the run has one");
    first.expect("the folder can be read").path()
}
