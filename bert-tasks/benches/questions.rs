//! How long the questions of a SQuAD file take before and after the model: tokenising and windows, and the search for
//! answers in outputs.
//!
//! `cargo bench -p bert-tasks --bench questions -- VOCAB_DIR DEV.json` prints one JSON line for each. The outputs are
//! noise, which has more good spans than a model's have. `scripts/bench/questions` runs it beside Python.

use std::path::PathBuf;
use std::time::Instant;

use bert_core::BertTokenizer;
use bert_tasks::question_answering::QuestionRow;
use bert_tasks::{Decode, Encode, QuestionAnswering, QuestionOptions};
use burn::tensor::{Device, Tensor, TensorData};
use clap::Parser;
use datasets::Squad;
use serde_json::json;

/// Measures the work on questions outside the model.
#[derive(Parser)]
struct Options {
    /// A folder with tokenizer.json or vocab.txt.
    tokenizer: PathBuf,
    /// A file of questions.
    questions: PathBuf,
    /// Most tokens of a row.
    #[arg(long, default_value_t = 384)]
    length: usize,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    if let Err(error) = run(&options) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let tokenizer = BertTokenizer::from_dir(&options.tokenizer)?;
    let task = QuestionAnswering::new(QuestionOptions::default());
    let start = Instant::now();
    let data = Squad::file(&options.questions)?;
    let read = start.elapsed();
    let start = Instant::now();
    let rows = task.encode(data.examples(), &tokenizer, options.length)?;
    let line = |what: &str, seconds: f64| {
        let (program, questions, rows) = ("bert", data.len(), rows.len());
        println!(
            "{}",
            json!({"what": what, "program": program, "questions": questions, "rows": rows, "seconds": seconds})
        );
    };
    line("reading", read.as_secs_f64());
    line("tokenising and windows", start.elapsed().as_secs_f64());
    let mut state = 1u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 1e6
    };
    let values =
        |row: &QuestionRow| -> Vec<f32> { (0..2 * row.encoding.ids.len()).map(|_| noise()).collect() };
    let logits: Vec<Vec<f32>> = rows.iter().map(values).collect();
    let start = Instant::now();
    let mut outputs = rows.iter().zip(logits).flat_map(|(row, logits)| {
        let logits = TensorData::new(logits, [1, row.encoding.ids.len(), 2]);
        let logits = Tensor::from_data(logits, &Device::default());
        task.row_outputs(logits, std::slice::from_ref(row))
    });
    let mut answers = Vec::with_capacity(data.len());
    for rows in rows.chunk_by(|a, b| a.example == b.example) {
        let example = &data.examples()[rows[0].example];
        answers.push(task.decode(example, rows, outputs.by_ref().take(rows.len()).collect()));
    }
    line("answers", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let scores = data.examples().iter().zip(&answers);
    let scores: Vec<_> = scores
        .filter_map(|(example, answer)| task.score(example, answer))
        .collect();
    let metrics = task.metrics(&scores);
    line("scores", start.elapsed().as_secs_f64());
    assert!(metrics.get("f1").is_some());
    Ok(())
}
