//! A language model that begins as BERT: it learns to read from left to right, and then writes.
//!
//! ```text
//! cargo run --release -p bert-examples --example language_model                  # on generated sentences, without a network
//! cargo run --release -p bert-examples --example language_model -- MODEL TEXTS   # from a pre-trained BERT, on a text file
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{
    CausalLanguageModelling, CausalOptions, Generation, Metrics, Sampling, Splits, TextScoring,
};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, Pair};
use datasets::{DataError, DocumentFile, Passage, PassageDataset, Source, TextDataset};

/// How many sentences the model learns from.
const SENTENCES: usize = 30_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-language-model"), SENTENCES).map(drop)
}

/// Trains a model, lets it write, and returns the metrics of its last evaluation. Without arguments it trains on `size` generated
/// sentences.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let device = Device::default();
    let (start, splits, recipe) = match arguments {
        [] => {
            let recipe = Recipe {
                lr: 1e-3,
                ..Recipe::demo(3, 48)
            };
            let start = Start::compact_for_structure(demo::vocabulary())?;
            (start, sentences(size)?, recipe)
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
    let task = CausalLanguageModelling::new();
    let session = Session::new(task, "texts", start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&CausalOptions::default()), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    let tuned = FineTuned::<CausalLanguageModelling>::load(&run.model_dir(), &device)?;
    let tokenizer = &tuned.tokenizer;
    let generation = Generation {
        max_new_tokens: 20,
        sequences: 3,
        end: Some(tokenizer.sep_id()),
        sampling: Sampling {
            temperature: 1.0,
            top_p: Some(0.9),
            ..Sampling::GREEDY
        },
    };
    for prompt in ["The painters", "Which book"] {
        let mut ids = vec![tokenizer.cls_id()];
        ids.extend(tokenizer.tokenize(prompt)?.ids);
        for written in tuned.model.write_on(&ids, &generation)? {
            let text = tokenizer.decode(&[&ids[1..], &written.ids].concat());
            println!("{text:<48} {:.1}", written.log_probability);
        }
    }

    let texts = [
        "The painters near the king admire themselves.",
        "The painters near the king admire himself.",
    ];
    let texts = TextDataset::from_texts("examples".as_ref(), &texts.map(String::from))?;
    let scores = tuned.answer_as(&TextScoring::new(tokenizer)?, texts.examples())?;
    for (example, score) in texts.examples().iter().zip(scores.concat()) {
        let text = &example.text;
        println!(
            "{text:<48} {:.1}, perplexity {:.1}",
            score.log_likelihood,
            score.perplexity()
        );
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
