//! A run before it starts: task, model and encoded examples.

mod checks;
mod error;
mod head;
mod model;
mod notes;
mod rows;

use std::collections::BTreeMap;

use bert_core::{BertConfig, BertTokenizer};
use bert_tasks::{Files, Splits, Task, TaskError};
use burn::module::Module;
use burn::tensor::Device;
use datasets::{Examples, Message};

use self::head::adapt_head;
use self::model::{part_options, prepared};
use self::rows::encoded;
use crate::data::{EncodedDataset, Sources};
use crate::optim::lora::trained_parameters;
use crate::optim::parameter_groups::table;
use crate::recipe::Recipe;
use crate::run::fingerprint::fingerprints;
use crate::run::{RunConfig, TrainingCheckpoint};
use crate::start::Start;
use crate::training::best_model::ModelSelection;

pub use checks::{check_length, check_recipe};
pub use error::SessionError;
pub use notes::unsupported_precision;
pub use rows::{Truncation, row_notes, tokenizer_note, truncated};

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
    /// Number of training examples that batches are made of.
    pub train_examples: usize,
    /// Their rows.
    pub train: EncodedDataset<K>,
    /// Where each training example is from.
    pub sources: Sources,
    /// The evaluation examples.
    pub dev_examples: Examples<K::Example>,
    /// Their rows.
    pub dev: EncodedDataset<K>,
    /// The recipe.
    pub recipe: Recipe,
    /// The device to train on.
    pub device: Device,
    /// What the new head starts at, if the training data says it (see [`Task::init_head`]).
    pub head_init: Option<String>,
    /// Checksums of the encoded examples, by file.
    pub data: BTreeMap<String, String>,
    /// The checkpoint from which it resumes.
    pub from: Option<TrainingCheckpoint>,
    /// What its user should know before it runs, one line each.
    pub notes: Vec<Message>,
}

impl<K: Task> Session<K> {
    /// Encodes the examples, builds the model and loads its weights.
    ///
    /// # Errors
    /// If an option is invalid, a text cannot be encoded, the evaluation data has a label that the training data does not
    /// have, or the weights do not fit.
    pub fn new(
        mut task: K,
        name: &str,
        start: Start,
        splits: Splits<K::Example>,
        recipe: Recipe,
        device: &Device,
    ) -> Result<Self, SessionError> {
        check_recipe(&recipe, &start.config)?;
        let tokenizer = start.tokenizer.for_model(&start.config);
        let start = Start {
            tokenizer: tokenizer.map_err(TaskError::from)?,
            ..start
        };
        task.adopt_tokenizer(&start.tokenizer).map_err(TaskError::Model)?;
        let selection = ModelSelection::new(&recipe, task.main_metric(), &task.metric_names())?;
        let Splits {
            train: train_examples,
            dev: dev_examples,
        } = splits;
        let mut notes: Vec<Message> = unsupported_precision(recipe.precision, device)
            .into_iter()
            .collect();
        task.check(&train_examples)?;
        task.check(&dev_examples)?;
        notes.extend(tokenizer_note(&start.tokenizer));
        let by = (&task, &start.tokenizer, &recipe);
        for (what, examples) in [("train", &train_examples), ("dev", &dev_examples)] {
            let found = examples.notes().iter().cloned().chain(task.notes(examples));
            notes.extend(found.map(|note| Message::new(format!("{what}: ")).message(note)));
        }
        let all = train_examples.len();
        let train_examples = train_examples.filter(|example| task.learns_from(example))?;
        if train_examples.len() < all {
            let left_out = all - train_examples.len();
            notes.push(format!("train: examples without a target were skipped: {left_out} of {all}").into());
        }
        let train = encoded(by, "train", &train_examples, &mut notes)?;
        let dev = encoded(by, "dev", &dev_examples, &mut notes)?;
        let (sources, dev_sources) = (Sources::of(&train_examples)?, Sources::of(&dev_examples)?);
        let data = fingerprints([(&sources, &train), (&dev_sources, &dev)]);
        let Start {
            mut config,
            tokenizer,
            mut weights,
        } = start;
        let old = config.clone();
        config.precision = recipe.precision;
        task.configure(&mut config);
        if let Some(Ok(embedding)) = &mut config.sentence_embedding {
            embedding.max_length = Some(recipe.max_length);
        }
        if let Some(weights) = &mut weights {
            notes.extend(adapt_head::<K>(weights, &old, &config));
        }
        let model = task.model(&config, recipe.seed, &device.clone().autodiff());
        let (model, head_init) = match recipe.init_from_data {
            true => task.init_head(model, &train_examples),
            false => (model, None),
        };
        let (model, new_head) = prepared(model, weights, &recipe, &config, &mut notes)?;
        let head_init = head_init.filter(|_| new_head);
        let sizes = [
            (own(&train_examples, &train), train.trained()),
            (own(&dev_examples, &dev), dev.trained()),
        ];
        notes.push(format!("{name}: {}", notes::summary(sizes, &config, device)).into());
        notes.extend(notes::labels(&config).map(Message::from));
        notes.extend(head_init.as_deref().map(notes::new_head));
        let groups = table(&model, part_options(&recipe), recipe.lr, &config);
        notes.extend(groups.into_iter().map(Message::from));
        if recipe.lora_rank > 0 {
            let note = format!(
                "LoRA of rank {}: {} of {} parameters are trained",
                recipe.lora_rank,
                trained_parameters(&model),
                model.num_params()
            );
            notes.push(note.into());
        }
        Ok(Self {
            task,
            name: name.into(),
            config,
            tokenizer,
            model,
            selection,
            train_examples: own(&train_examples, &train),
            train,
            sources,
            dev_examples,
            dev,
            recipe,
            device: device.clone(),
            head_init,
            data,
            from: None,
            notes,
        })
    }

    /// The settings of this run in a program, which has data and model of its own. `options` are the task's options,
    /// which loading the run's model restores.
    pub fn run_config(&self, options: &K::Options) -> RunConfig<K::Options> {
        RunConfig {
            version: env!("CARGO_PKG_VERSION").into(),
            task: self.name.clone(),
            model: None,
            device: "auto".into(),
            files: Files::default(),
            recipe: self.recipe.clone(),
            options: options.clone(),
        }
    }

    /// The same session, resumed from `checkpoint`.
    ///
    /// # Errors
    /// If the data has changed since, or the weights do not fit.
    pub fn resume(mut self, checkpoint: TrainingCheckpoint) -> Result<Self, SessionError> {
        let before = &checkpoint.state.data;
        let files = before.keys().chain(self.data.keys());
        if let Some(file) = files
            .into_iter()
            .find(|&file| before.get(file) != self.data.get(file))
        {
            return Err(SessionError::DataChanged(file.clone()));
        }
        self.model = checkpoint.load(self.model)?;
        // The head comes from the run so far.
        let note = self.head_init.as_deref().map(notes::new_head);
        self.notes.retain(|other| Some(other) != note.as_ref());
        self.head_init.clone_from(&checkpoint.state.head_init);
        let note = format!(
            "resuming from {} (step {})",
            checkpoint.dir().display(),
            checkpoint.state.progress.steps
        );
        self.notes.push(note.into());
        self.from = Some(checkpoint);
        Ok(self)
    }
}

/// The number of examples that are not only companions of others, such as the articles of queries. These have one row each.
pub(crate) fn own<K: Task>(examples: &Examples<K::Example>, rows: &EncodedDataset<K>) -> usize {
    examples.len() - (rows.len() - rows.trained())
}
