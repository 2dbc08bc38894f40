//! A model's answers on a whole dataset.

use std::time::Instant;

use bert_core::Mode;
use bert_tasks::{EncodedRow, Metrics, Task, TaskModel};
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
        let output = model.forward(&batch.input, Mode::Inference);
        let count = K::Model::count(&batch.targets);
        let loss = (!batch.targets.is_empty()).then(|| model.loss(output.clone(), &batch.targets, count));
        outputs.add(
            task,
            &batch.rows,
            model.generate(&batch.input, output),
            loss,
            count,
        );
        if !progress(outputs.done) {
            return None;
        }
    }
    Some(outputs.finish(task, examples))
}

/// Collects batches, which come in another order than the dataset's.
pub(crate) struct Outputs<'a, K: Task> {
    start: Instant,
    rows: &'a EncodedDataset<K>,
    outputs: Vec<Option<K::RowOutput>>,
    loss: f64,
    count: usize,
    pub(crate) done: usize,
}

impl<'a, K: Task> Outputs<'a, K> {
    pub(crate) fn new(rows: &'a EncodedDataset<K>) -> Self {
        Self {
            start: Instant::now(),
            rows,
            outputs: (0..rows.len()).map(|_| None).collect(),
            loss: 0.0,
            count: 0,
            done: 0,
        }
    }

    pub(crate) fn add(
        &mut self,
        task: &K,
        rows: &[usize],
        output: K::Output,
        loss: Option<Tensor<1>>,
        count: usize,
    ) {
        let encoded: Vec<K::Row> = rows.iter().map(|&row| self.rows.get(row)).collect();
        for (&row, output) in rows.iter().zip(task.row_outputs(output, &encoded)) {
            self.outputs[row] = Some(output);
        }
        let mean = loss.map_or(f64::NAN, |loss| loss.into_scalar::<f64>());
        self.loss += mean * count as f64;
        self.count += count;
        self.done += rows.len();
    }

    pub(crate) fn answers(&mut self, task: &K, examples: &[K::Example]) -> Vec<K::Answer> {
        let mut answers = Vec::with_capacity(examples.len());
        let mut outputs = std::mem::take(&mut self.outputs).into_iter().flatten();
        let mut rows = self.rows.iter().peekable();
        while let Some(first) = rows.next() {
            let example = first.example();
            let mut own = vec![first];
            while let Some(row) = rows.next_if(|row| row.example() == example) {
                own.push(row);
            }
            let outputs = outputs.by_ref().take(own.len()).collect();
            answers.push(task.decode(&examples[example], &own, outputs));
        }
        answers
    }

    pub(crate) fn finish(mut self, task: &K, examples: &[K::Example]) -> Evaluation<K> {
        let answers = self.answers(task, examples);
        let scores: Vec<K::Score> = examples
            .iter()
            .zip(&answers)
            .filter_map(|(example, answer)| task.score(example, answer))
            .collect();
        Evaluation {
            metrics: task.metrics(&scores),
            answers,
            loss: self.loss / self.count as f64,
            seconds: self.start.elapsed().as_secs_f64(),
        }
    }
}
