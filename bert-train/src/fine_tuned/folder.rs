//! The folder of a fine-tuned model, and the task that it is for.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use bert_tasks::heads::output_layers;
use bert_tasks::{Entry, Task, TaskVisitor, find_corpus, visit_tasks};
use burn::tensor::Device;
use datasets::Message;

use super::{FineTuned, FineTunedError};
use crate::run::{Run, RunConfig};

/// A folder with a fine-tuned model, opened but not loaded on a device.
#[derive(Debug)]
pub struct ModelFolder {
    path: PathBuf,
    /// The model's configuration.
    pub config: BertConfig,
    /// Its weights.
    pub checkpoint: Checkpoint,
    /// The settings of the run that trained it, if this program did.
    pub run: Option<RunConfig>,
}

/// What to do with a model folder, once its task is known.
pub trait WithTask {
    /// The result.
    type Output;

    /// Does it with the task `K`.
    fn with<K: Task>(self, entry: &'static Entry<K>, folder: ModelFolder) -> Self::Output;
}

impl ModelFolder {
    /// Opens a run folder or a model folder. The folder `model` of a run counts as the run.
    ///
    /// # Errors
    /// If the folder is neither, or is incomplete.
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

    /// Finds out which task the model is for, and calls `then` with it.
    ///
    /// # Errors
    /// If it is not for any registered task.
    pub fn with_task<W: WithTask>(self, then: W) -> Result<W::Output, FineTunedError> {
        let mut search = Search {
            folder: Some(self),
            then: Some(then),
            reasons: vec![],
        };
        if let Some(output) = visit_tasks(&mut search) {
            return Ok(output);
        }
        let folder = search.folder.expect("no task has taken it");
        let class = folder.config.architectures.iter().flatten().next();
        let reason = match (search.reasons.is_empty(), class) {
            (false, _) => joined(search.reasons),
            (true, Some(class)) => format!("this is a {class}; no task here has such a model").into(),
            (true, None) => "this model has no head".into(),
        };
        let path = folder.path.clone();
        let reason = match output_layers(&folder.config, &folder.checkpoint).is_empty() {
            true => reason
                .text("; fine-tune it first: train with this folder as ")
                .option("model"),
            // It has been fine-tuned, and something else is wrong.
            false => reason,
        };
        Err(FineTunedError::NoTask { path, reason })
    }

    /// The options of the task: those of the run, else the defaults.
    ///
    /// # Errors
    /// If the run has options that the task does not have, or that have a value that they cannot have.
    pub fn options<K: Task>(&self) -> Result<K::Options, FineTunedError> {
        match &self.run {
            Some(run) => Ok(run.options::<K>()?),
            None => Ok(K::Options::default()),
        }
    }

    /// The folder with the model's files.
    pub fn model_dir(&self) -> &Path {
        &self.path
    }

    /// The maximum number of tokens per row: as in training, else the number of positions of the model.
    pub fn max_length(&self) -> usize {
        max_length(&self.config, self.run.as_ref())
    }

    /// Loads the model on `device`.
    ///
    /// # Errors
    /// If the model is not for this task, or is incomplete.
    pub fn load<K: Task>(self, options: K::Options, device: &Device) -> Result<FineTuned<K>, FineTunedError> {
        let tokenizer = BertTokenizer::from_dir(&self.path)?.for_model(&self.config)?;
        self.checkpoint.check_embeddings(&self.config)?;
        let corpus = self.run.as_ref().and_then(|run| find_corpus(&run.task));
        let metric = corpus
            .filter(|corpus| corpus.task == K::NAME)
            .map(|corpus| corpus.main_metric);
        let no_task = |reason| FineTunedError::NoTask {
            path: self.path.clone(),
            reason,
        };
        let mut task = K::from_model(&self.config, &self.checkpoint, metric, &options).map_err(no_task)?;
        task.adopt_tokenizer(&tokenizer).map_err(no_task)?;
        let (model, report) = self.checkpoint.load_into(
            task.model(&self.config, 0, device),
            self.config.architecture().names(task.head()),
        )?;
        if !report.missing.is_empty() {
            let missing = report.missing.join(", ");
            return Err(no_task(format!("these weights are missing: {missing}").into()));
        }
        Ok(FineTuned {
            tokenizer,
            task,
            model,
            config: self.config,
            options,
            run: self.run,
            device: device.clone(),
        })
    }
}

/// The maximum number of tokens per row: as in training, else the number of positions of the model.
pub(super) fn max_length(config: &BertConfig, run: Option<&RunConfig>) -> usize {
    let positions = config.max_tokens();
    let embedding = config
        .sentence_embedding
        .as_ref()
        .and_then(|embedding| embedding.as_ref().ok());
    let known = run.map(|run| run.recipe.max_length);
    let known = known.or_else(|| embedding.and_then(|embedding| embedding.max_length));
    known.map_or(positions, |known| known.min(positions))
}

/// Several reasons in one message.
fn joined(reasons: Vec<Message>) -> Message {
    let mut reasons = reasons.into_iter();
    let first = reasons.next().unwrap_or_default();
    reasons.fold(first, |all, reason| all.text("; ").message(reason))
}

/// The run whose `model` folder `dir` is.
fn run_of(dir: &Path) -> Option<(Run, RunConfig)> {
    let full = std::path::absolute(dir).ok()?;
    let run = Run::open(full.parent()?).ok()?;
    run.filter(|(run, _)| run.model_dir() == full)
}

/// Looks for the task with the class of the model, or with its head if config.json has no class.
struct Search<W> {
    folder: Option<ModelFolder>,
    then: Option<W>,
    reasons: Vec<Message>,
}

impl<W: WithTask> TaskVisitor for Search<W> {
    type Output = W::Output;

    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<W::Output> {
        let folder = self
            .folder
            .as_ref()
            .expect("it is taken only at the end of the search");
        let class = folder.config.architectures.iter().flatten().next();
        let known = match &folder.run {
            Some(run) if find_corpus(&run.task).is_some() => entry.corpus(&run.task).is_some(),
            _ => class.is_none_or(|class| {
                let family = folder.config.architecture();
                K::HEADS.iter().any(|head| *class == family.class(head))
            }),
        };
        if !known {
            return ControlFlow::Continue(());
        }
        match K::from_model(&folder.config, &folder.checkpoint, None, &K::Options::default()) {
            Ok(_) => {
                let folder = self.folder.take().expect("nothing has taken it yet");
                let then = self.then.take().expect("nothing has taken it yet");
                ControlFlow::Break(then.with(entry, folder))
            }
            Err(reason) => {
                if !self.reasons.contains(&reason) {
                    self.reasons.push(reason);
                }
                ControlFlow::Continue(())
            }
        }
    }
}
