//! `bert eval`.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use bert_core::parse_device;
use bert_tasks::{Corpus, Task};
use bert_train::fine_tuned::{ModelFolder, WithTask, corpus};
use bert_train::interrupt::{STOPPED, Stop};
use bert_train::session::{check_length, truncated};
use bert_train::{BatchLoader, FineTuned, Order, evaluate};
use burn::tensor::Device;
use serde_json::Value;

use super::CommandError;
use crate::cli::Eval;

/// Evaluates, as asked.
pub fn run(args: &Eval) -> Result<ExitCode, CommandError> {
    let device = parse_device(&args.device.device)?;
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    ModelFolder::open(&args.run)?.with_task(Evaluate { args, device, stop })?
}

struct Evaluate<'a> {
    args: &'a Eval,
    device: Device,
    stop: Stop,
}

impl WithTask for Evaluate<'_> {
    type Output = Result<ExitCode, CommandError>;

    fn with<K: Task>(self, folder: ModelFolder) -> Self::Output {
        let Self { args, device, stop } = self;
        if let Some(path) = &args.predictions {
            // Now, and not after an evaluation that may take an hour.
            let dir = std::path::absolute(path)
                .ok()
                .and_then(|path| path.parent().map(Path::to_path_buf));
            if !dir.is_some_and(|dir| dir.is_dir()) {
                let path = path.display();
                return Err(CommandError::Option(format!(
                    "--predictions {path}: there is no such folder"
                )));
            }
        }
        let corpus = chosen::<K>(args, &folder)?;
        let mut options = folder.options::<K>()?;
        (corpus.preset)(&mut options);
        let options = args.options.over(&options);
        let mut files = args.files.clone();
        let trained = folder.run.as_ref().filter(|run| run.task == corpus.name);
        if let (Some(run), None, None) = (trained, &files.data, &files.dev) {
            files = run.files.clone();
            // Of a single file, the examples that were held out are in no file of their own.
            if files.dev.is_none() && files.data.as_deref().is_some_and(|data| data.is_file()) {
                files.data = None;
            }
        }
        let data = (corpus.dev)(&files, &options)?;
        let mut tuned: FineTuned<K> = folder.load(options, &device)?;
        if let Some(note) = tuned.task.adopt_labels(corpus, &data) {
            eprintln!("{note}");
        }
        let max_length = args.max_length.unwrap_or(tuned.max_length());
        check_length(max_length, &tuned.config).map_err(CommandError::Option)?;
        tuned.task.check(&data)?;
        let rows = tuned.task.encode(data.examples(), &tuned.tokenizer, max_length)?;
        let notes = tuned
            .task
            .remarks(&data)
            .into_iter()
            .chain(truncated(&rows, max_length));
        notes.for_each(|note| eprintln!("{note}"));
        let pad = tuned.tokenizer.pad_id();
        let loader = BatchLoader::new(Arc::new(rows), Order::ByLength, args.batch_size, pad, &device);
        let terminal = std::io::stderr().is_terminal();
        let total = loader.len();
        let outcome = evaluate(&tuned.task, &tuned.model, &loader, data.examples(), |done| {
            if terminal {
                eprint!("\r{done} of {total} texts");
            }
            !stop.asked()
        });
        if terminal {
            eprintln!();
        }
        let Some(evaluation) = outcome else {
            eprintln!("bert: stopped; nothing was written");
            return Ok(ExitCode::from(STOPPED as u8));
        };
        if let Some(path) = &args.predictions {
            let mut text = String::new();
            for (example, answer) in data.examples().iter().zip(&evaluation.answers) {
                text += &Value::from(tuned.task.line(example, answer)).to_string();
                text.push('\n');
            }
            std::fs::write(path, text).map_err(|e| CommandError::io(path, e))?;
            for (name, content) in tuned.task.files(data.examples(), &evaluation.answers) {
                let path = path.with_file_name(name);
                std::fs::write(&path, content).map_err(|e| CommandError::io(path, e))?;
            }
        }
        let mut metrics = evaluation.metrics.clone();
        metrics.set("loss", evaluation.loss);
        metrics.set("examples", data.len() as f64);
        metrics.set("texts_per_second", total as f64 / evaluation.seconds);
        let text = if args.json {
            serde_json::to_string_pretty(&metrics).expect("metrics are always JSON") + "\n"
        } else {
            metrics
                .iter()
                .map(|(name, value)| format!("{name:<18} {value:.4}\n"))
                .collect()
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(|e| CommandError::io("standard output", e))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The corpus asked for, else the run's, else the one of users' own files.
fn chosen<K: Task>(args: &Eval, folder: &ModelFolder) -> Result<&'static Corpus<K>, CommandError> {
    let names = || {
        K::corpora()
            .iter()
            .map(|corpus| corpus.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let asked = args
        .corpus
        .as_deref()
        .or(folder.run.as_ref().map(|run| run.task.as_str()));
    match asked {
        Some(name) => corpus::<K>(name).ok_or_else(|| {
            let task = K::NAME;
            CommandError::Option(format!(
                "--corpus {name}: this model does {task}; its corpora are {}",
                names()
            ))
        }),
        None => Ok(K::corpora().last().expect("a task has a corpus")),
    }
}
