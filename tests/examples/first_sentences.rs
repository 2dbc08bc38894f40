//! How many of the sentences that a reader would try first does the demo's model answer correctly?
//!
//! ```text
//! cargo run --release -p bert-tests --example first_sentences -- RUN...
//! ```
//!
//! For each run of `bert train demo` it prints the sentences with a wrong answer, and the share of correct answers for the list
//! that the training data leaves out and for the list that was written later. `scripts/demo-seeds` calls it.

use std::path::{Path, PathBuf};

use bert_tests::first_sentences::{Answers, FIRST, LATER};
use burn::tensor::Device;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut right = true;
    for run in std::env::args_os().skip(1).map(PathBuf::from) {
        right &= report(&run)?;
    }
    if right {
        Ok(())
    } else {
        Err("fewer than 95 % are right, or one of the README's is wrong".into())
    }
}

/// Prints the answers of a run; returns whether they are as good as the README says.
fn report(run: &Path) -> Result<bool, Box<dyn std::error::Error>> {
    let device = Device::default();
    let first = Answers::of(run, &FIRST, &device)?;
    let later = Answers::of(run, &LATER, &device)?;
    for sentence in first.wrong.iter().chain(&later.wrong) {
        println!("{}: wrong: {sentence}", run.display());
    }
    println!(
        "{}: first {:.3}, later {:.3}",
        run.display(),
        first.accuracy(),
        later.accuracy()
    );
    Ok(first.accuracy() >= 0.95 && first.readme_is_right())
}
