//! A model's answers on a dataset, and how good they are.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Instant;

use bert_core::Mode;
use bert_tasks::{EncodedRow, Metrics, Task, TaskModel};

use crate::data::{BatchLoader, EncodedDataset};

/// How good a model's answers are.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss; NaN if targets are unknown.
    pub loss: f64,
    /// The task's metrics.
    pub metrics: Metrics,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// An answer to an example.
#[derive(Debug)]
pub struct Answered<'a, K: Task> {
    /// The example's index in its dataset.
    pub index: usize,
    /// The example.
    pub example: &'a K::Example,
    /// The answer.
    pub answer: K::Answer,
}

/// Runs a model over a dataset, batch by batch.
///
/// It streams: an example is decoded as soon as the outputs of all of its rows are there, and its answer is given away.
/// Only the [`Score`](bert_tasks::Decode::Score) of each example is kept, and the outputs of examples that still miss some.
///
/// ```
/// # use bert_core::BertTokenizer;
/// # use bert_tasks::{SequenceClassification, SequenceClassifier};
/// # use bert_train::{BatchLoader, EncodedDataset, Order};
/// # use bert_train::training::evaluator::{Answered, Evaluator};
/// # use burn::tensor::Device;
/// # use datasets::TextDataset;
/// # fn example(
/// #     task: SequenceClassification,
/// #     model: SequenceClassifier,
/// #     data: TextDataset,
/// #     tokenizer: BertTokenizer,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let rows = EncodedDataset::encode(&task, data.examples(), &tokenizer, 128)?;
/// let loader = BatchLoader::new(&task, rows, Order::ByLength, 64, &tokenizer, &Device::default());
/// let evaluator = Evaluator::new(&task, &model, data.examples());
/// let print = |Answered { index, answer, .. }: Answered<'_, SequenceClassification>| {
///     println!("{index}: {answer:?}");
///     Ok::<(), std::io::Error>(())
/// };
/// if let Some(evaluation) = evaluator.evaluate(&loader, |_| true, print)? {
///     println!("mean loss {}", evaluation.loss);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Evaluator<'a, K: Task> {
    task: &'a K,
    model: &'a K::Model,
    examples: &'a [K::Example],
}

impl<'a, K: Task> Evaluator<'a, K> {
    /// Runs `model` on `examples`.
    pub fn new(task: &'a K, model: &'a K::Model, examples: &'a [K::Example]) -> Self {
        Self {
            task,
            model,
            examples,
        }
    }

    /// Evaluates the model on the rows of `loader`, which must belong to the examples. Calls `progress` with the number of
    /// rows done after each batch, and ends with `None` if that returns `false`; calls `sink` with each answer, in any
    /// order.
    ///
    /// # Errors
    /// If `sink` fails.
    pub fn evaluate<E>(
        &self,
        loader: &BatchLoader<K>,
        mut progress: impl FnMut(usize) -> bool,
        mut sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<Option<Evaluation>, E> {
        let start = Instant::now();
        let mut waiting = Waiting::new(loader.rows(), self.examples.len());
        let mut scores: Vec<Option<K::Score>> = vec![None; self.examples.len()];
        let (mut sum, mut count, mut done) = (0.0, 0, 0);
        for batch in loader.batches(0) {
            let output = self.model.forward(&batch.input, Mode::Inference);
            let losses = K::Model::count(&batch.targets);
            let loss =
                (!batch.targets.is_empty()).then(|| self.model.loss(output.clone(), &batch.targets, losses));
            let output = self.model.generate(&batch.input, output);
            waiting.decode(self, &batch.rows, output, |answered| {
                scores[answered.index] = self.task.score(answered.example, &answered.answer);
                sink(answered)
            })?;
            let mean = loss.map_or(f64::NAN, |loss| loss.into_scalar::<f64>());
            sum += mean * losses as f64;
            count += losses;
            done += batch.rows.len();
            if !progress(done) {
                return Ok(None);
            }
        }
        let scores: Vec<K::Score> = scores.into_iter().flatten().collect();
        Ok(Some(Evaluation {
            metrics: self.task.metrics(&scores),
            loss: sum / count as f64,
            seconds: start.elapsed().as_secs_f64(),
        }))
    }

    /// Calls `sink` with each answer, in any order, without losses and scores.
    ///
    /// # Errors
    /// If `sink` fails.
    pub fn answer<E>(
        &self,
        loader: &BatchLoader<K>,
        mut sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut waiting = Waiting::new(loader.rows(), self.examples.len());
        for batch in loader.batches(0) {
            let output = self.model.forward(&batch.input, Mode::Inference);
            let output = self.model.generate(&batch.input, output);
            waiting.decode(self, &batch.rows, output, &mut sink)?;
        }
        Ok(())
    }
}

/// Evaluates `model` on the rows of `loader`, which must belong to `examples`, as [`Evaluator::evaluate`] does.
pub fn evaluate<K: Task>(
    task: &K,
    model: &K::Model,
    loader: &BatchLoader<K>,
    examples: &[K::Example],
    progress: impl FnMut(usize) -> bool,
) -> Option<Evaluation> {
    let evaluator = Evaluator::new(task, model, examples);
    match evaluator.evaluate(loader, progress, |_| Ok::<(), Infallible>(())) {
        Ok(evaluation) => evaluation,
        Err(never) => match never {},
    }
}

/// Outputs that wait for the other rows of their example.
struct Waiting<'a, K: Task> {
    rows: &'a EncodedDataset<K>,
    /// How many rows of each example have no output yet.
    missing: Vec<u32>,
    /// The row and its output, by example.
    outputs: HashMap<usize, Vec<(usize, K::RowOutput)>>,
}

impl<'a, K: Task> Waiting<'a, K> {
    fn new(rows: &'a EncodedDataset<K>, examples: usize) -> Self {
        let mut missing = vec![0; examples];
        for row in rows.iter() {
            missing[row.example()] += 1;
        }
        Self {
            rows,
            missing,
            outputs: HashMap::new(),
        }
    }

    /// Takes the output of a batch of `rows`, and decodes the examples that are complete now.
    fn decode<E>(
        &mut self,
        evaluator: &Evaluator<'_, K>,
        rows: &[usize],
        output: K::Output,
        mut sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<(), E> {
        let encoded: Vec<K::Row> = rows.iter().map(|&row| self.rows.get(row)).collect();
        let outputs = evaluator.task.row_outputs(output, &encoded);
        for ((&number, row), output) in rows.iter().zip(encoded).zip(outputs) {
            let index = row.example();
            self.missing[index] -= 1;
            let (rows, outputs) = match (self.missing[index], self.outputs.remove(&index)) {
                (0, None) => (vec![row], vec![output]),
                (missing, others) => {
                    let mut all = others.unwrap_or_default();
                    all.push((number, output));
                    if missing > 0 {
                        self.outputs.insert(index, all);
                        continue;
                    }
                    all.sort_by_key(|(number, _)| *number);
                    let rows = all.iter().map(|(number, _)| self.rows.get(*number)).collect();
                    (rows, all.into_iter().map(|(_, output)| output).collect())
                }
            };
            let example = &evaluator.examples[index];
            let answer = evaluator.task.decode(example, &rows, outputs);
            sink(Answered {
                index,
                example,
                answer,
            })?;
        }
        Ok(())
    }
}
