//! Text tagging: the part of speech of each word. Real data: a treebank of Universal Dependencies.
//!
//! ```text
//! cargo run --release -p bert-examples --example tagging                 # on generated sentences, without a network
//! cargo run --release -p bert-examples --example tagging -- MODEL DATA   # a pre-trained BERT, and a treebank's folder
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{Metrics, Splits, TagOptions, TokenTagging};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, tags};
use datasets::{TagCorpus, TagFile, TaggedDataset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-tagging"), 14000).map(drop)
}

/// Fine-tunes a model, shows some of its answers, and returns its metrics. Without arguments, it trains on
/// `size` generated examples.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (corpus, start, splits, recipe) = match arguments {
        [] => {
            let generated = tags::generate(&DemoConfig::of_size(size, size / 16));
            let start = Start::compact(demo::vocabulary())?;
            ("demo-tags", start, generated.into(), Recipe::demo(4, 32))
        }
        [model, data] => {
            let treebank = TagCorpus::UniversalDependencies;
            let read = |file: PathBuf| TagFile::new(&file).read();
            let splits = Splits::new(read(treebank.train(data)?)?, read(treebank.test(data)?)?);
            ("pos", Start::pretrained(model)?, splits, Recipe::default())
        }
        _ => {
            return Err(
                "expected no arguments, or MODEL DATA: the folders of a model and of a treebank".into(),
            );
        }
    };
    let task = TokenTagging::new(splits.train.labels()?, 32);
    let session = Session::new(task, corpus, start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&TagOptions::default()), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    // The run folder holds the fine-tuned model. Any program can load it from there.
    let tuned = FineTuned::<TokenTagging>::load(run.dir(), &device)?;
    let texts = [
        "The painters book the slow cart.",
        "That book is older than this painter.",
        "She books him near the works.",
    ];
    let texts = TaggedDataset::from_texts(Path::new("example"), &texts.map(String::from))?;
    for (text, answer) in texts.examples().iter().zip(tuned.answer(texts.examples())?) {
        for (word, &label) in text.words.iter().zip(&answer.labels) {
            print!("{word}/{} ", tuned.task.labels().name(label));
        }
        println!();
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}
