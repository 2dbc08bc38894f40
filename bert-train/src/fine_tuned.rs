//! A fine-tuned model from disk: a run of this program, or any folder in Hugging Face's layout.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bert_core::{BertConfig, BertTokenizer, Checkpoint, ConfigError, StoreError, TokenizerError};
use bert_tasks::{Entry, Task, TaskError, TaskVisitor, find_corpus, visit_tasks};
use burn::tensor::Device;

use crate::data::{BatchLoader, EncodedDataset, Order};
use crate::flag::flag;
use crate::run::{Run, RunConfig, RunError};
use crate::training::evaluator::Evaluator;

/// A folder with a fine-tuned model that is not on a device yet.
#[derive(Debug)]
pub struct ModelFolder {
    path: PathBuf,
    /// The model's configuration.
    pub config: BertConfig,
    /// Its weights.
    pub checkpoint: Checkpoint,
    /// The settings of its run, if this program trained it.
    pub run: Option<RunConfig>,
}

/// A fine-tuned model, ready to answer.
///
/// ```no_run
/// use std::path::Path;
/// use bert_tasks::SequenceClassification;
/// use bert_train::FineTuned;
/// use burn::tensor::Device;
/// use datasets::TextDataset;
/// let model = FineTuned::<SequenceClassification>::load(Path::new("runs/sst2"), &Device::default())?;
/// let texts = TextDataset::from_texts(Path::new("arguments"), &["A lovely film.".into()])?;
/// for answer in model.answer(texts.examples())? {
///     println!("{answer:?}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FineTuned<K: Task> {
    /// The task.
    pub task: K,
    /// The model.
    pub model: K::Model,
    /// Its tokenizer.
    pub tokenizer: BertTokenizer,
    /// Its configuration.
    pub config: BertConfig,
    /// The task's options.
    pub options: K::Options,
    /// The settings of its run, if this program trained it.
    pub run: Option<RunConfig>,
    /// The device it is on.
    pub device: Device,
}

/// Rows per batch in [`FineTuned::answer`].
const BATCH_SIZE: usize = 64;

/// A folder that holds no fine-tuned model.
#[derive(Debug, thiserror::Error)]
pub enum FineTunedError {
    /// The run's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The configuration's reason.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer's reason.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of a run without a model.
    #[error(
        "{path}: this run has no model/ yet: it was stopped before its first evaluation, or is still running",
        path = .0.display()
    )]
    NoModel(PathBuf),
    /// The folder of a run for each of several seeds.
    #[error("{}: several runs are here, one for each seed; give one of them, such as {}", .0.display(), .1.display())]
    Several(PathBuf, PathBuf),
    /// The model has no head, or one that no task has.
    #[error("{path}: {reason}", path = .path.display())]
    NoTask {
        /// The model's folder.
        path: PathBuf,
        /// What it is, or what is missing.
        reason: String,
    },
}

/// Called with the task that a model folder is for.
pub trait WithTask {
    /// What it returns.
    type Output;

    /// Continues with the task.
    fn with<K: Task>(self, entry: &'static Entry<K>, folder: ModelFolder) -> Self::Output;
}

impl ModelFolder {
    /// Opens a run folder or a model folder; the `model` folder of a run counts as the run.
    ///
    /// # Errors
    /// If the folder is neither, or incomplete.
    pub fn open(dir: &Path) -> Result<Self, FineTunedError> {
        let opened = match run_of(dir) {
            Some(run) => Some(run),
            None => Run::open(dir)?,
        };
        let (path, run) = match opened {
            Some((run, config)) if run.model_dir().is_dir() => (run.model_dir(), Some(config)),
            Some((_, config)) => {
                return Err(match config.recipe.seeds.first() {
                    Some(seed) => FineTunedError::Several(dir.into(), dir.join(format!("seed-{seed}"))),
                    None => FineTunedError::NoModel(dir.into()),
                });
            }
            None => (dir.to_path_buf(), None),
        };
        Ok(Self {
            config: BertConfig::from_dir(&path)?,
            checkpoint: Checkpoint::open(&path)?,
            path,
            run,
        })
    }

    /// Finds the task that the model is for, and calls `then` with it.
    ///
    /// # Errors
    /// If there is no such task.
    pub fn with_task<W: WithTask>(self, then: W) -> Result<W::Output, FineTunedError> {
        let mut search = Search {
            folder: Some(self),
            then: Some(then),
            reasons: vec![],
        };
        if let Some(output) = visit_tasks(&mut search) {
            return Ok(output);
        }
        let folder = search.folder.expect("no task took it");
        let class = folder.config.architectures.iter().flatten().next();
        let reason = match (search.reasons.is_empty(), class) {
            (false, _) => search.reasons.join("; "),
            (true, Some(class)) => format!("this is a {class}, for which there is no task here"),
            (true, None) => "this model has no head".into(),
        };
        let path = folder.path.clone();
        let reason = format!(
            "{reason}; it must be fine-tuned first: bert train … --model {}",
            path.display()
        );
        Err(FineTunedError::NoTask { path, reason })
    }

    /// The task's options: those of the run, or the defaults.
    ///
    /// # Errors
    /// If the run has options that the task does not have.
    pub fn options<K: Task>(&self) -> Result<K::Options, FineTunedError> {
        match &self.run {
            Some(run) => Ok(run.options::<K>(&self.path.with_file_name("run.toml"))?),
            None => Ok(K::Options::default()),
        }
    }

    /// Puts the model on `device`.
    ///
    /// # Errors
    /// If the model is not for this task, or incomplete.
    pub fn load<K: Task>(self, options: K::Options, device: &Device) -> Result<FineTuned<K>, FineTunedError> {
        let corpus = self.run.as_ref().and_then(|run| find_corpus(&run.task));
        let metric = corpus
            .filter(|corpus| corpus.task == K::NAME)
            .map(|corpus| corpus.main_metric);
        let no_task = |reason| FineTunedError::NoTask {
            path: self.path.clone(),
            reason,
        };
        let task = K::from_model(&self.config, &self.checkpoint, metric, &options)
            .map_err(|reason| no_task(reason.spelled(flag)))?;
        let (model, report) = self
            .checkpoint
            .load_into(task.model(&self.config, 0, device), self.config.architecture())?;
        if !report.missing.is_empty() {
            return Err(no_task(format!("the weights lack {}", report.missing.join(", "))));
        }
        Ok(FineTuned {
            tokenizer: BertTokenizer::from_dir(&self.path)?,
            task,
            model,
            config: self.config,
            options,
            run: self.run,
            device: device.clone(),
        })
    }
}

impl<K: Task> FineTuned<K> {
    /// Loads a run folder or a model folder.
    ///
    /// # Errors
    /// If the folder is neither, incomplete, or its model is for another task.
    pub fn load(dir: &Path, device: &Device) -> Result<Self, FineTunedError> {
        let folder = ModelFolder::open(dir)?;
        let options = folder.options::<K>()?;
        folder.load(options, device)
    }

    /// The answers to `examples`, in their order.
    ///
    /// # Errors
    /// If the tokenizer refuses a text.
    pub fn answer(&self, examples: &[K::Example]) -> Result<Vec<K::Answer>, TaskError> {
        let rows = EncodedDataset::encode(&self.task, examples, &self.tokenizer, self.max_length())?;
        Ok(self.answer_rows(examples, &rows, BATCH_SIZE))
    }

    /// The answers to `examples`, whose rows are `rows`, in batches of `batch_size` rows.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn answer_rows(
        &self,
        examples: &[K::Example],
        rows: &EncodedDataset<K>,
        batch_size: usize,
    ) -> Vec<K::Answer> {
        let (task, tokenizer) = (&self.task, &self.tokenizer);
        let loader = BatchLoader::new(
            task,
            rows.clone(),
            Order::Dataset,
            batch_size,
            tokenizer,
            &self.device,
        );
        let mut answers: Vec<Option<K::Answer>> = vec![None; examples.len()];
        let evaluator = Evaluator::new(task, &self.model, examples);
        let all = evaluator.answer(&loader, |answered| {
            answers[answered.index] = Some(answered.answer);
            Ok::<(), Infallible>(())
        });
        match all {
            Ok(()) => answers.into_iter().flatten().collect(),
            Err(never) => match never {},
        }
    }

    /// Maximum number of tokens per text: as in training, or else the number of the model's positions.
    pub fn max_length(&self) -> usize {
        let positions = self.config.max_position_embeddings;
        self.run
            .as_ref()
            .map_or(positions, |run| run.recipe.max_length.min(positions))
    }
}

/// The run whose `model` folder `dir` is.
fn run_of(dir: &Path) -> Option<(Run, RunConfig)> {
    let whole = std::path::absolute(dir).ok()?;
    let run = Run::open(whole.parent()?).ok()?;
    run.filter(|(run, _)| run.model_dir() == whole)
}

/// Finds the task whose class config.json names, or, if it names none, whose head the model has.
struct Search<W> {
    folder: Option<ModelFolder>,
    then: Option<W>,
    reasons: Vec<String>,
}

impl<W: WithTask> TaskVisitor for Search<W> {
    type Output = W::Output;

    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<W::Output> {
        let folder = self.folder.as_ref().expect("taken only when the search ends");
        let class = folder.config.architectures.iter().flatten().next();
        let known = match &folder.run {
            Some(run) if find_corpus(&run.task).is_some() => entry.corpus(&run.task).is_some(),
            _ => class.is_none_or(|class| class == K::ARCHITECTURE),
        };
        if !known {
            return ControlFlow::Continue(());
        }
        match K::from_model(&folder.config, &folder.checkpoint, None, &K::Options::default()) {
            Ok(_) => {
                let folder = self.folder.take().expect("it was there");
                let then = self.then.take().expect("it was there");
                ControlFlow::Break(then.with(entry, folder))
            }
            Err(reason) => {
                let reason = reason.spelled(flag);
                if !self.reasons.contains(&reason) {
                    self.reasons.push(reason);
                }
                ControlFlow::Continue(())
            }
        }
    }
}
