//! `bert train`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, backend_name, parse_device};
use bert_tasks::corpus::{Files, Splits};
use bert_tasks::{Corpus, Features, SequenceClassification, Task};
use bert_train::interrupt::{STOPPED, Stop};
use bert_train::run::{RunConfig, RunMetrics};
use bert_train::{Recipe, Run, Session, Watch, train};
use burn::tensor::Device;

use super::{CommandError, check_length, check_vocabulary, tell_truncated};
use crate::cli::{RecipeArgs, Train, WatchName};

/// Trains, as asked.
pub fn run(args: &Train) -> Result<ExitCode, CommandError> {
    let corpus = Corpus::from(args.task);
    let recipe = recipe(corpus, args);
    recipe.check().map_err(CommandError::Option)?;
    let device = parse_device(&args.device.device)?;
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let files = args.files.files();
    let splits = corpus.splits(&files)?;
    if let Some(note) = &splits.note {
        eprintln!("{note}");
    }
    let start = Start::new(args.model.as_deref(), corpus)?;
    check_length(recipe.max_length, &start.config)?;
    check_vocabulary(start.tokenizer.vocab_size(), &start.config)?;
    let output = match &args.output {
        Some(output) => output.clone(),
        None => PathBuf::from("runs").join(corpus.name()),
    };
    let run_config = RunConfig {
        version: env!("CARGO_PKG_VERSION").into(),
        task: corpus,
        model: args.model.as_deref().map(absolute),
        device: args.device.device.clone(),
        files: Files {
            data: files.data.as_deref().map(absolute),
            dev: files.dev.as_deref().map(absolute),
            ..files
        },
        recipe: recipe.clone(),
    };
    let session = session(corpus, splits, start, recipe, &device)?;
    // Only now, when all else is known to be in order, is something written.
    let run = Run::create(&output, &run_config, args.overwrite)?;
    let watch = match args.watch {
        Some(WatchName::Dashboard) => Watch::Dashboard,
        Some(WatchName::Lines) => Watch::Lines,
        Some(WatchName::Quiet) => Watch::Quiet,
        None => Watch::by_terminal(),
    };
    let metrics = train(session, &run, watch, &stop)?;
    summarise(&metrics, &run);
    Ok(match metrics.state.as_str() {
        "finished" => ExitCode::SUCCESS,
        _ => ExitCode::from(STOPPED as u8),
    })
}

/// What training starts from.
struct Start {
    config: BertConfig,
    tokenizer: BertTokenizer,
    weights: Option<Checkpoint>,
}

impl Start {
    fn new(model: Option<&Path>, corpus: Corpus) -> Result<Self, CommandError> {
        match (model, corpus) {
            (Some(dir), _) => Ok(Self {
                config: BertConfig::from_dir(dir)?,
                tokenizer: BertTokenizer::from_dir(dir)?,
                weights: Some(Checkpoint::open(dir)?),
            }),
            (None, Corpus::Demo) => {
                let vocabulary = datasets::demo::vocabulary();
                Ok(Self {
                    config: BertConfig {
                        // Without pre-training there is little to forget, and every step counts.
                        hidden_dropout_prob: 0.0,
                        attention_probs_dropout_prob: 0.0,
                        ..BertConfig::compact(vocabulary.len(), 128, 2, 4)
                    },
                    tokenizer: BertTokenizer::from_vocabulary(vocabulary, Normalization::default())?,
                    weights: None,
                })
            }
            (None, _) => Err(CommandError::Option(
                "--model is missing: give the folder of a pre-trained BERT; only `bert train demo` can do without".into(),
            )),
        }
    }
}

fn session(
    corpus: Corpus,
    splits: Splits,
    start: Start,
    recipe: Recipe,
    device: &Device,
) -> Result<Session<SequenceClassification>, CommandError> {
    let Start {
        mut config,
        tokenizer,
        weights,
    } = start;
    let task = SequenceClassification::new(splits.labels.clone(), corpus.main_metric());
    task.configure(&mut config);
    let features = |what: &str, data: &datasets::TextDataset| -> Result<Vec<Features<u32>>, CommandError> {
        let targets: Vec<u32> = data
            .require_labels(&splits.labels)?
            .into_iter()
            .map(|index| index as u32)
            .collect();
        let features = task.encode(data.examples(), Some(&targets), &tokenizer, recipe.max_length)?;
        let truncated = features.iter().filter(|f| f.encoding.truncated).count();
        tell_truncated(what, truncated, features.len(), recipe.max_length);
        Ok(features)
    };
    let train = features("train", &splits.train)?;
    let dev = features("dev", &splits.dev)?;
    let mut model = task.model(&config, recipe.seed, &device.clone().autodiff());
    if let Some(weights) = weights {
        let report;
        (model, report) = weights.load_into(model)?;
        eprintln!("{}: {report}", weights.path().display());
    }
    let labels: Vec<&str> = splits.labels.iter().collect();
    eprintln!(
        "{}: {} texts to learn from, {} to judge by; labels {}; {} parameters on {}",
        corpus.name(),
        train.len(),
        dev.len(),
        labels.join(", "),
        millions(config.parameters()),
        backend_name(device),
    );
    Ok(Session {
        task,
        name: corpus.name().into(),
        config,
        tokenizer,
        model,
        train,
        dev,
        dev_examples: splits.dev.examples().to_vec(),
        recipe,
        device: device.clone(),
    })
}

/// The recipe: the paper's, or for the demo one that suits a small model without pre-training; then the options.
fn recipe(corpus: Corpus, args: &Train) -> Recipe {
    let base = match corpus {
        Corpus::Demo if args.model.is_none() => Recipe {
            epochs: 12,
            lr: 7e-4,
            batch_size: 16,
            max_length: 32,
            ..Recipe::default()
        },
        _ => Recipe::default(),
    };
    let RecipeArgs {
        epochs,
        lr,
        batch_size,
        eval_batch_size,
        max_length,
        warmup,
        weight_decay,
        max_grad_norm,
        seed,
        group_by_length,
        logging_steps,
    } = &args.recipe;
    Recipe {
        epochs: epochs.unwrap_or(base.epochs),
        lr: lr.unwrap_or(base.lr),
        batch_size: batch_size.unwrap_or(base.batch_size),
        eval_batch_size: eval_batch_size.unwrap_or(base.eval_batch_size),
        max_length: max_length.unwrap_or(base.max_length),
        warmup: warmup.unwrap_or(base.warmup),
        weight_decay: weight_decay.unwrap_or(base.weight_decay),
        max_grad_norm: max_grad_norm.unwrap_or(base.max_grad_norm),
        seed: seed.unwrap_or(base.seed),
        group_by_length: group_by_length.unwrap_or(base.group_by_length),
        logging_steps: logging_steps.unwrap_or(base.logging_steps),
    }
}

fn summarise(metrics: &RunMetrics, run: &Run) {
    let main = &metrics.main_metric;
    let score = |metrics: &Option<bert_tasks::Metrics>| {
        let value = metrics.as_ref().and_then(|metrics| metrics.get(main));
        value.map_or("none yet".into(), |value| format!("{value:.4}"))
    };
    let dir = run.dir().display();
    if metrics.state == "finished" {
        eprintln!(
            "finished: {main} {} after {} steps",
            score(&metrics.last),
            metrics.steps
        );
    } else {
        eprintln!(
            "stopped after {} of {} steps; the model was saved as it was then ({main} {} at the last evaluation)",
            metrics.steps,
            metrics.steps_planned,
            score(&metrics.last)
        );
    }
    eprintln!("{dir}: model/, metrics.json, predictions.jsonl, log.jsonl, run.toml");
    eprintln!("try: bert predict {dir} \"some text\"");
}

/// A path that stays right when the program is started elsewhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

fn millions(count: usize) -> String {
    format!("{:.1} M", count as f64 / 1e6)
}
