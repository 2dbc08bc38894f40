//! A fine-tuned model from disk: a run of this program, or any folder in Hugging Face's layout.

mod error;
mod folder;

use std::path::Path;

use bert_core::{BertConfig, BertTokenizer};
use bert_tasks::{Decode, Task, TaskError};
use burn::tensor::Device;

use crate::data::{BatchLoader, EncodedDataset, Order};
use crate::run::RunConfig;
use crate::training::evaluator::Evaluator;

pub use error::FineTunedError;
pub use folder::{ModelFolder, WithTask};

/// Rows per batch of [`FineTuned::answer`].
const BATCH_SIZE: usize = 64;

/// A fine-tuned model on a device.
///
/// ```no_run
/// use std::path::Path;
///
/// use bert_tasks::SequenceClassification;
/// use bert_train::FineTuned;
/// use burn::tensor::Device;
/// use datasets::TextDataset;
///
/// let model = FineTuned::<SequenceClassification>::load(Path::new("runs/sst2"), &Device::default())?;
/// let texts = TextDataset::from_texts(Path::new("arguments"), &["A lovely film.".into()])?;
/// for answer in model.answer(texts.examples())? {
///     println!("{answer:?}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FineTuned<K: Task> {
    /// Its task.
    pub task: K,
    /// The model.
    pub model: K::Model,
    /// Its tokenizer.
    pub tokenizer: BertTokenizer,
    /// Its configuration.
    pub config: BertConfig,
    /// The task's options: those of the run, unless others were given.
    pub options: K::Options,
    /// The settings of the run that trained it, if this program did.
    pub run: Option<RunConfig>,
    /// The device.
    pub device: Device,
}

impl<K: Task> FineTuned<K> {
    /// Loads a run folder or a model folder of a known task.
    ///
    /// # Errors
    /// If the folder is neither, is incomplete, or its model is for another task.
    pub fn load(dir: &Path, device: &Device) -> Result<Self, FineTunedError> {
        let folder = ModelFolder::open(dir)?;
        let options = folder.options::<K>()?;
        folder.load(options, device)
    }

    /// The answers to `examples`, in their order.
    ///
    /// # Errors
    /// If the tokenizer refuses a text, or an example has nothing that the model could read.
    pub fn answer(&self, examples: &[K::Example]) -> Result<Vec<K::Answer>, TaskError> {
        self.answer_as(&self.task, examples)
    }

    /// The answers of another task that uses the same model, such as [`TextScoring`](bert_tasks::TextScoring).
    ///
    /// # Errors
    /// If the tokenizer refuses a text, or an example has nothing that the model could read.
    pub fn answer_as<T: Decode<Model = K::Model>>(
        &self,
        task: &T,
        examples: &[T::Example],
    ) -> Result<Vec<T::Answer>, TaskError> {
        let rows = EncodedDataset::encode(task, examples, &self.tokenizer, self.max_length())?;
        let (tokenizer, device) = (&self.tokenizer, &self.device);
        let loader = BatchLoader::new(task, rows, Order::ByLength, BATCH_SIZE, tokenizer, device);
        Ok(Evaluator::new(task, &self.model, examples).answers(&loader, |_| ()))
    }

    /// The maximum number of tokens per row: as in training, else the number of positions of the model.
    pub fn max_length(&self) -> usize {
        folder::max_length(&self.config, self.run.as_ref())
    }
}
