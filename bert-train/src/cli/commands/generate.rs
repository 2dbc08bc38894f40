//! `bert generate`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::{
    CausalLanguageModelling, CausalOptions, Continuation, Generation, Inputs, Sampling, TaskError,
};
use bert_train::FineTuned;
use bert_train::fine_tuned::ModelFolder;
use bert_train::progress::ProgressLine;
use clap::Args;
use datasets::{Message, Source};
use serde_json::json;

use crate::cli::error::CommandError;
use crate::cli::flags::{Count, DeviceFlag, Finite, parse_seed};
use crate::cli::input::{data_files, texts};

/// `bert generate`.
#[derive(Args, Debug)]
pub struct Generate {
    /// A run folder of `bert train lm`, or the folder of a causal language model in Hugging Face's layout.
    run: PathBuf,
    /// The beginnings of texts; "" for none. Without prompts and without --file, they are read from standard input.
    prompts: Vec<String>,
    /// File of prompts: .txt with one per line, or .csv, .tsv, .json, .jsonl or .parquet with a column of texts.
    #[arg(long, value_name = "FILE", conflicts_with = "prompts")]
    file: Option<PathBuf>,
    /// Maximum number of tokens to write after a prompt.
    #[arg(long, value_name = "N", default_value = "50")]
    max_new_tokens: Count,
    /// Sampling temperature: higher is more random; 0 always takes the most probable token [default: 0, or 1 with
    /// --top-k or --top-p].
    #[arg(long, value_name = "T")]
    temperature: Option<Finite>,
    /// Draw only from the N most probable tokens.
    #[arg(long, value_name = "N")]
    top_k: Option<Count>,
    /// Draw only from the most probable tokens that together reach this share of the probability.
    #[arg(long, value_name = "SHARE")]
    top_p: Option<Finite>,
    /// Seed of the random draws.
    #[arg(long, value_name = "N", default_value = "0", value_parser = parse_seed)]
    seed: u64,
    /// Texts to write after each prompt.
    #[arg(long, value_name = "N", default_value = "1")]
    num_sequences: Count,
    /// Column with the prompts, in tables [default: guessed from the header].
    #[arg(long, value_name = "NAME", requires = "file")]
    text_column: Option<String>,
    /// Print JSON on a terminal, too.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    device: DeviceFlag,
}

/// Writes texts.
pub fn run(args: &Generate) -> Result<ExitCode, CommandError> {
    let device = args.device.open()?;
    let mut generation = generation(args);
    generation.check()?;
    // A run has the options of its training.
    let folder = ModelFolder::open(&args.run)?;
    let tuned: FineTuned<CausalLanguageModelling> = folder.load(CausalOptions::default(), &device)?;
    let tokenizer = &tuned.tokenizer;
    generation.end = Some(tokenizer.sep_id());
    let prompts = prompts(args)?;
    let plain = io::stdout().is_terminal() && !args.json;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut progress = ProgressLine::of_texts(Some(prompts.len())).beside_answers();
    for (number, (source, prompt)) in prompts.iter().enumerate() {
        let mut ids = vec![tokenizer.cls_id()];
        ids.extend(tokenizer.tokenize(prompt).map_err(TaskError::from)?.ids);
        let written = tuned
            .model
            .write_on(&ids, &generation)
            .map_err(|error| about(error, number + 1, source.as_ref()))?;
        for continuation in written {
            let text = tokenizer.decode(&[&ids[1..], &continuation.ids].concat());
            let line = match plain {
                true => text,
                false => json_line(prompt, &text, &continuation, |id| tokenizer.token(id)),
            };
            writeln!(out, "{line}").map_err(|e| CommandError::io("standard output", e))?;
        }
        out.flush().map_err(|e| CommandError::io("standard output", e))?;
        progress.add(1);
        progress.show(0);
    }
    progress.end();
    Ok(ExitCode::SUCCESS)
}

fn generation(args: &Generate) -> Generation {
    let top_k = args.top_k.map(usize::from);
    let top_p = args.top_p.map(f64::from);
    let draws = top_k.is_some() || top_p.is_some();
    Generation {
        max_new_tokens: args.max_new_tokens.into(),
        sequences: args.num_sequences.into(),
        end: None,
        sampling: Sampling {
            temperature: args.temperature.map_or(if draws { 1.0 } else { 0.0 }, f64::from),
            top_k,
            top_p,
            seed: args.seed,
        },
    }
}

/// The prompts, with their places in a file or in standard input. Only an argument can be empty.
fn prompts(args: &Generate) -> Result<Vec<(Option<Source>, String)>, CommandError> {
    match texts::read(&args.prompts, args.file.as_deref()).map_err(|error| error.about("file"))? {
        Inputs::Arguments(texts) => Ok(texts.into_iter().map(|text| (None, text)).collect()),
        inputs => {
            let blank = inputs.blank_lines();
            let mut prompts = vec![];
            let about = |error| data_files::about_path(error, &[("file", args.file.as_deref())]);
            for block in inputs.texts(args.text_column.as_deref()).map_err(about)? {
                let examples = block?.into_vec().into_iter();
                prompts.extend(examples.map(|example| (Some(example.source), example.text)));
            }
            blank.note().into_iter().for_each(|note| eprintln!("{note}"));
            Ok(prompts)
        }
    }
}

/// An error about the prompt of this number.
fn about(error: TaskError, number: usize, source: Option<&Source>) -> CommandError {
    match (error, source) {
        (TaskError::Model(reason), Some(source)) => TaskError::from(source.error(None, reason)).into(),
        (TaskError::Model(reason), None) => {
            CommandError::option(Message::new(format!("prompt {number}: ")).message(reason))
        }
        (other, _) => other.into(),
    }
}

fn json_line(
    prompt: &str,
    text: &str,
    continuation: &Continuation,
    token: impl Fn(u32) -> Option<String>,
) -> String {
    let pieces: Vec<String> = continuation
        .ids
        .iter()
        .map(|&id| token(id).unwrap_or_default())
        .collect();
    let line = json!({
        "prompt": prompt,
        "text": text,
        "tokens": pieces.len(),
        "pieces": pieces,
        "log_probability": continuation.log_probability,
        "end": continuation.end.name(),
    });
    line.to_string()
}
