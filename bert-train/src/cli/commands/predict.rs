//! `bert predict`.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::registry::Reads;
use bert_tasks::{Entry, Inputs, Options, Task};
use bert_train::FineTuned;
use bert_train::fine_tuned::{ModelFolder, WithTask};
use bert_train::progress::ProgressLine;
use bert_train::system::interrupt::{STOPPED, Stop};
use burn::tensor::Device;
use clap::Args;
use datasets::Message;

use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::{AllTaskFlags, InferenceFlags};
use crate::cli::input::block_size::BlockSize;
use crate::cli::input::{data_files, texts};
use crate::cli::stream::{End, Stream};

/// `bert predict`.
#[derive(Args, Debug)]
pub struct Predict {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    run: PathBuf,
    /// The input: texts; two texts for each pair; a question and its passage. Without texts and without --file, the
    /// input is standard input.
    texts: Vec<String>,
    /// File of inputs: .txt with one per line, or .csv, .tsv, .json, .jsonl or .parquet with columns.
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
    #[command(flatten)]
    inference: InferenceFlags,
    #[command(flatten)]
    options: AllTaskFlags,
}

/// Predicts for texts.
pub fn run(args: &Predict) -> Result<ExitCode, CommandError> {
    let device = args.inference.device.open()?;
    ModelFolder::open(&args.run)?.with_task(Answer { args, device })?
}

impl Predict {
    /// Refuses texts of another kind than the model reads.
    fn check_reads(&self, reads: Reads) -> Result<(), CommandError> {
        let unfit = match reads {
            _ if self.question.is_some() && reads != Reads::Question => "question",
            Reads::TextOrPair | Reads::Pair => return Ok(()),
            _ if self.first.is_some() => "first",
            _ => return Ok(()),
        };
        let reads = match reads {
            Reads::Text => "single texts",
            Reads::TextOrPair => "texts or pairs",
            Reads::Pair => "pairs of texts",
            Reads::Sentence => "sentences",
            Reads::Question => "questions with their passages",
            Reads::Query => "single texts",
            Reads::Gaps => "texts with gaps",
            Reads::Beginning => "beginnings of texts",
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
        let max_length = args.inference.max_length(&folder)?;
        options.check_length(max_length)?;
        // A fault in a file is reported before the weights are loaded.
        let inputs = given(args)?;
        let blank = inputs.blank_lines();
        let count = match inputs.first_reading() {
            Some(first) => {
                let mut blocks = (entry.read_inputs)(first, &options)?;
                Some(blocks.try_fold(0, |count, block| Ok::<_, CommandError>(count + block?.len()))?)
            }
            None => None,
        };
        let tuned: FineTuned<K> = folder.load(options, &device)?;
        let file = [("file", args.file.as_deref())];
        let blocks = (entry.read_inputs)(inputs, &tuned.options)
            .map_err(|error| data_files::about_path(error, &file))?;
        let total = count.or(blocks.known_len());
        // Until here a signal ends the program at once.
        let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
        let batch_size = args.inference.batch_size();
        let stream = Stream {
            task: &tuned.task,
            model: &tuned.model,
            tokenizer: &tuned.tokenizer,
            device: &tuned.device,
            max_length,
            batch_size,
            block_size: BlockSize::of_batch(batch_size),
            stop: &stop,
        };
        let progress = ProgressLine::of_texts(total).beside_answers();
        let End { truncation, stopped } = stream.run(blocks, progress, |_| ())?;
        if let Some(note) = blank.note() {
            eprintln!("{note}");
        }
        truncation
            .note(&tuned.task)
            .into_iter()
            .for_each(|note| eprintln!("{}", note.render(flag)));
        Ok(match stopped {
            true => ExitCode::from(STOPPED as u8),
            false => ExitCode::SUCCESS,
        })
    }
}

fn given(args: &Predict) -> Result<Inputs, CommandError> {
    if let Some(path) = &args.file {
        return Inputs::from_file(path).map_err(|error| CommandError::from(error).about("file"));
    }
    let both = |a: &Option<String>, b: &Option<String>| a.clone().zip(b.clone());
    if let Some((a, b)) = both(&args.first, &args.second).or_else(|| both(&args.question, &args.passage)) {
        return Ok(Inputs::Pair(a, b));
    }
    texts::read(&args.texts, None)
}
