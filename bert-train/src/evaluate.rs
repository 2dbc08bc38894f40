//! A model's answers on a whole dataset.

use std::time::Instant;

use bert_core::Mode;
use bert_tasks::{Metrics, Task, TaskModel};
use burn::tensor::Tensor;

use crate::loader::BatchLoader;

/// Logits of every example, and what they are worth.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// One row an example, in the dataset's order.
    pub logits: Vec<Vec<f32>>,
    /// The mean loss over the examples; NaN where targets are not known.
    pub loss: f64,
    /// The task's metrics; empty where targets are not known.
    pub metrics: Metrics,
    /// How long it took.
    pub seconds: f64,
}

/// Runs `model` over all of `loader`, calling `progress` with the number of examples done; `None` if that says to stop.
pub fn evaluate<K: Task>(
    task: &K,
    model: &K::Model,
    loader: &BatchLoader<K::Target>,
    mut progress: impl FnMut(usize) -> bool,
) -> Option<Evaluation> {
    let mut answers = Answers::new(loader.len());
    for batch in loader.epoch(0).flatten() {
        let logits = model.forward(&batch.input, Mode::Inference);
        let loss = (!batch.targets.is_empty()).then(|| model.loss(logits.clone(), &batch.targets));
        answers.add(&batch.rows, logits, loss);
        if !progress(answers.done) {
            return None;
        }
    }
    Some(answers.finish(task, loader))
}

/// Collects batches, which come in another order than the dataset's.
#[derive(Debug)]
pub(crate) struct Answers {
    start: Instant,
    logits: Vec<Vec<f32>>,
    loss: f64,
    pub(crate) done: usize,
}

impl Answers {
    pub(crate) fn new(examples: usize) -> Self {
        Self {
            start: Instant::now(),
            logits: vec![vec![]; examples],
            loss: 0.0,
            done: 0,
        }
    }

    pub(crate) fn add(&mut self, rows: &[usize], logits: Tensor<3>, loss: Option<Tensor<1>>) {
        let [_, places, outputs] = logits.dims();
        let data = logits.into_data();
        let values: Vec<f32> = data.iter::<f32>().collect();
        for (&row, values) in rows.iter().zip(values.chunks(places * outputs)) {
            self.logits[row] = values.to_vec();
        }
        let mean = loss.map_or(f64::NAN, |loss| loss.into_scalar::<f64>());
        self.loss += mean * rows.len() as f64;
        self.done += rows.len();
    }

    pub(crate) fn finish<K: Task>(self, task: &K, loader: &BatchLoader<K::Target>) -> Evaluation {
        let targets = loader.targets();
        let metrics = if targets.len() == self.logits.len() {
            task.score(&self.logits, &targets)
        } else {
            Metrics::default()
        };
        Evaluation {
            loss: self.loss / self.logits.len().max(1) as f64,
            seconds: self.start.elapsed().as_secs_f64(),
            logits: self.logits,
            metrics,
        }
    }
}
