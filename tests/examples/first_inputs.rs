//! How many of the inputs that a reader would try first does a demo's model answer correctly?
//!
//! ```text
//! cargo run --release -p bert-tests --example first_inputs -- RUN...
//! ```
//!
//! For each run of a demo it prints the inputs with a wrong answer, and the share of correct answers; for `bert train demo` also that
//! of the list that was written later. `scripts/demo-seeds` calls it.

use std::path::{Path, PathBuf};

use bert_tests::first_inputs::FirstInputs;
use bert_tests::first_sentences::{Answers, FIRST, LATER};
use burn::tensor::Device;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let device = Device::default();
    let mut right = true;
    for run in std::env::args_os().skip(1).map(PathBuf::from) {
        right &= match FirstInputs::of(&run, &device)? {
            Some(inputs) => report_inputs(&run, &inputs),
            None => report_sentences(&run, &device)?,
        };
    }
    if right {
        Ok(())
    } else {
        Err("fewer than 95 % are right, or one that the README or an example shows is wrong".into())
    }
}

/// Prints the answers of a run; returns whether they are good.
fn report_inputs(run: &Path, inputs: &FirstInputs) -> bool {
    for input in &inputs.wrong {
        println!("{}: wrong: {input}", run.display());
    }
    let right = inputs.count - inputs.wrong.len();
    println!("{}: {right} of {} right", run.display(), inputs.count);
    inputs.are_good()
}

/// The same of a run of `bert train demo`.
fn report_sentences(run: &Path, device: &Device) -> Result<bool, Box<dyn std::error::Error>> {
    let first = Answers::of(run, &FIRST, device)?;
    let later = Answers::of(run, &LATER, device)?;
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
