//! Single-text classification: is a sentence positive or negative? Real data: sentences of film reviews (SST-2).
//!
//! ```text
//! cargo run --release -p bert-examples --example sentiment                 # on generated sentences, without a network
//! cargo run --release -p bert-examples --example sentiment -- MODEL DATA   # a pre-trained BERT, and SST-2's folder
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Metrics, SequenceClassification, Splits, TextOptions};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, sentiment};
use datasets::{Sst2, TextDataset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-sentiment"), 8000).map(drop)
}

/// Fine-tunes a model, shows some of its answers, and returns its metrics. Without arguments, it trains on
/// `size` generated examples.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (corpus, start, splits, recipe) = match arguments {
        [] => {
            let generated = sentiment::generate(&DemoConfig::of_size(size, size / 16));
            let start = Start::compact(demo::vocabulary())?;
            ("demo-sentiment", start, generated.into(), Recipe::demo(4, 32))
        }
        [model, data] => {
            let splits = Splits::new(Sst2::train(data)?, Sst2::dev(data)?);
            ("sst2", Start::pretrained(model)?, splits, Recipe::default())
        }
        _ => return Err("expected no arguments, or MODEL DATA: the folders of a model and of SST-2".into()),
    };
    let task = SequenceClassification::new(Sst2::labels(), "accuracy");
    let session = Session::new(task, corpus, start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&TextOptions::default()), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    // The run folder holds the fine-tuned model. Any program can load it from there.
    let tuned = FineTuned::<SequenceClassification>::load(run.dir(), &device)?;
    let texts = [
        "The garden near the ugly monk was lovely.",
        "The lovely garden was never superb.",
        "The picture was hardly dull.",
    ];
    let texts = TextDataset::from_texts(Path::new("example"), &texts.map(String::from))?;
    for (text, answer) in texts.examples().iter().zip(tuned.answer(texts.examples())?) {
        let label = tuned.task.labels().name(answer.label);
        let probability = answer.probabilities[answer.label];
        println!("{label:>8} {probability:.3}  {}", text.text);
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}
