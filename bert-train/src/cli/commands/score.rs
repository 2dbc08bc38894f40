//! `bert score`.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::language_modelling::LanguageModel;
use bert_tasks::{
    CausalLanguageModelling, InputBlocks, MaskedLanguageModelling, Task, TextScore, TextScorer,
};
use bert_train::FineTuned;
use bert_train::fine_tuned::ModelFolder;
use bert_train::progress::ProgressLine;
use clap::Args;
use datasets::{TextExample, counted};
use serde_json::{Map, Value, json};

use crate::cli::error::CommandError;
use crate::cli::flags::InferenceFlags;
use crate::cli::input::block_size::BlockSize;
use crate::cli::input::{data_files, texts};

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
    let max_length = args.inference.max_length(&folder)?;
    match folder.config.is_decoder {
        true => {
            let options = Default::default();
            let tuned: FineTuned<CausalLanguageModelling> = folder.load(options, &device)?;
            score(args, &tuned, max_length)
        }
        false => {
            let options = Default::default();
            let tuned: FineTuned<MaskedLanguageModelling> = folder.load(options, &device)?;
            score(args, &tuned, max_length)
        }
    }
}

fn score<K: Task>(args: &Score, tuned: &FineTuned<K>, max_length: usize) -> Result<ExitCode, CommandError>
where
    K::Model: LanguageModel,
{
    let scorer = TextScorer {
        model: &tuned.model,
        tokenizer: &tuned.tokenizer,
        max_length,
        batch_size: args.inference.batch_size(),
    };
    let column = args.text_column.as_deref();
    let pairs = args.pairs.is_some();
    let (option, file) = match pairs {
        true => ("pairs", args.pairs.as_deref()),
        false => ("file", args.file.as_deref()),
    };
    let about = |error| data_files::about_path(error, &[(option, file)]);
    let inputs = texts::read(&args.texts, file).map_err(|error| error.about(option))?;
    let blank = inputs.blank_lines();
    let data = match pairs {
        true => inputs.pairs([column, args.second_column.as_deref()]),
        false => inputs.texts(column),
    };
    let data = data.map_err(about)?;
    let kind = if <K::Model as LanguageModel>::CAUSAL {
        "perplexity"
    } else {
        "pseudo-perplexity"
    };
    let output = Output::new(data.known_len(), pairs).write(data, &scorer)?;
    blank.note().into_iter().for_each(|note| eprintln!("{note}"));
    output.summarise(kind);
    Ok(ExitCode::SUCCESS)
}

/// Lines for texts or pairs, and what is summed over them.
struct Output {
    out: BufWriter<StdoutLock<'static>>,
    progress: ProgressLine,
    pairs: bool,
    done: usize,
    truncated: usize,
    first_likelier: usize,
    all: TextScore,
}

impl Output {
    fn new(total: Option<usize>, pairs: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout().lock()),
            progress: ProgressLine::of_texts(total).beside_answers(),
            pairs,
            done: 0,
            truncated: 0,
            first_likelier: 0,
            all: TextScore::default(),
        }
    }

    /// Scores all texts, and prints their lines in their order.
    fn write<M: LanguageModel>(
        mut self,
        data: InputBlocks<TextExample>,
        scorer: &TextScorer<'_, M>,
    ) -> Result<Self, CommandError> {
        let mut size = BlockSize::of_batch(scorer.batch_size);
        for block in data {
            let block = block?;
            for note in block.notes() {
                eprintln!("{}", note.render(crate::cli::flag::flag));
            }
            for examples in size.divide(block.into_vec()) {
                self.write_some(&examples, scorer)?;
            }
        }
        Ok(self)
    }

    fn write_some<M: LanguageModel>(
        &mut self,
        examples: &[TextExample],
        scorer: &TextScorer<'_, M>,
    ) -> Result<(), CommandError> {
        let both = |example: &TextExample| -> Vec<String> {
            let second = example.second.clone().filter(|_| self.pairs);
            std::iter::once(example.text.clone()).chain(second).collect()
        };
        let texts: Vec<String> = examples.iter().flat_map(both).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let each = texts.len() / examples.len();
        let progress = &mut self.progress;
        let scores = scorer.scores(&texts, |texts| progress.show((texts / each) as u64))?;
        progress.add(examples.len() as u64);
        self.done += examples.len();
        for (texts, scores) in texts.chunks(each).zip(scores.chunks(each)) {
            self.truncated += scores.iter().filter(|score| score.truncated).count();
            self.all = [self.all].into_iter().chain(scores.iter().copied()).sum();
            let line = match (texts, scores) {
                ([first, second], [a, b]) => {
                    let (a, b) = (a.log_likelihood, b.log_likelihood);
                    self.first_likelier += usize::from(a > b);
                    pair_line([first, second], [a, b])
                }
                _ => text_line(texts[0], &scores[0]),
            };
            writeln!(self.out, "{}", Value::from(line))
                .map_err(|e| CommandError::io("standard output", e))?;
        }
        self.out
            .flush()
            .map_err(|e| CommandError::io("standard output", e))
    }

    /// Prints what holds of all texts together.
    fn summarise(self, kind: &str) {
        self.progress.end();
        if self.truncated > 0 {
            let all = if self.pairs { 2 * self.done } else { self.done };
            eprintln!(
                "texts longer than --max-length were truncated: {} of {all}",
                self.truncated
            );
        }
        if self.pairs {
            let share = 100.0 * self.first_likelier as f64 / self.done as f64;
            eprintln!(
                "the first text is likelier in {} of {} ({share:.1} %)",
                self.first_likelier,
                counted(self.done, "pair")
            );
        }
        if self.done > 1 {
            let perplexity = self.all.perplexity();
            eprintln!("{kind} over all {} tokens: {perplexity:.4}", self.all.tokens);
        }
    }
}

fn text_line(text: &str, score: &TextScore) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("text".into(), text.into());
    line.insert("log_likelihood".into(), json!(score.log_likelihood));
    line.insert("tokens".into(), score.tokens.into());
    line.insert("perplexity".into(), json!(score.perplexity()));
    if score.truncated {
        line.insert("truncated".into(), true.into());
    }
    line
}

fn pair_line([first, second]: [&str; 2], [a, b]: [f64; 2]) -> Map<String, Value> {
    let likelier = match (a > b, b > a) {
        (true, _) => Some("first"),
        (_, true) => Some("second"),
        _ => None,
    };
    let mut line = Map::new();
    line.insert("first".into(), first.into());
    line.insert("second".into(), second.into());
    line.insert("log_likelihoods".into(), json!([a, b]));
    line.insert("likelier".into(), json!(likelier));
    line
}
