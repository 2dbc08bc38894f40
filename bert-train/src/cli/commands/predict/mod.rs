//! `bert predict`.

mod progress;

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bert_core::parse_device;
use bert_tasks::registry::Reads;
use bert_tasks::{Entry, Inputs, Options, Task};
use bert_train::fine_tuned::{ModelFolder, WithTask};
use bert_train::training::session::{Truncation, check_length};
use bert_train::{EncodedDataset, FineTuned};
use burn::tensor::Device;
use clap::Args;
use datasets::Message;
use serde_json::Value;

use self::progress::Progress;
use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::{AllTaskFlags, Count, DeviceFlag};

/// The most texts that are sorted by length and answered at once, then printed in the order of the inputs.
const MOST_AT_ONCE: usize = 4096;

/// The keys that end the input on a terminal.
const END_OF_INPUT: &str = if cfg!(windows) {
    "Ctrl-Z and Enter"
} else {
    "Ctrl-D"
};

/// `bert predict`.
#[derive(Args, Debug)]
pub struct Predict {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    run: PathBuf,
    /// The input: texts; two texts for each pair; a question and its passage. Without texts and without --file, the
    /// input is standard input.
    texts: Vec<String>,
    /// File of inputs: .txt with one per line, or .csv, .tsv or .jsonl with columns.
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    file: Option<PathBuf>,
    /// The first text of a pair.
    #[arg(long, value_name = "TEXT", requires = "second", conflicts_with_all = ["texts", "file"])]
    first: Option<String>,
    /// The second text of a pair.
    #[arg(long, value_name = "TEXT", requires = "first", conflicts_with_all = ["texts", "file"])]
    second: Option<String>,
    /// A question.
    #[arg(long, value_name = "TEXT", requires = "passage", conflicts_with_all = ["texts", "file", "first"])]
    question: Option<String>,
    /// The passage that contains the answer.
    #[arg(long, value_name = "TEXT", requires = "question", conflicts_with_all = ["texts", "file", "first"])]
    passage: Option<String>,
    /// Maximum number of tokens per text [default: as in training, else what the model can read].
    #[arg(long, value_name = "TOKENS")]
    max_length: Option<Count>,
    /// Texts per batch.
    #[arg(long, value_name = "N", default_value = "64")]
    batch_size: Count,
    #[command(flatten)]
    device: DeviceFlag,
    #[command(flatten)]
    options: AllTaskFlags,
}

/// Predicts for texts.
pub fn run(args: &Predict) -> Result<ExitCode, CommandError> {
    let device = parse_device(&args.device.device)?;
    ModelFolder::open(&args.run)?.with_task(Answer { args, device })?
}

impl Predict {
    /// Refuses texts of another kind than the model reads.
    fn check_reads(&self, reads: Reads) -> Result<(), CommandError> {
        let unfit = match reads {
            _ if self.question.is_some() && reads != Reads::Question => "question",
            Reads::Text | Reads::Sentence | Reads::Question if self.first.is_some() => "first",
            _ => return Ok(()),
        };
        let reads = match reads {
            Reads::Text => "single texts",
            Reads::TextOrPair => "texts or pairs",
            Reads::Pair => "pairs of texts",
            Reads::Sentence => "sentences",
            Reads::Question => "questions with their passages",
        };
        let message = Message::default().option(unfit);
        Err(CommandError::option(
            message.text(format!(" cannot be used: this model reads {reads}")),
        ))
    }
}

struct Answer<'a> {
    args: &'a Predict,
    device: Device,
}

impl WithTask for Answer<'_> {
    type Output = Result<ExitCode, CommandError>;

    fn with<K: Task>(self, entry: &'static Entry<K>, folder: ModelFolder) -> Self::Output {
        let Self { args, device } = self;
        let mut options = folder.options::<K>()?;
        let reads = match &folder.run {
            Some(_) => entry.card.reads.trained_on(options.reads_pairs()),
            None => entry.card.reads,
        };
        args.check_reads(reads)?;
        args.options
            .apply(entry, None, &mut options)
            .map_err(CommandError::option)?;
        options.check()?;
        let max_length = args.max_length.map_or(folder.max_length(), usize::from);
        check_length(max_length, &folder.config)?;
        options.check_length(max_length)?;
        let tuned: FineTuned<K> = folder.load(options, &device)?;
        let inputs = inputs(args)?;
        if let Some(note) = inputs.blank_lines() {
            eprintln!("{note}");
        }
        let data = (entry.read_inputs)(&inputs, &tuned.options)?;
        // What large inputs were read from is not needed any more.
        drop(inputs);
        let mut out = BufWriter::new(io::stdout().lock());
        let mut progress = Progress::new(data.len());
        let (mut done, mut truncation) = (0, Truncation::default());
        // The first answers come soon; later, batches are of similar length.
        let mut window = usize::from(args.batch_size).min(MOST_AT_ONCE);
        for chunk in data.chunks() {
            let mut rest = &chunk.map_err(CommandError::from)?[..];
            while !rest.is_empty() {
                let (examples, after) = rest.split_at(window.min(rest.len()));
                rest = after;
                window = (2 * window).min(MOST_AT_ONCE);
                let rows = EncodedDataset::encode(&tuned.task, examples, &tuned.tokenizer, max_length)?;
                truncation.count(&rows);
                let all = rows.len();
                let answers = tuned.answer_rows(examples, &rows, args.batch_size.into(), |answered| {
                    // A long example has several rows.
                    progress.show(done + answered * examples.len() / all)
                });
                done += examples.len();
                for (example, answer) in examples.iter().zip(answers) {
                    writeln!(out, "{}", Value::from(tuned.task.prediction(example, &answer)))
                        .map_err(|e| CommandError::io("standard output", e))?;
                }
                out.flush().map_err(|e| CommandError::io("standard output", e))?;
            }
        }
        progress.end();
        truncation
            .note(&tuned.task)
            .into_iter()
            .for_each(|note| eprintln!("{}", note.render(flag)));
        Ok(ExitCode::SUCCESS)
    }
}

fn inputs(args: &Predict) -> Result<Inputs, CommandError> {
    if let Some(path) = &args.file {
        return Ok(Inputs::from_file(path)?);
    }
    let both = |a: &Option<String>, b: &Option<String>| a.clone().zip(b.clone());
    if let Some((a, b)) = both(&args.first, &args.second).or_else(|| both(&args.question, &args.passage)) {
        return Ok(Inputs::Pair(a, b));
    }
    if !args.texts.is_empty() {
        return Ok(Inputs::Arguments(args.texts.clone()));
    }
    if io::stdin().is_terminal() {
        eprintln!("reading from the terminal, one line for each text; end with {END_OF_INPUT}");
    }
    let source = PathBuf::from("standard input");
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|e| CommandError::io(&source, e))?;
    Ok(Inputs::Lines { source, bytes })
}
