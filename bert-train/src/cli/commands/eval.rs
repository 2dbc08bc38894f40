//! `bert eval`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_tasks::registry::ChoiceError;
use bert_tasks::{Entry, Files, Metrics, Options, Task};
use bert_train::data::cache::encode_once;
use bert_train::fine_tuned::{ModelFolder, WithTask};
use bert_train::progress::ProgressLine;
use bert_train::run::Predictions;
use bert_train::system::interrupt::{STOPPED, Stop};
use bert_train::training::evaluator::Evaluator;
use bert_train::training::session::{row_notes, tokenizer_note};
use bert_train::{BatchLoader, Evaluation, FineTuned, Order};
use burn::tensor::Device;
use clap::Args;
use datasets::{Examples, Message};

use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::{AllTaskFlags, FileFlags, Flags, InferenceFlags};
use crate::cli::input::{data_files, hub_data};
use crate::cli::output::print;

/// `bert eval`.
#[derive(Args, Debug)]
#[command(mut_arg("hold_out", FileFlags::refuse_hold_out))]
pub struct Eval {
    /// A run folder, or the folder of a fine-tuned model in Hugging Face's layout.
    run: PathBuf,
    #[command(flatten)]
    files: FileFlags,
    /// Format of the data, as the name of a corpus [default: the corpus of the run, else your own data].
    #[arg(long, value_name = "CORPUS")]
    corpus: Option<String>,
    /// File to write each example's prediction to, as JSON lines; for questions, predictions.json and nbest.json are
    /// written beside it, as SQuAD's scripts read them.
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Print the metrics as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    inference: InferenceFlags,
    #[command(flatten)]
    options: AllTaskFlags,
}

/// Evaluates a model.
pub fn run(args: &Eval) -> Result<ExitCode, CommandError> {
    let device = args.inference.device.open()?;
    ModelFolder::open(&args.run)?.with_task(Evaluate { args, device })?
}

impl Eval {
    fn files(&self) -> Files {
        let mut files = Files::default();
        self.files.apply(&mut files);
        files
    }
}

struct Evaluate<'a> {
    args: &'a Eval,
    device: Device,
}

impl WithTask for Evaluate<'_> {
    type Output = Result<ExitCode, CommandError>;

    fn with<K: Task>(self, entry: &'static Entry<K>, folder: ModelFolder) -> Self::Output {
        let Self { args, device } = self;
        if let Some(path) = &args.predictions {
            check_file(path).map_err(|error| error.about("predictions"))?;
        }
        let given = args.files();
        let trained_on = folder.run.as_ref().map(|run| run.task.as_str());
        let corpus = entry
            .choose(args.corpus.as_deref(), trained_on, given != Files::default())
            .map_err(|error| not_chosen(args, &error))?;
        if corpus.demo.is_some() && given != Files::default() {
            let unused = Message::new(format!("{} does not use ", corpus.name));
            let unused = unused.option("data").text(" and ").option("dev");
            return Err(CommandError::option(unused));
        }
        let mut options = folder.options::<K>()?;
        (corpus.preset)(&mut options);
        args.options
            .apply(entry, Some(corpus), &mut options)
            .map_err(CommandError::option)?;
        options.check()?;
        let max_length = args.inference.max_length(&folder)?;
        options.check_length(max_length)?;
        data_files::check(corpus.name, &given)?;
        let data = (corpus.dev)(&files(&given, &folder, corpus.name)?, &options)
            .map_err(|error| data_files::about(error, &given))?;
        let mut tuned: FineTuned<K> = folder.load(options, &device)?;
        if let Some(path) = &args.predictions {
            check_name(path, &tuned.task).map_err(|error| error.about("predictions"))?;
        }
        if let Some(note) = tuned.task.adopt_labels(&corpus.facts(), &data) {
            eprintln!("{note}");
        }
        tuned.task.check(&data)?;
        let (rows, note) = encode_once(&tuned.task, &data, &tuned.tokenizer, max_length)?;
        let notes = data.notes().iter().cloned().chain(tuned.task.notes(&data));
        let notes = notes
            .chain(note)
            .chain(row_notes(&tuned.task, &rows, &tuned.tokenizer))
            .chain(tokenizer_note(&tuned.tokenizer));
        notes.for_each(|note| eprintln!("{}", note.render(flag)));
        let (order, batch_size) = (Order::ByLength, args.inference.batch_size());
        let loader = BatchLoader::new(&tuned.task, rows, order, batch_size, &tuned.tokenizer, &device);
        let predictions = args.predictions.as_deref();
        // Until here a signal ends the program at once.
        let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
        let evaluation = evaluated(&tuned, &loader, &data, predictions, &stop)?;
        let Some(evaluation) = evaluation else {
            eprintln!("bert: stopped; nothing was written");
            return Ok(ExitCode::from(STOPPED as u8));
        };
        let mut metrics = evaluation.metrics.clone();
        metrics.set("loss", evaluation.loss);
        metrics.set("examples", data.len() as f64);
        metrics.set("texts_per_second", data.len() as f64 / evaluation.seconds);
        print(&shown(&metrics, args.json))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether a file can be created at `path`. This is checked before an evaluation that may take an hour.
fn check_file(path: &Path) -> Result<(), CommandError> {
    if path.is_dir() {
        let text = format!("{}: this is a folder; give the name of a file", path.display());
        return Err(CommandError::option(text));
    }
    let whole = std::path::absolute(path).ok();
    let dir = whole.as_deref().and_then(Path::parent);
    match dir.is_some_and(Path::is_dir) {
        true => Ok(()),
        false => Err(CommandError::option(format!(
            "{}: its folder does not exist",
            path.display()
        ))),
    }
}

/// Whether another file of the task has this name.
fn check_name<K: Task>(path: &Path, task: &K) -> Result<(), CommandError> {
    let own = task.files();
    match own
        .iter()
        .find(|name| path.file_name().is_some_and(|file| file == **name))
    {
        Some(name) => Err(CommandError::option(format!(
            "{}: {name} is written beside this file; give it another name",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// The files that were given, else those that the run was evaluated on.
fn files(given: &Files, folder: &ModelFolder, corpus: &str) -> Result<Files, CommandError> {
    let trained = folder.run.as_ref().filter(|run| run.task == corpus);
    let (Some(run), None, None) = (trained, &given.data, &given.dev) else {
        return hub_data::local(corpus, given);
    };
    let mut files = hub_data::local(corpus, &run.files)?;
    // Examples that were held out are in no file of their own.
    let held_out = files.are_undivided(&["parquet"]) || files.data != run.files.data;
    if files.dev.is_none() && held_out {
        files.data = None;
    }
    Ok(files)
}

/// Evaluates, shows progress on a terminal, and writes `predictions` to a file. `None` after a stop request.
fn evaluated<K: Task>(
    tuned: &FineTuned<K>,
    loader: &BatchLoader<K>,
    examples: &Examples<K::Example>,
    predictions: Option<&Path>,
    stop: &Stop,
) -> Result<Option<Evaluation>, CommandError> {
    let mut progress = ProgressLine::of_texts(Some(examples.len()));
    let failed =
        |e| CommandError::io(predictions.unwrap_or(Path::new("predictions")), e).about("predictions");
    let lines = predictions.map(|path| Predictions::new(&tuned.task, path));
    let mut lines = lines.transpose().map_err(failed)?;
    let evaluator = Evaluator::new(&tuned.task, &tuned.model, examples);
    let evaluation = evaluator.evaluate(
        loader,
        |_| !stop.is_requested(),
        |answered| {
            progress.add(1);
            progress.show(0);
            match &mut lines {
                Some(lines) => lines.add(&tuned.task, answered.index, answered.example, &answered.answer),
                None => Ok(()),
            }
        },
    );
    let Some(evaluation) = evaluation.map_err(failed)? else {
        return Ok(None);
    };
    progress.end();
    lines.map_or(Ok(()), Predictions::write)?;
    Ok(Some(evaluation))
}

fn shown(metrics: &Metrics, json: bool) -> String {
    if json {
        return serde_json::to_string_pretty(metrics).expect("metrics are always JSON") + "\n";
    }
    let line = |(name, value)| format!("{name:<18} {value:.4}\n");
    metrics.iter().map(line).collect()
}

/// Why there is no corpus to evaluate on.
fn not_chosen(args: &Eval, error: &ChoiceError) -> CommandError {
    CommandError::option(match &args.corpus {
        Some(name) => Message::default()
            .option("corpus")
            .text(format!(" is {name}; {error}")),
        None => error.to_string().into(),
    })
}

#[cfg(test)]
mod tests {
    use bert_core::store::save_weights;
    use bert_core::{BertConfig, Encoder, parse_device};
    use bert_tasks::registry::CLASSIFICATION;
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        eval: Eval,
    }

    #[test]
    fn a_task_without_corpora_says_so() {
        let entry = Box::leak(Box::new(Entry {
            corpora: &[],
            own: None,
            ..CLASSIFICATION
        }));
        let dir = tempfile::tempdir().unwrap();
        let (config, device) = (BertConfig::compact(8, 16, 1, 2), parse_device("flex").unwrap());
        std::fs::write(dir.path().join("config.json"), config.to_json()).unwrap();
        let model = Encoder::new(&config, 5, &device);
        save_weights(&model, config.weight_names(), dir.path()).unwrap();
        let args = Words::parse_from(["eval", "model", "--data", "reviews.csv"]).eval;
        let folder = ModelFolder::open(dir.path()).unwrap();
        let evaluate = Evaluate { args: &args, device };
        assert_eq!(
            evaluate.with(entry, folder).unwrap_err().to_string(),
            "this model is for classification, a task without corpora: the program has no reader for its data"
        );
    }
}
