//! `bert score`.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::language_modelling::LanguageModel;
use bert_tasks::{CausalLanguageModelling, MaskedLanguageModelling, Task, TextScore, TextScoring};
use bert_train::FineTuned;
use bert_train::fine_tuned::ModelFolder;
use bert_train::progress::ProgressLine;
use bert_train::system::interrupt::{STOPPED, Stop};
use burn::tensor::Device;
use clap::Args;
use datasets::counted;

use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::InferenceFlags;
use crate::cli::input::block_size::BlockSize;
use crate::cli::input::{data_files, texts};
use crate::cli::stream::{End, Stream};

/// The most inputs that are scored at once: each is as many rows as it has tokens.
const AT_ONCE: usize = 128;

/// `bert score`.
#[derive(Args, Debug)]
pub struct Score {
    /// A run folder of `bert train lm` or `bert train pretrain`, or the folder of such a model in Hugging Face's layout.
    model: PathBuf,
    /// The texts. Without texts and without --file or --pairs, they are read from standard input.
    texts: Vec<String>,
    /// File of texts: .txt with one per line, or .csv, .tsv, .json, .jsonl or .parquet with a column of texts.
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    file: Option<PathBuf>,
    /// File of pairs, to find the likelier text of each: .txt with a tab between the texts of a line, or .csv, .tsv,
    /// .jsonl or .parquet with two columns.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["texts", "file"])]
    pairs: Option<PathBuf>,
    /// Column with the texts, or with the first text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,
    /// Column with the second text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME", requires = "pairs")]
    second_column: Option<String>,
    #[command(flatten)]
    inference: InferenceFlags,
}

/// Scores texts.
pub fn run(args: &Score) -> Result<ExitCode, CommandError> {
    let device = args.inference.device.open()?;
    let folder = ModelFolder::open(&args.model)?;
    match folder.config.is_decoder {
        true => score::<CausalLanguageModelling>(args, folder, &device),
        false => score::<MaskedLanguageModelling>(args, folder, &device),
    }
}

fn score<K: Task>(args: &Score, folder: ModelFolder, device: &Device) -> Result<ExitCode, CommandError>
where
    K::Model: LanguageModel,
{
    let max_length = args.inference.max_length(&folder)?;
    let tuned: FineTuned<K> = folder.load(K::Options::default(), device)?;
    let column = args.text_column.as_deref();
    let pairs = args.pairs.is_some();
    let (option, file) = match pairs {
        true => ("pairs", args.pairs.as_deref()),
        false => ("file", args.file.as_deref()),
    };
    let about = |error| data_files::about_path(error, &[(option, file)]);
    let inputs = texts::read(&args.texts, file).map_err(|error| error.about(option))?;
    let blank = inputs.blank_lines();
    let blocks = match pairs {
        true => inputs.pairs([column, args.second_column.as_deref()]),
        false => inputs.texts(column),
    };
    let blocks = blocks.map_err(about)?;
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let batch_size = args.inference.batch_size();
    let stream = Stream {
        task: &TextScoring::new(&tuned.tokenizer)?,
        model: &tuned.model,
        tokenizer: &tuned.tokenizer,
        device: &tuned.device,
        max_length,
        batch_size,
        block_size: BlockSize::of_batch(batch_size).at_most(AT_ONCE),
        stop: &stop,
    };
    let progress = ProgressLine::of_texts(blocks.known_len()).beside_answers();
    let mut totals = Totals::default();
    let End { truncation, stopped } = stream.run(blocks, progress, |scores| totals.add(scores))?;
    blank.note().into_iter().for_each(|note| eprintln!("{note}"));
    let note = truncation.note(stream.task);
    note.into_iter()
        .for_each(|note| eprintln!("{}", note.render(flag)));
    if stopped {
        return Ok(ExitCode::from(STOPPED as u8));
    }
    totals.print(K::Model::CAUSAL);
    Ok(ExitCode::SUCCESS)
}

/// What is summed over all texts.
#[derive(Default)]
struct Totals {
    examples: usize,
    pairs: usize,
    first_likelier: usize,
    all: TextScore,
}

impl Totals {
    /// Adds the scores of a text, or of a pair.
    fn add(&mut self, scores: &[TextScore]) {
        self.examples += 1;
        if let [first, second] = scores {
            self.pairs += 1;
            self.first_likelier += usize::from(first.log_likelihood > second.log_likelihood);
        }
        self.all = scores.iter().copied().chain([self.all]).sum();
    }

    fn print(&self, causal: bool) {
        let Self {
            examples,
            pairs,
            first_likelier,
            all,
        } = *self;
        if pairs > 0 {
            let share = 100.0 * first_likelier as f64 / pairs as f64;
            let pairs = counted(pairs, "pair");
            eprintln!("the first text is likelier in {first_likelier} of {pairs} ({share:.1} %)");
        }
        if examples > 1 {
            let kind = if causal { "perplexity" } else { "pseudo-perplexity" };
            let TextScore { tokens, .. } = all;
            eprintln!("{kind} over all {tokens} tokens: {:.4}", all.perplexity());
        }
    }
}
