//! `bert predict`.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bert_core::{Mode, parse_device};
use bert_tasks::corpus::{Files, read};
use bert_tasks::{Batch, Task, TaskModel};
use bert_train::FineTuned;
use datasets::TextDataset;
use serde_json::Value;

use super::{CommandError, check_length, tell_truncated};
use crate::cli::Predict;

/// Labels texts, as asked.
pub fn run(args: &Predict) -> Result<ExitCode, CommandError> {
    let device = parse_device(&args.device.device)?;
    let tuned = FineTuned::load(&args.run, &device)?;
    let max_length = args.max_length.unwrap_or(tuned.max_length());
    check_length(max_length, &tuned.config)?;
    let data = texts(args)?;
    let features = tuned
        .task
        .encode(data.examples(), None, &tuned.tokenizer, max_length)?;
    let truncated = features.iter().filter(|f| f.encoding.truncated).count();
    tell_truncated("input", truncated, features.len(), max_length);
    let features = Arc::new(features);
    let rows: Vec<usize> = (0..features.len()).collect();
    let mut out = io::stdout().lock();
    // In the order they came, so that each batch can be written when it is done.
    for rows in rows.chunks(args.batch_size) {
        let pad = tuned.tokenizer.pad_id();
        let batch = Batch::new(&features, rows, pad, Mode::Inference, &device);
        let logits = tuned.model.forward(&batch.input, Mode::Inference);
        let [_, places, outputs] = logits.dims();
        let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
        for (&row, logits) in rows.iter().zip(values.chunks(places * outputs)) {
            let mut line = tuned.task.show(&data.examples()[row]);
            line.extend(tuned.task.describe(logits, None));
            match writeln!(out, "{}", Value::from(line)) {
                // The reader has had enough: `bert predict … | head` is no failure.
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
                outcome => outcome.map_err(|e| CommandError::io("standard output", e))?,
            }
        }
    }
    out.flush().map_err(|e| CommandError::io("standard output", e))?;
    Ok(ExitCode::SUCCESS)
}

fn texts(args: &Predict) -> Result<TextDataset, CommandError> {
    match &args.file {
        Some(path) if path.extension().is_some_and(|extension| extension == "txt") => {
            let bytes = std::fs::read(path).map_err(|e| CommandError::io(path, e))?;
            lines(path, &bytes)
        }
        Some(path) => {
            let files = Files {
                text_column: args.text_column.clone(),
                ..Files::default()
            };
            Ok(read(path, &files, false)?)
        }
        None if args.texts.is_empty() => {
            let source = PathBuf::from("standard input");
            let mut bytes = Vec::new();
            io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|e| CommandError::io(&source, e))?;
            lines(&source, &bytes)
        }
        None => Ok(TextDataset::from_texts(Path::new("arguments"), &args.texts)?),
    }
}

/// A text a line.
fn lines(source: &Path, bytes: &[u8]) -> Result<TextDataset, CommandError> {
    Ok(TextDataset::from_lines(source, bytes)?)
}
