//! Text-pair classification: does the second sentence follow from the first? Real data: SNLI.
//!
//! ```text
//! cargo run --release -p bert-examples --example inference                 # on generated sentences, without a network
//! cargo run --release -p bert-examples --example inference -- MODEL DATA   # a pre-trained BERT, and SNLI's folder
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Metrics, SequenceClassification, Splits, TextOptions};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, inference};
use datasets::{PairCorpus, TextDataset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-inference"), 36000).map(drop)
}

/// Fine-tunes a model, shows some of its answers, and returns its metrics. Without arguments, it trains on
/// `size` generated examples.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (corpus, start, splits, recipe) = match arguments {
        [] => {
            let generated = inference::generate(&DemoConfig::of_size(size, size / 16));
            let start = Start::compact_for_pairs(demo::vocabulary())?;
            let recipe = Recipe {
                batch_size: 18,
                // The three pairs with the same first sentence share a batch.
                keep_together: 3,
                warmup: 0.3,
                ..Recipe::demo(2, 48)
            };
            ("demo-pairs", start, generated.into(), recipe)
        }
        [model, data] => {
            let snli = PairCorpus::by_name("snli").expect("a known corpus");
            let splits = Splits::new(snli.train(data)?, snli.dev(data)?);
            ("snli", Start::pretrained(model)?, splits, Recipe::default())
        }
        _ => return Err("expected no arguments, or MODEL DATA: the folders of a model and of SNLI".into()),
    };
    let task = SequenceClassification::new(splits.train.labels()?, "accuracy");
    let session = Session::new(task, corpus, start, splits, recipe, &device)?;
    let options = TextOptions {
        pairs: true,
        ..TextOptions::default()
    };
    let run = Run::create(output, &session.run_config(&options), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    // The run folder holds the fine-tuned model. Any program can load it from there.
    let tuned = FineTuned::<SequenceClassification>::load(run.dir(), &device)?;
    let premise = "The old painter repaired the lamp.";
    let hypotheses = [
        "The lamp was mended by the painter.",
        "The lamp was not repaired by the old painter.",
        "The old painter repaired the lamp near the cart.",
    ];
    let pairs = TextDataset::from_pairs(Path::new("example"), &hypotheses.map(|text| (premise, text)))?;
    for (hypothesis, answer) in hypotheses.iter().zip(tuned.answer(pairs.examples())?) {
        let label = tuned.task.labels().name(answer.label);
        println!(
            "{label:>13} {:.3}  {premise} {hypothesis}",
            answer.probabilities[answer.label]
        );
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}
