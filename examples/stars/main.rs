//! A custom task, trained like those of `bert-tasks`. `docs/tasks/adding-a-task.md` explains it step by step.
//!
//! ```text
//! cargo run --release -p bert-examples --example stars -- MODEL FILE   # a pre-trained BERT; columns `text` and `stars`
//! ```

#[allow(dead_code, reason = "this program has no registry")]
pub mod entry;
mod stars;

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Metrics, Splits, TextOptions};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::TextDataset;

use stars::{Stars, read};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [model, file] = arguments.as_slice() else {
        return Err(
            "expected MODEL FILE: the folder of a model, and a file with the columns `text` and `stars`"
                .into(),
        );
    };
    let start = Start::pretrained(model)?;
    run(start, file, Recipe::default(), Path::new("runs/example-stars")).map(drop)
}

/// Fine-tunes on nine tenths of `file`, and returns the metrics on the remaining tenth.
pub fn run(start: Start, file: &Path, recipe: Recipe, output: &Path) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (train_on, dev) = read(file)?.hold_out(0.1)?;
    let splits = Splits::new(train_on, dev);
    let session = Session::new(Stars, "stars", start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&TextOptions::default()), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;
    let tuned = FineTuned::<Stars>::load(run.dir(), &device)?;
    let texts = TextDataset::from_texts(Path::new("example"), &["Good, but late.".into()])?;
    println!("{:.1} stars: Good, but late.", tuned.answer(texts.examples())?[0]);
    Ok(metrics.last.expect("a finished run was evaluated"))
}
