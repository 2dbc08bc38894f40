//! A run before it runs: task, model and encoded examples.

use std::collections::BTreeMap;

use bert_core::{BertConfig, BertTokenizer, Checkpoint as Weights, StoreError, backend_name};
use bert_tasks::{EncodedRow, Files, Splits, Task, TaskError, TaskModel};
use burn::module::Module;
use burn::tensor::Device;
use datasets::{DataError, Example, Examples, Source};

use crate::data::cache;
use crate::data::encoded::EncodedDataset;
use crate::flag::flag;
use crate::optim::lora::{self, LoraOptions, trained_parameters};
use crate::optim::parameter_groups::{PartOptions, freeze, reinitialise, table};
use crate::precision::refusal;
use crate::recipe::{InvalidOption, Recipe};
use crate::run::checkpoint::Checkpoint;
use crate::run::fingerprint::fingerprints;
use crate::run::{RunConfig, RunError};
use crate::start::Start;
use crate::training::best_model::ModelSelection;

/// Everything a run needs besides its folder.
#[derive(Debug)]
pub struct Session<K: Task> {
    /// The task.
    pub task: K,
    /// The name of the corpus.
    pub name: String,
    /// The encoder's configuration, completed by [`Task::configure`].
    pub config: BertConfig,
    /// The tokenizer, which is saved with the model.
    pub tokenizer: BertTokenizer,
    /// The model, on a device with autodiff.
    pub model: K::Model,
    /// How its evaluations are compared.
    pub selection: ModelSelection,
    /// Number of training examples.
    pub train_examples: usize,
    /// Their rows.
    pub train: EncodedDataset<K>,
    /// Where each training example is from.
    pub sources: Vec<Source>,
    /// The evaluation examples.
    pub dev_examples: Vec<K::Example>,
    /// Their rows.
    pub dev: EncodedDataset<K>,
    /// The recipe.
    pub recipe: Recipe,
    /// The device to train on.
    pub device: Device,
    /// What the new head starts at, in one sentence, if the training data says it.
    pub head_init: Option<String>,
    /// Checksums of the encoded examples, by file.
    pub data: BTreeMap<String, String>,
    /// The checkpoint from which it resumes.
    pub from: Option<Checkpoint>,
    /// What its user should know before it runs, one line each.
    pub notes: Vec<String>,
}

/// A run that cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The recipe's reason.
    #[error(transparent)]
    Recipe(#[from] InvalidOption),
    /// The data's reason.
    #[error("{}", .0.message().spelled(flag))]
    Data(#[from] DataError),
    /// The task's reason.
    #[error("{}", .0.message().spelled(flag))]
    Task(#[from] TaskError),
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The data differs from the data of the run so far.
    #[error(
        "{0}: this data differs from what the run was started with, so the run cannot resume with it; restore the old \
         file, or start a new run"
    )]
    DataChanged(String),
}

impl<K: Task> Session<K> {
    /// Encodes the examples, builds the model and loads its weights.
    ///
    /// # Errors
    /// If an option is invalid, a text cannot be encoded, the evaluation data has a label that the training data does not
    /// have, or the weights do not fit.
    pub fn new(
        task: K,
        name: &str,
        start: Start,
        splits: Splits<K::Example>,
        recipe: Recipe,
        device: &Device,
    ) -> Result<Self, SessionError> {
        check_recipe(&recipe, &start.config)?;
        let selection = ModelSelection::new(&recipe, task.main_metric(), &task.metric_names())?;
        let Splits {
            train: train_examples,
            dev: dev_examples,
        } = splits;
        let mut notes: Vec<String> = refusal(recipe.precision, device).into_iter().collect();
        task.check(&train_examples)?;
        task.check(&dev_examples)?;
        let by = (&task, &start.tokenizer, &recipe);
        for (what, examples) in [("train", &train_examples), ("dev", &dev_examples)] {
            let remarks = examples.remarks().iter().cloned().chain(task.notes(examples));
            notes.extend(remarks.map(|remark| format!("{what}: {}", remark.spelled(flag))));
        }
        let all = train_examples.len();
        let train_examples = train_examples.filter(|example| task.learns_from(example))?;
        if train_examples.len() < all {
            let left_out = all - train_examples.len();
            notes.push(format!(
                "train: examples without anything to learn, which are not used: {left_out} of {all}"
            ));
        }
        let train = encoded(by, "train", &train_examples, &mut notes)?;
        let dev = encoded(by, "dev", &dev_examples, &mut notes)?;
        let (sources, dev_sources) = (sources(&train_examples), sources(&dev_examples));
        let data = fingerprints([(sources.as_slice(), &train), (&dev_sources, &dev)]);
        let Start {
            mut config,
            tokenizer,
            weights,
        } = start;
        config.precision = recipe.precision;
        task.configure(&mut config);
        let model = task.model(&config, recipe.seed, &device.clone().autodiff());
        let (model, head_init) = match recipe.init_from_data {
            true => task.init_head(model, &train_examples),
            false => (model, None),
        };
        let (model, new_head) = prepared(model, weights, &recipe, &config, &mut notes)?;
        let head_init = head_init.filter(|_| new_head);
        let sizes = [
            (train_examples.len(), train.len()),
            (dev_examples.len(), dev.len()),
        ];
        notes.push(format!("{name}: {}", summary(sizes, &config, device)));
        notes.extend(labels(&config));
        notes.extend(head_init.clone());
        notes.extend(table(&model, part_options(&recipe), recipe.lr, &config));
        if recipe.lora_rank > 0 {
            notes.push(format!(
                "LoRA of rank {}: {} of {} parameters are trained",
                recipe.lora_rank,
                trained_parameters(&model),
                model.num_params()
            ));
        }
        Ok(Self {
            task,
            name: name.into(),
            config,
            tokenizer,
            model,
            selection,
            train_examples: train_examples.len(),
            train,
            sources,
            dev_examples: dev_examples.into_vec(),
            dev,
            recipe,
            device: device.clone(),
            head_init,
            data,
            from: None,
            notes,
        })
    }

    /// The settings of this run in a program, which has data and model of its own. `options` are those of the task, which
    /// loading the run's model restores.
    pub fn run_config(&self, options: &K::Options) -> RunConfig {
        RunConfig {
            version: env!("CARGO_PKG_VERSION").into(),
            task: self.name.clone(),
            model: None,
            device: "auto".into(),
            files: Files::default(),
            recipe: self.recipe.clone(),
            options: RunConfig::table(options),
        }
    }

    /// The same session, resumed from `checkpoint`.
    ///
    /// # Errors
    /// If the data has changed since, or the weights do not fit.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Result<Self, SessionError> {
        let before = &checkpoint.state.data;
        let files = before.keys().chain(self.data.keys());
        if let Some(file) = files
            .into_iter()
            .find(|&file| before.get(file) != self.data.get(file))
        {
            return Err(SessionError::DataChanged(file.clone()));
        }
        self.model = checkpoint.load(self.model)?;
        // The head is that of the run so far.
        self.notes.retain(|note| Some(note) != self.head_init.as_ref());
        self.head_init.clone_from(&checkpoint.state.head_init);
        self.notes.push(format!(
            "resuming from {} (step {})",
            checkpoint.dir().display(),
            checkpoint.state.progress.steps
        ));
        self.from = Some(checkpoint);
        Ok(self)
    }
}

/// Whether the recipe fits a model with this configuration.
fn check_recipe(recipe: &Recipe, config: &BertConfig) -> Result<(), InvalidOption> {
    recipe.check()?;
    check_length(recipe.max_length, config)?;
    let layers = config.num_hidden_layers;
    for (option, count) in [
        ("freeze_layers", recipe.freeze_layers),
        ("reinit_layers", recipe.reinit_layers),
    ] {
        if count > layers {
            return Err(InvalidOption {
                option,
                value: count.to_string(),
                reason: format!("this model has {layers} layers"),
            });
        }
    }
    Ok(())
}

/// The rows of a split, from the cache if there is one; notes about them go to `notes`.
fn encoded<K: Task>(
    (task, tokenizer, recipe): (&K, &BertTokenizer, &Recipe),
    what: &str,
    examples: &Examples<K::Example>,
    notes: &mut Vec<String>,
) -> Result<EncodedDataset<K>, TaskError> {
    let mut note = |note: String| notes.push(format!("{what}: {note}"));
    let (examples, max_length) = (examples.examples(), recipe.max_length);
    let rows = match &recipe.cache {
        Some(dir) => {
            let cached = cache::encode(dir, task, examples, tokenizer, max_length)?;
            note(cached.note);
            cached.rows
        }
        None => EncodedDataset::encode(task, examples, tokenizer, max_length)?,
    };
    truncated(task, &rows).into_iter().for_each(&mut note);
    Ok(rows)
}

/// The sizes of the data and of the model, and the device.
fn summary([train, dev]: [(usize, usize); 2], config: &BertConfig, device: &Device) -> String {
    let sized = |(examples, rows): (usize, usize), what: &str| match rows == examples {
        true => format!("{examples} {what} examples"),
        false => format!("{examples} {what} examples in {rows} rows"),
    };
    format!(
        "{}, {}; {:.1} M parameters on {}",
        sized(train, "training"),
        sized(dev, "evaluation"),
        config.parameters() as f64 / 1e6,
        backend_name(device),
    )
}

/// The labels. A wrong one, from a header or a broken line, is visible here.
fn labels(config: &BertConfig) -> Option<String> {
    const SHOWN: usize = 20;
    let names = config.labels().ok().flatten().filter(|names| names.len() > 1)?;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    Some(format!("{} labels: {shown}{more}", names.len()))
}

fn sources<E: Example>(examples: &Examples<E>) -> Vec<Source> {
    examples.examples().iter().map(|e| e.source().clone()).collect()
}

/// The new `model` with the pre-trained weights, if there are any, prepared as the recipe asks; and whether its head is new.
fn prepared<M: TaskModel>(
    model: M,
    weights: Option<Weights>,
    recipe: &Recipe,
    config: &BertConfig,
    notes: &mut Vec<String>,
) -> Result<(M, bool), StoreError> {
    let (model, new_head) = match weights {
        None => (model, true),
        Some(weights) => {
            let fresh = model.clone();
            let (model, report) = weights.load_into(model, config.architecture())?;
            notes.push(format!("{}: {report}", weights.path().display()));
            let paths = &config.architecture().parameters;
            let new_head = report.missing.iter().any(|name| !paths.is_pooler(name));
            (
                reinitialise(model, &fresh, recipe.reinit_layers, config),
                new_head,
            )
        }
    };
    let model = match recipe.lora_rank {
        0 => model,
        rank => {
            let alpha = recipe.lora_alpha;
            lora::adapt(model, LoraOptions { rank, alpha }, recipe.seed, config)
        }
    };
    Ok((freeze(model, part_options(recipe), config), new_head))
}

fn part_options(recipe: &Recipe) -> PartOptions {
    PartOptions {
        layer_decay: recipe.layer_decay,
        freeze_embeddings: recipe.freeze_embeddings,
        freeze_layers: recipe.freeze_layers,
    }
}

/// Whether texts of `max_length` tokens fit the model.
///
/// # Errors
/// If they do not.
pub fn check_length(max_length: usize, config: &BertConfig) -> Result<(), InvalidOption> {
    let positions = config.max_position_embeddings;
    match max_length > positions {
        true => Err(InvalidOption {
            option: "max_length",
            value: max_length.to_string(),
            reason: format!("this model reads at most {positions} tokens"),
        }),
        false => Ok(()),
    }
}

/// A note about the examples that were cut, if there are any.
pub fn truncated<K: Task>(task: &K, rows: &EncodedDataset<K>) -> Option<String> {
    let (mut all, mut cut) = (vec![], vec![]);
    for row in rows.iter() {
        all.push(row.example());
        cut.extend(row.is_truncated().then_some(row.example()));
    }
    // An example's rows follow each other.
    all.dedup();
    cut.dedup();
    (!cut.is_empty()).then(|| {
        format!(
            "{}: {} of {}",
            task.truncation().spelled(flag),
            cut.len(),
            all.len()
        )
    })
}
