//! `bert eval`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use bert_core::parse_device;
use bert_tasks::{Corpus, Task};
use bert_train::interrupt::{STOPPED, Stop};
use bert_train::{BatchLoader, FineTuned, Order, evaluate};
use datasets::Labels;
use serde_json::Value;

use super::{CommandError, check_length, tell_truncated};
use crate::cli::Eval;

/// Evaluates, as asked.
pub fn run(args: &Eval) -> Result<ExitCode, CommandError> {
    let device = parse_device(&args.device.device)?;
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let mut tuned = FineTuned::load(&args.run, &device)?;
    let corpus = match (args.task, &tuned.run) {
        (Some(name), _) => name.into(),
        (None, Some(run)) => run.task,
        (None, None) => Corpus::Classify,
    };
    let mut files = args.files.files();
    if let Some(run) = &tuned.run {
        files.data = files.data.or_else(|| match run.task {
            // Of a user's single file, the rows that were held out are not in a file of their own.
            Corpus::Classify => run.files.dev.clone(),
            _ => run.files.data.clone(),
        });
        files.text_column = files.text_column.or_else(|| run.files.text_column.clone());
        files.label_column = files.label_column.or_else(|| run.files.label_column.clone());
    }
    let data = corpus.dev(&files)?;
    let known = corpus.labels().or_else(|| data.labels().ok());
    if let Some(labels) = known.filter(|labels| tuned.adopt_labels(labels)) {
        tell_adopted(&labels);
    }
    let max_length = args.max_length.unwrap_or(tuned.max_length());
    check_length(max_length, &tuned.config)?;
    let targets: Vec<u32> = data
        .require_labels(tuned.task.labels())?
        .into_iter()
        .map(|index| index as u32)
        .collect();
    let features = tuned
        .task
        .encode(data.examples(), Some(&targets), &tuned.tokenizer, max_length)?;
    let truncated = features.iter().filter(|f| f.encoding.truncated).count();
    tell_truncated("data", truncated, features.len(), max_length);
    let loader = BatchLoader::new(
        Arc::new(features),
        Order::ByLength,
        args.batch_size,
        tuned.tokenizer.pad_id(),
        &device,
    );
    let terminal = std::io::stderr().is_terminal();
    let total = loader.len();
    let outcome = evaluate(&tuned.task, &tuned.model, &loader, |done| {
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
        for ((example, target), logits) in data.examples().iter().zip(&targets).zip(&evaluation.logits) {
            let mut line = tuned.task.show(example);
            line.extend(tuned.task.describe(logits, Some(target)));
            text += &Value::from(line).to_string();
            text.push('\n');
        }
        std::fs::write(path, text).map_err(|e| CommandError::io(path, e))?;
    }
    let mut metrics = evaluation.metrics.clone();
    metrics.set("loss", evaluation.loss);
    metrics.set("texts", total as f64);
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

fn tell_adopted(labels: &Labels) {
    let names: Vec<String> = labels
        .iter()
        .enumerate()
        .map(|(index, name)| format!("LABEL_{index} as {name}"))
        .collect();
    eprintln!("the model does not name its labels: taking {}", names.join(", "));
}
