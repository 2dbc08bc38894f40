//! Pre-training, then fine-tuning: why BERT exists. A model first learns which words are masked in texts without labels, and then
//! learns a task from few labels.
//!
//! ```text
//! cargo run --release -p bert-examples --example pretraining                  # on generated sentences, without a network
//! cargo run --release -p bert-examples --example pretraining -- MODEL TEXTS   # pre-trains a BERT further on a text file
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{
    MaskedLanguageModelling, MaskedOptions, Metrics, SequenceClassification, Splits, TextOptions,
};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, Pair};
use datasets::{DataError, DocumentFile, Passage, PassageDataset, Source, TextDataset};

/// How many sentences the demo is pre-trained on.
const SENTENCES: usize = 30_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-pretraining"), SENTENCES).map(drop)
}

/// Pre-trains a model, fills some gaps, and returns the metrics of its last evaluation. Without arguments it trains on `size`
/// generated sentences, and then tells acceptable sentences from others.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let options = MaskedOptions {
        line_by_line: arguments.is_empty(),
        ..MaskedOptions::default()
    };
    let (start, splits, recipe) = match arguments {
        [] => {
            let recipe = Recipe {
                lr: 1e-3,
                ..Recipe::demo(3, 48)
            };
            (
                Start::compact_for_structure(demo::vocabulary())?,
                sentences(size)?,
                recipe,
            )
        }
        [model, texts] => {
            let (train, dev) = DocumentFile::new(texts).read()?.hold_out(0.1)?;
            (
                Start::pretrained(model)?,
                Splits::new(train, dev),
                Recipe::default(),
            )
        }
        _ => {
            return Err(
                "expected no arguments, or MODEL TEXTS: the folder of a model, and a text file".into(),
            );
        }
    };
    let task = MaskedLanguageModelling::new(&options);
    let session = Session::new(task, "texts", start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&options), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    let model = run.model_dir();
    let tuned = FineTuned::<MaskedLanguageModelling>::load(&model, &device)?;
    let texts = [
        "The [MASK] admire themselves.",
        "The king [MASK] the doctors.",
        "Which book did the [MASK] read?",
    ];
    let texts = TextDataset::from_texts(Path::new("example"), &texts.map(String::from))?;
    for answer in tuned.answer(PassageDataset::of_inputs(texts).examples())? {
        let words = answer.gaps[0].words.iter();
        let words: Vec<String> = words.map(|(word, p)| format!("{word} {p:.2}")).collect();
        println!("{:<36} {}", answer.text, words.join(", "));
    }
    if arguments.is_empty() {
        fine_tune(&model, &output.join("fine-tuned"), size, &device)?;
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}

/// Acceptable sentences without labels.
fn sentences(size: usize) -> Result<Splits<Passage>, DataError> {
    let (train, dev) = demo::pairs(&DemoConfig::of_size(2 * size, size / 16));
    let passages = |name: &str, pairs: Vec<Pair>| {
        let source = Source::file(name.as_ref());
        let passage = |(at, (acceptable, _)): (usize, Pair)| Passage {
            text: acceptable.text,
            document: at as u32,
            ends_document: true,
            is_input: false,
            source: source.line(at + 1),
        };
        PassageDataset::new(&source.file, pairs.into_iter().enumerate().map(passage).collect())
    };
    Ok(Splits::new(passages("train", train)?, passages("dev", dev)?))
}

/// Trains the pre-trained model to tell acceptable sentences from others.
fn fine_tune(model: &Path, output: &Path, size: usize, device: &Device) -> Result<(), Box<dyn Error>> {
    let data = demo::generate(&DemoConfig::of_size(size, size / 16));
    let task = SequenceClassification::new(demo::labels(), "matthews");
    let recipe = Recipe {
        lr: 4.5e-4,
        ..Recipe::demo(1, 48)
    };
    let session = Session::new(
        task,
        "demo",
        Start::pretrained(model)?,
        data.into(),
        recipe,
        device,
    )?;
    let run = Run::create(output, &session.run_config(&TextOptions::default()), true)?;
    train(session, &run, View::Lines, &Stop::default())?;
    Ok(())
}
