//! A fine-tuned classifier from disk: a run of this program, or any folder in Hugging Face's layout.

use std::path::{Path, PathBuf};

use bert_core::{BertConfig, BertTokenizer, Checkpoint, ConfigError, StoreError, TokenizerError};
use bert_tasks::{SequenceClassification, SequenceClassifier, Task};
use burn::tensor::Device;
use datasets::Labels;

use crate::run::{Run, RunConfig, RunError};

/// A classifier, ready to answer.
#[derive(Debug)]
pub struct FineTuned {
    /// The labels.
    pub task: SequenceClassification,
    /// The model.
    pub model: SequenceClassifier,
    /// What makes its token ids.
    pub tokenizer: BertTokenizer,
    /// Its shape.
    pub config: BertConfig,
    /// How it was trained, where this program did it.
    pub run: Option<RunConfig>,
}

/// A folder that holds no fine-tuned classifier.
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
    /// The model has no classification head.
    #[error(
        "{path}: {reason}; it must be fine-tuned first: bert train … --model {path}",
        path = .path.display()
    )]
    NoHead {
        /// The model's folder.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// The model is for another task.
    #[error("{path}: {reason}", path = .path.display())]
    OtherTask {
        /// The model's folder.
        path: PathBuf,
        /// What it is for.
        reason: String,
    },
}

/// The labels' names that transformers gives where nobody named them.
fn is_unnamed(label: &str) -> bool {
    label
        .strip_prefix("LABEL_")
        .is_some_and(|n| n.parse::<usize>().is_ok())
}

impl FineTuned {
    /// Loads a run folder, or a model folder.
    ///
    /// # Errors
    /// If the folder is neither, is not whole, or its model is no classifier.
    pub fn load(dir: &Path, device: &Device) -> Result<Self, FineTunedError> {
        let (path, run) = match Run::open(dir)? {
            Some((run, config)) if run.model_dir().is_dir() => (run.model_dir(), Some(config)),
            Some(_) => return Err(FineTunedError::NoModel(dir.into())),
            None => (dir.to_path_buf(), None),
        };
        let config = BertConfig::from_dir(&path)?;
        let checkpoint = Checkpoint::open(&path)?;
        let head = checkpoint.shape("classifier.weight").map(<[usize]>::to_vec);
        let Some([outputs, _]) = head.as_deref() else {
            let reason = "this model has no classification head (no tensor `classifier.weight`)".into();
            return Err(FineTunedError::NoHead { path, reason });
        };
        let class = config.architectures.iter().flatten().next();
        let problem = config.problem_type.as_deref();
        let other = match (class.map(String::as_str), problem) {
            (Some(class), _) if class != SequenceClassification::ARCHITECTURE => Some(format!(
                "this is a {class}; only {} can be used here",
                SequenceClassification::ARCHITECTURE
            )),
            (_, Some(problem)) if problem != "single_label_classification" => Some(format!(
                "this model's `problem_type` is \"{problem}\"; only \"single_label_classification\" can be used here"
            )),
            _ if *outputs < 2 => Some("this model has one output: a regression, no classification".into()),
            _ => None,
        };
        if let Some(reason) = other {
            return Err(FineTunedError::OtherTask { path, reason });
        }
        let names = match config.labels()? {
            Some(names) if names.len() == *outputs => names,
            Some(names) => {
                let reason = format!(
                    "config.json names {} labels, the head has {outputs} outputs",
                    names.len()
                );
                return Err(FineTunedError::OtherTask { path, reason });
            }
            None => (0..*outputs).map(|i| format!("LABEL_{i}")).collect(),
        };
        let labels = Labels::from_names(names).map_err(|e| FineTunedError::OtherTask {
            path: path.clone(),
            reason: format!("config.json, `id2label`: {e}"),
        })?;
        let main_metric = run.as_ref().map_or("accuracy", |run| run.task.main_metric());
        let task = SequenceClassification::new(labels, main_metric);
        let (model, report) = checkpoint.load_into(task.model(&config, 0, device))?;
        if !report.missing.is_empty() {
            let reason = format!("the weights lack {}", report.missing.join(", "));
            return Err(FineTunedError::NoHead { path, reason });
        }
        Ok(Self {
            tokenizer: BertTokenizer::from_dir(&path)?,
            task,
            model,
            config,
            run,
        })
    }

    /// The model's labels under the names that a dataset has for them, where nobody named the model's own and there are
    /// as many.
    pub fn adopt_labels(&mut self, labels: &Labels) -> bool {
        let unnamed = self.task.labels().iter().all(is_unnamed);
        let adopt = unnamed && labels.len() == self.task.labels().len();
        if adopt {
            self.task = SequenceClassification::new(labels.clone(), self.task.main_metric());
        }
        adopt
    }

    /// The most tokens of a text: as in training, else as many as the model has positions.
    pub fn max_length(&self) -> usize {
        let positions = self.config.max_position_embeddings;
        self.run
            .as_ref()
            .map_or(positions, |run| run.recipe.max_length.min(positions))
    }
}
