//! A model's answers on a whole dataset.

use std::time::Instant;

use bert_core::Mode;
use bert_tasks::{Metrics, Row, Task, TaskModel};
use burn::tensor::Tensor;

use crate::data::encoded::EncodedDataset;
use crate::data::loader::BatchLoader;

/// What a model says of every example, and what that is worth.
#[derive(Clone, Debug)]
pub struct Evaluation<K: Task> {
    /// One an example, in the dataset's order.
    pub answers: Vec<K::Answer>,
    /// The mean loss; NaN where targets are not known.
    pub loss: f64,
    /// The task's metrics.
    pub metrics: Metrics,
    /// How long it took.
    pub seconds: f64,
}

/// Runs `model` over all rows of `loader`, which are those of `examples`, calling `progress` with the number of rows
/// done; `None` if that says to stop.
pub fn evaluate<K: Task>(
    task: &K,
    model: &K::Model,
    loader: &BatchLoader<K>,
    examples: &[K::Example],
    mut progress: impl FnMut(usize) -> bool,
) -> Option<Evaluation<K>> {
    let mut outputs = Outputs::new(loader.rows());
    for batch in loader.batches(0) {
        let logits = model.forward(&batch.input, Mode::Inference);
        let count = K::Model::count(&batch.targets);
        let loss = (!batch.targets.is_empty()).then(|| model.loss(logits.clone(), &batch.targets, count));
        outputs.add(&batch.rows, logits, loss, count);
        if !progress(outputs.done) {
            return None;
        }
    }
    Some(outputs.finish(task, examples))
}

/// The model's answers to `examples`, whose rows are `rows` and their outputs `logits`.
fn decode<K: Task>(
    task: &K,
    examples: &[K::Example],
    rows: &EncodedDataset<K>,
    logits: &[Vec<f32>],
) -> Vec<K::Answer> {
    let mut answers = Vec::with_capacity(examples.len());
    let mut start = 0;
    let mut rows = rows.iter().peekable();
    while let Some(first) = rows.next() {
        let example = first.example;
        let mut rows_of_one: Vec<Row<K>> = vec![first];
        while let Some(row) = rows.next_if(|row| row.example == example) {
            rows_of_one.push(row);
        }
        let end = start + rows_of_one.len();
        answers.push(task.decode(&examples[example], &rows_of_one, &logits[start..end]));
        start = end;
    }
    answers
}

/// Collects batches, which come in another order than the dataset's.
#[derive(Debug)]
pub(crate) struct Outputs<'a, K: Task> {
    start: Instant,
    rows: &'a EncodedDataset<K>,
    logits: Vec<Vec<f32>>,
    loss: f64,
    count: usize,
    pub(crate) done: usize,
}

impl<'a, K: Task> Outputs<'a, K> {
    pub(crate) fn new(rows: &'a EncodedDataset<K>) -> Self {
        Self {
            start: Instant::now(),
            rows,
            logits: vec![vec![]; rows.len()],
            loss: 0.0,
            count: 0,
            done: 0,
        }
    }

    pub(crate) fn add(&mut self, rows: &[usize], logits: Tensor<3>, loss: Option<Tensor<1>>, count: usize) {
        let [_, places, outputs] = logits.dims();
        let data = logits.into_data();
        let values: Vec<f32> = data.iter::<f32>().collect();
        for (&row, values) in rows.iter().zip(values.chunks(places * outputs)) {
            // Of outputs one a token, those of padding mean nothing.
            let real = places.min(self.rows.tokens(row));
            self.logits[row] = values[..real * outputs].to_vec();
        }
        let mean = loss.map_or(f64::NAN, |loss| loss.into_scalar::<f64>());
        self.loss += mean * count as f64;
        self.count += count;
        self.done += rows.len();
    }

    pub(crate) fn answers(&self, task: &K, examples: &[K::Example]) -> Vec<K::Answer> {
        decode(task, examples, self.rows, &self.logits)
    }

    pub(crate) fn finish(self, task: &K, examples: &[K::Example]) -> Evaluation<K> {
        let answers = self.answers(task, examples);
        Evaluation {
            metrics: task.score(examples, &answers),
            answers,
            loss: self.loss / self.count as f64,
            seconds: self.start.elapsed().as_secs_f64(),
        }
    }
}
