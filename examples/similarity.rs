//! Text-pair regression: how similar are two sentences, from 0 to 5? Real data: STS-B.
//!
//! ```text
//! cargo run --release -p bert-examples --example similarity                 # on generated sentences, without a network
//! cargo run --release -p bert-examples --example similarity -- MODEL DATA   # a pre-trained BERT, and STS-B's folder
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Metrics, ScoreOptions, SequenceRegression, Splits};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, similarity};
use datasets::{ScoredDataset, StsB, TextDataset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-similarity"), 24000).map(drop)
}

/// Fine-tunes a model, shows some of its answers, and returns its metrics. Without arguments, it trains on
/// `size` generated examples.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (corpus, start, splits, recipe) = match arguments {
        [] => {
            let generated = similarity::generate(&DemoConfig::of_size(size, size / 16));
            let start = Start::compact(demo::vocabulary())?;
            ("demo-scores", start, generated.into(), Recipe::demo(2, 48))
        }
        [model, data] => {
            let splits = Splits::new(StsB::train(data)?, StsB::dev(data)?);
            ("stsb", Start::pretrained(model)?, splits, Recipe::default())
        }
        _ => return Err("expected no arguments, or MODEL DATA: the folders of a model and of STS-B".into()),
    };
    let task = SequenceRegression::new("pearson", None);
    let session = Session::new(task, corpus, start, splits, recipe, &device)?;
    let options = ScoreOptions {
        pairs: true,
        ..ScoreOptions::default()
    };
    let run = Run::create(output, &session.run_config(&options), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    // The run folder holds the fine-tuned model. Any program can load it from there.
    let tuned = FineTuned::<SequenceRegression>::load(run.dir(), &device)?;
    let first = "The old painter greeted the nun near the cart.";
    let others = [
        "The nun was greeted by the old painter near the cart.",
        "The old nun greeted the painter near the cart.",
        "The kind doctor enjoyed the book behind the chair.",
    ];
    let pairs = TextDataset::from_pairs(Path::new("example"), &others.map(|text| (first, text)))?;
    let pairs = ScoredDataset::unscored(pairs);
    for (other, score) in others.iter().zip(tuned.answer(pairs.examples())?) {
        println!("{score:5.2}  {first} {other}");
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}
