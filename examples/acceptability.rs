//! Single-text classification: is a sentence grammatical? Real data: the Corpus of Linguistic Acceptability.
//!
//! ```text
//! cargo run --release -p bert-examples --example acceptability                 # on generated sentences, without a network
//! cargo run --release -p bert-examples --example acceptability -- MODEL DATA   # a pre-trained BERT, and CoLA's folder
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Metrics, SequenceClassification, Splits, TextOptions};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, acceptability};
use datasets::{Cola, TextDataset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(
        &arguments,
        Path::new("runs/example-acceptability"),
        acceptability::TRAIN,
    )
    .map(drop)
}

/// Fine-tunes a model, shows some of its answers, and returns its metrics. Without arguments, it trains on
/// `size` generated examples.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (corpus, start, splits, recipe) = match arguments {
        [] => {
            let generated = demo::generate(&DemoConfig::of_size(size, size / 16));
            let start = Start::compact_for_structure(demo::vocabulary())?;
            // A sentence and its counterpart stay in one batch, so that a step learns from what differs between them.
            let recipe = Recipe {
                lr: 8e-4,
                batch_size: 32,
                keep_together: 2,
                ..Recipe::demo(2, 48)
            };
            ("demo", start, generated.into(), recipe)
        }
        [model, data] => {
            let splits = Splits::new(Cola::train(data)?, Cola::dev(data)?);
            ("cola", Start::pretrained(model)?, splits, Recipe::default())
        }
        _ => return Err("expected no arguments, or MODEL DATA: the folders of a model and of CoLA".into()),
    };
    let task = SequenceClassification::new(Cola::labels(), "matthews");
    let session = Session::new(task, corpus, start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&TextOptions::default()), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    // The run folder holds the fine-tuned model. Any program can load it from there.
    let tuned = FineTuned::<SequenceClassification>::load(run.dir(), &device)?;
    let texts = [
        "The painters near the king admire themselves.",
        "The painters near the king admire himself.",
        "What did the singer repair?",
        "What did the singer repair the lamp?",
    ];
    let texts = TextDataset::from_texts(Path::new("example"), &texts.map(String::from))?;
    for (text, answer) in texts.examples().iter().zip(tuned.answer(texts.examples())?) {
        let label = tuned.task.labels().name(answer.label);
        let probability = answer.probabilities[answer.label];
        println!("{label:>12} {probability:.3}  {}", text.text);
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}
