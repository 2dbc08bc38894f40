//! Fine-tunes a model and records the batches of each step, so that another program can repeat the same steps:
//! `scripts/replay` repeats them in PyTorch and compares losses, gradients and weights.
//!
//! ```text
//! cargo run --release -p bert-tests --example replay -- CORPUS MODEL DATA OUTPUT SEED EPOCHS [STEPS]
//! ```
//!
//! OUTPUT gets `start/` (the model with its head before the first step), `steps.jsonl` (the batches of each
//! step: token ids, segments and targets; for masked language modelling the ids as the model reads them, and the masked tokens) and `run/`, whose `log.jsonl` has each step's loss and gradient norm.

use std::any::Any;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use bert_core::store::{save_weights, write_folder};
use bert_tasks::language_modelling::LanguageModelInput;
use bert_tasks::language_modelling::masked::MaskedTarget;
use bert_tasks::{Batch, Corpus, Entry, Files, Task, TaskVisitor, visit_tasks};
use bert_train::Stop;
use bert_train::{BatchLoader, EncodedDataset, Order, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use serde_json::{Value, json};

/// Finds a corpus by its name, among all tasks.
struct Replay(Vec<String>);

impl TaskVisitor for Replay {
    type Output = Result<(), Box<dyn Error>>;

    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
        let [name, arguments @ ..] = self.0.as_slice() else {
            return ControlFlow::Break(Err("give a corpus, a model, its data, and where to write".into()));
        };
        match entry.corpus(name) {
            Some(corpus) => ControlFlow::Break(run(corpus, arguments)),
            None => ControlFlow::Continue(()),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    replay(std::env::args().skip(1).collect())
}

/// Runs with the arguments CORPUS, MODEL, DATA, OUTPUT, SEED, EPOCHS and optionally STEPS.
pub fn replay(arguments: Vec<String>) -> Result<(), Box<dyn Error>> {
    let found = visit_tasks(&mut Replay(arguments));
    found.unwrap_or_else(|| Err("no corpus has this name; see `bert tasks`".into()))
}

fn run<K: Task>(corpus: &Corpus<K>, arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [model, data, output, seed, epochs, steps @ ..] = arguments else {
        return Err("give a model, the corpus' data, where to write, a seed and a number of epochs".into());
    };
    let (output, device) = (Path::new(output), Device::default());
    let start = Start::pretrained(Path::new(model))?;
    let recipe = Recipe {
        seed: seed.parse()?,
        epochs: epochs.parse()?,
        logging_steps: 1,
        // PyTorch repeats the steps on the targets as they are.
        init_from_data: false,
        max_steps: steps.first().map(|steps| steps.parse()).transpose()?,
        ..Recipe::of_task::<K>()
    };
    let mut options = K::Options::default();
    (corpus.preset)(&mut options);
    let files = Files {
        data: Some(data.into()),
        ..Files::default()
    };
    let splits = (corpus.splits)(&files, &options)?;
    let task = K::from_data(&corpus.facts(), &splits.train, &options)?;
    let session = Session::new(task, corpus.name, start, splits, recipe.clone(), &device)?;

    write_folder(&output.join("start"), |dir| {
        save_weights(&session.model, session.config.weight_names(), dir)?;
        fs::write(dir.join("config.json"), session.config.to_json())?;
        Ok::<(), Box<dyn Error>>(())
    })?;
    let order = Order::Shuffled {
        seed: recipe.seed,
        by_length: recipe.group_by_length,
    };
    let (rows, tokenizer) = (session.train.clone(), &session.tokenizer);
    let loader = BatchLoader::new(&session.task, rows, order, recipe.batch_size, tokenizer, &device)
        .keeping_together(recipe.keep_together);
    let ends = loader.epoch_ends(recipe.epochs, recipe.max_steps);
    let mut file = BufWriter::new(File::create(output.join("steps.jsonl"))?);
    let steps = ends.last().copied().unwrap_or(0);
    for step in (0..ends.len())
        .flat_map(|epoch| loader.epoch_steps(epoch, 0))
        .take(steps)
    {
        let rows = step
            .batches
            .iter()
            .flat_map(|batch| rows_of(batch, &session.train));
        writeln!(file, "{}", json!(rows.collect::<Vec<_>>()))?;
    }
    file.flush()?;
    let run = Run::create(&output.join("run"), &session.run_config(&options), true)?;
    train(session, &run, View::Lines, &Stop::default())?;
    Ok(())
}

/// What a batch holds of each row.
fn rows_of<K: Task>(batch: &Batch<K::Input, K::Target>, data: &EncodedDataset<K>) -> Vec<Value> {
    let rows = batch.rows.iter().map(|&place| json!(data.get(place)));
    let (input, targets): (&dyn Any, &dyn Any) = (&batch.input, &batch.targets);
    if let (Some(input), Some(targets)) = (input.downcast_ref(), targets.downcast_ref()) {
        return masked_rows(input, targets, rows);
    }
    let row = |row: Value| {
        let encoding = &row["encoding"];
        let runs = encoding["segments"].as_array().into_iter().flatten();
        let segments = runs.flat_map(|run| {
            let tokens = run[1].as_u64().unwrap_or_default();
            std::iter::repeat_n(run[0].clone(), tokens as usize)
        });
        let segments: Vec<Value> = segments.collect();
        json!({"ids": encoding["ids"], "segments": segments, "target": row["target"]})
    };
    rows.map(row).collect()
}

/// The same where tokens are masked when a batch is made: the ids as the model reads them, and place and id of each masked token.
fn masked_rows(
    input: &LanguageModelInput,
    targets: &Vec<MaskedTarget>,
    rows: impl Iterator<Item = Value>,
) -> Vec<Value> {
    let encoder = input.encoder.clone().with_padding();
    let [_, length] = encoder.dims();
    let read: Vec<i32> = encoder.tokens().ids.to_data().iter().collect();
    let batch = rows
        .zip(read.chunks(length))
        .zip(input.predicted.iter())
        .zip(targets);
    batch
        .map(|(((row, read), masked), target)| {
            let tokens = row["ids"].as_array().map_or(0, Vec::len);
            let segments =
                (0..tokens).map(|place| u32::from(place as u64 >= row["first"].as_u64().unwrap_or(0)));
            let masked: Vec<_> = masked.iter().map(|token| (token.position, token.id)).collect();
            let segments: Vec<u32> = segments.collect();
            json!({"ids": read[..tokens], "segments": segments, "target": masked, "is_next": target.is_next})
        })
        .collect()
}
