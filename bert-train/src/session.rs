//! A run before it runs: task, model and encoded examples.

use bert_core::{BertConfig, BertTokenizer, StoreError, backend_name};
use bert_tasks::{Row, Splits, Task, TaskError};
use burn::tensor::Device;
use datasets::DataError;

use crate::recipe::Recipe;
use crate::start::Start;

/// Everything a run needs besides its folder.
#[derive(Debug)]
pub struct Session<K: Task> {
    /// What is learned.
    pub task: K,
    /// The name the run goes by.
    pub name: String,
    /// The encoder's shape, completed by [`Task::configure`].
    pub config: BertConfig,
    /// What made the token ids; saved with the model.
    pub tokenizer: BertTokenizer,
    /// The model, on a device with autodiff.
    pub model: K::Model,
    /// How many examples there are to learn from.
    pub train_examples: usize,
    /// Their rows.
    pub train: Vec<Row<K>>,
    /// Examples to be judged by.
    pub dev_examples: Vec<K::Example>,
    /// Their rows.
    pub dev: Vec<Row<K>>,
    /// The numbers of the run.
    pub recipe: Recipe,
    /// Where to train.
    pub device: Device,
    /// What its user should know before it runs.
    pub notes: Vec<String>,
}

/// A run that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The recipe's reason.
    #[error("{0}")]
    Recipe(String),
    /// The data's reason.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The task's reason.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The weights' reason.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<K: Task> Session<K> {
    /// Encodes the examples, builds the model and loads its weights.
    ///
    /// # Errors
    /// If the recipe makes no sense, a text cannot be encoded, what dev asks for is not in train, or the weights do not
    /// fit.
    pub fn new(
        task: K,
        name: &str,
        start: Start,
        splits: Splits<K::Example>,
        recipe: Recipe,
        device: &Device,
    ) -> Result<Self, SessionError> {
        recipe.check().map_err(SessionError::Recipe)?;
        let Start {
            mut config,
            tokenizer,
            weights,
        } = start;
        check_length(recipe.max_length, &config).map_err(SessionError::Recipe)?;
        task.configure(&mut config);
        task.check(&splits.train)?;
        task.check(&splits.dev)?;
        let mut notes: Vec<String> = splits.note.into_iter().collect();
        for (what, examples) in [("train", &splits.train), ("dev", &splits.dev)] {
            let remarks = task.remarks(examples).into_iter();
            notes.extend(remarks.map(|remark| format!("{what}: {remark}")));
        }
        let train = task.encode(splits.train.examples(), &tokenizer, recipe.max_length)?;
        let dev = task.encode(splits.dev.examples(), &tokenizer, recipe.max_length)?;
        for (what, rows) in [("train", &train), ("dev", &dev)] {
            notes.extend(truncated(rows, recipe.max_length).map(|note| format!("{what}: {note}")));
        }
        let mut model = task.model(&config, recipe.seed, &device.clone().autodiff());
        if let Some(weights) = weights {
            let report;
            (model, report) = weights.load_into(model)?;
            notes.push(format!("{}: {report}", weights.path().display()));
        }
        let rows = |rows: usize, examples: usize| match rows == examples {
            true => String::new(),
            false => format!(" in {rows} rows"),
        };
        notes.push(format!(
            "{name}: {} examples to learn from{}, {} to judge by{}; {:.1} M parameters on {}",
            splits.train.len(),
            rows(train.len(), splits.train.len()),
            splits.dev.len(),
            rows(dev.len(), splits.dev.len()),
            config.parameters() as f64 / 1e6,
            backend_name(device),
        ));
        Ok(Self {
            task,
            name: name.into(),
            config,
            tokenizer,
            model,
            train_examples: splits.train.len(),
            train,
            dev_examples: splits.dev.into_vec(),
            dev,
            recipe,
            device: device.clone(),
            notes,
        })
    }
}

/// Whether texts of `max_length` tokens fit the model.
///
/// # Errors
/// A sentence for the user, where they do not.
pub fn check_length(max_length: usize, config: &BertConfig) -> Result<(), String> {
    let positions = config.max_position_embeddings;
    match max_length > positions {
        true => Err(format!(
            "--max-length is {max_length}; this model reads at most {positions} tokens"
        )),
        false => Ok(()),
    }
}

/// How many texts were cut, if any was.
pub fn truncated<K: Task>(rows: &[Row<K>], max_length: usize) -> Option<String> {
    let count = rows.iter().filter(|row| row.encoding.truncated).count();
    let total = rows.len();
    (count > 0).then(|| format!("{count} of {total} texts are longer than {max_length} tokens and were cut"))
}
