//! The one loop that runs a model over a dataset: for evaluation in training, `eval`, `predict` and the library.

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Instant;

use bert_core::Mode;
use bert_tasks::{Batch, Decode, Encode, EncodedRow, Metrics, ModelOutput, TaskModel};
use datasets::{Example, Examples};

use crate::data::{BatchLoader, EncodedDataset};

/// How good a model's answers are.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss over the rows with a known target; NaN if there are none.
    pub loss: f64,
    /// The task's metrics.
    pub metrics: Metrics,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// An answer to an example.
#[derive(Debug)]
pub struct Answered<'a, K: Decode> {
    /// The example's index in its dataset.
    pub index: usize,
    /// The example.
    pub example: &'a K::Example,
    /// The answer.
    pub answer: K::Answer,
}

/// Runs a model over a dataset, batch by batch.
///
/// It streams: an example is decoded as soon as the outputs of all of its rows are there, and its answer goes to a sink. Only the
/// [`Score`](bert_tasks::Decode::Score) of each example is kept, and the outputs of examples that wait for further rows.
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
pub struct Evaluator<'a, K: Decode> {
    task: &'a K,
    model: &'a K::Model,
    examples: ExampleSource<'a, K::Example>,
}

/// The examples of an evaluation: a slice, or a dataset whose texts may be in a temporary file.
#[derive(Debug)]
pub enum ExampleSource<'a, E> {
    /// Examples in memory.
    Slice(&'a [E]),
    /// A dataset.
    Dataset(&'a Examples<E>),
}

impl<E> Clone for ExampleSource<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for ExampleSource<'_, E> {}

impl<'a, E> From<&'a [E]> for ExampleSource<'a, E> {
    fn from(examples: &'a [E]) -> Self {
        ExampleSource::Slice(examples)
    }
}

impl<'a, E> From<&'a Vec<E>> for ExampleSource<'a, E> {
    fn from(examples: &'a Vec<E>) -> Self {
        ExampleSource::Slice(examples)
    }
}

impl<'a, E> From<&'a Examples<E>> for ExampleSource<'a, E> {
    fn from(examples: &'a Examples<E>) -> Self {
        ExampleSource::Dataset(examples)
    }
}

impl<'a, E: Example> ExampleSource<'a, E> {
    fn len(self) -> usize {
        match self {
            ExampleSource::Slice(examples) => examples.len(),
            ExampleSource::Dataset(examples) => examples.len(),
        }
    }

    /// The example with this number.
    fn get(self, number: usize) -> Cow<'a, E> {
        match self {
            ExampleSource::Slice(examples) => Cow::Borrowed(&examples[number]),
            ExampleSource::Dataset(examples) => examples.get(number).expect("a temporary file can be read"),
        }
    }
}

impl<'a, K: Decode> Evaluator<'a, K> {
    /// Runs `model` on `examples`.
    pub fn new(task: &'a K, model: &'a K::Model, examples: impl Into<ExampleSource<'a, K::Example>>) -> Self {
        Self {
            task,
            model,
            examples: examples.into(),
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
        progress: impl FnMut(usize) -> bool,
        mut sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<Option<Evaluation>, E> {
        let start = Instant::now();
        let mut scores: Vec<Option<K::Score>> = vec![None; self.examples.len()];
        let mut loss = MeanLoss::default();
        let mut related_loss = None;
        let mut take = |answered: Answered<'_, K>| {
            scores[answered.index] = self.task.score(answered.example, &answered.answer);
            sink(answered)
        };
        let complete = match K::RELATED {
            false => self.run(loader, Some(&mut loss), progress, take)?,
            true => match self.related_answers(loader, &mut loss, progress) {
                None => false,
                Some((answers, of_all)) => {
                    related_loss = of_all;
                    for (index, answer) in answers.into_iter().enumerate() {
                        let example = &*self.examples.get(index);
                        take(Answered {
                            index,
                            example,
                            answer,
                        })?;
                    }
                    true
                }
            },
        };
        if !complete {
            return Ok(None);
        }
        let scores: Vec<K::Score> = scores.into_iter().flatten().collect();
        Ok(Some(Evaluation {
            metrics: self.task.metrics(&scores),
            loss: related_loss.unwrap_or_else(|| loss.mean()),
            seconds: start.elapsed().as_secs_f64(),
        }))
    }

    /// Answers only, as [`evaluate`](Self::evaluate) does, without losses and scores; whether it ran to the end.
    ///
    /// # Errors
    /// If `sink` fails.
    pub fn answer<E>(
        &self,
        loader: &BatchLoader<K>,
        progress: impl FnMut(usize) -> bool,
        sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<bool, E> {
        self.run(loader, None, progress, sink)
    }

    /// The answers to all examples, in their order. Calls `progress` with the number of rows done after each batch.
    ///
    /// # Panics
    /// If an example has no row.
    pub fn answers(&self, loader: &BatchLoader<K>, mut progress: impl FnMut(usize)) -> Vec<K::Answer> {
        let mut answers: Vec<Option<K::Answer>> = vec![None; self.examples.len()];
        let continues = |done| {
            progress(done);
            true
        };
        let all = self.answer(loader, continues, |answered| {
            answers[answered.index] = Some(answered.answer);
            Ok::<(), Infallible>(())
        });
        match all {
            Ok(_) => answers
                .into_iter()
                .map(|answer| answer.expect("each example has a row"))
                .collect(),
            Err(never) => match never {},
        }
    }

    /// The answers to all examples, in their order, where they depend on each other, and their loss (see [`Decode::relate`]); none if
    /// `progress` ended it.
    fn related_answers(
        &self,
        loader: &BatchLoader<K>,
        loss: &mut MeanLoss,
        progress: impl FnMut(usize) -> bool,
    ) -> Option<(Vec<K::Answer>, Option<f64>)> {
        let mut answers: Vec<Option<K::Answer>> = vec![None; self.examples.len()];
        let complete = self.run(loader, Some(loss), progress, |answered| {
            answers[answered.index] = Some(answered.answer);
            Ok::<(), Infallible>(())
        });
        let Ok(complete) = complete;
        let mut answers: Vec<K::Answer> = answers.into_iter().flatten().collect();
        complete.then(|| {
            let loss = self.task.relate(&mut answers);
            (answers, loss)
        })
    }

    /// Runs the model over the rows of `loader`; `false` if `progress` ended it.
    fn run<E>(
        &self,
        loader: &BatchLoader<K>,
        mut loss: Option<&mut MeanLoss>,
        mut progress: impl FnMut(usize) -> bool,
        mut sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut pending = PendingOutputs::new(loader.rows());
        let mut done = 0;
        for batch in loader.batches(0) {
            let output = self.model.forward(&batch.input, Mode::Inference);
            let output = self.model.generate(&batch.input, output);
            if let Some(loss) = &mut loss {
                loss.add(self.model, loader, &batch, &output);
            }
            pending.decode(self, &batch.rows, output, &mut sink)?;
            done += batch.rows.len();
            if !progress(done) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Evaluates `model` on the rows of `loader`, which must belong to `examples`, as [`Evaluator::evaluate`] does.
pub fn evaluate<'a, K: Decode>(
    task: &'a K,
    model: &'a K::Model,
    loader: &BatchLoader<K>,
    examples: impl Into<ExampleSource<'a, K::Example>>,
    progress: impl FnMut(usize) -> bool,
) -> Option<Evaluation> {
    let evaluator = Evaluator::new(task, model, examples);
    match evaluator.evaluate(loader, progress, |_| Ok::<(), Infallible>(())) {
        Ok(evaluation) => evaluation,
        Err(never) => match never {},
    }
}

/// The mean of all single losses with a known target.
#[derive(Default)]
struct MeanLoss {
    /// The sum and the number of the single losses of each term.
    terms: Vec<(f64, usize)>,
}

impl MeanLoss {
    /// Adds the losses of a batch. Where the targets of some of its rows are unknown, the loss is that of the others.
    fn add<M: TaskModel>(
        &mut self,
        model: &M,
        loader: &BatchLoader<impl Decode<Model = M, Input = M::Input, Target = M::Target>>,
        batch: &Batch<M::Input, M::Target>,
        output: &M::Output,
    ) {
        if !batch.targets.is_empty() {
            return self.add_known(model, output.clone(), &batch.targets);
        }
        let labelled = |row: &usize| loader.rows().get(*row).has_target();
        let known: Vec<usize> = batch.rows.iter().copied().filter(labelled).collect();
        // Rows that claim a target and get none in the batch are those of a task without targets.
        if !known.is_empty() && known.len() < batch.rows.len() {
            let known = loader.inference_batch(&known);
            let output = model.forward(&known.input, Mode::Inference);
            self.add_known(model, output, &known.targets);
        }
    }

    fn add_known<M: TaskModel>(&mut self, model: &M, output: M::Output, targets: &[M::Target]) {
        for (term, (sum, count)) in model.loss_sums(output, targets).into_iter().enumerate() {
            self.terms.resize(self.terms.len().max(term + 1), (0.0, 0));
            self.terms[term].0 += sum;
            self.terms[term].1 += count;
        }
    }

    /// The mean, or the sum of the means of all terms; NaN without any loss.
    fn mean(&self) -> f64 {
        let known = self.terms.iter().filter(|(_, count)| *count > 0);
        let mean = known.map(|&(sum, count)| sum / count as f64);
        mean.reduce(|a, b| a + b).unwrap_or(f64::NAN)
    }
}

/// The rows of an example with their outputs.
type Complete<K> = (Vec<<K as Encode>::Row>, Vec<<K as Decode>::RowOutput>);

/// The outputs of an example, some of which are missing.
struct Incomplete<O> {
    /// One for each row of the example.
    outputs: Vec<Option<O>>,
    missing: usize,
}

/// Outputs that wait for the other rows of their example. The loader keeps the rows of an example near each other, so that few
/// wait at a time.
struct PendingOutputs<'a, K: Decode> {
    rows: &'a EncodedDataset<K>,
    /// By the first row of their example.
    outputs: HashMap<usize, Incomplete<K::RowOutput>>,
}

impl<'a, K: Decode> PendingOutputs<'a, K> {
    fn new(rows: &'a EncodedDataset<K>) -> Self {
        let outputs = HashMap::new();
        Self { rows, outputs }
    }

    /// Takes the output of a batch of `rows`, and decodes the examples that are complete now.
    fn decode<E>(
        &mut self,
        evaluator: &Evaluator<'_, K>,
        rows: &[usize],
        output: ModelOutput<K>,
        mut sink: impl FnMut(Answered<'_, K>) -> Result<(), E>,
    ) -> Result<(), E> {
        let encoded: Vec<K::Row> = rows.iter().map(|&row| self.rows.get(row)).collect();
        let outputs = evaluator.task.row_outputs(output, &encoded);
        for ((&number, row), output) in rows.iter().zip(encoded).zip(outputs) {
            let index = row.example();
            let Some((rows, outputs)) = self.complete(number, row, output) else {
                continue;
            };
            let example = &*evaluator.examples.get(index);
            let answer = evaluator.task.decode(example, &rows, outputs);
            sink(Answered {
                index,
                example,
                answer,
            })?;
        }
        Ok(())
    }

    /// Adds the output of the row `number`; all rows of its example and their outputs, if it was the last one missing.
    fn complete(&mut self, number: usize, row: K::Row, output: K::RowOutput) -> Option<Complete<K>> {
        let all = self.rows.example_rows(number);
        if all.len() == 1 {
            return Some((vec![row], vec![output]));
        }
        let incomplete = self.outputs.entry(all.start).or_insert_with(|| Incomplete {
            outputs: all.clone().map(|_| None).collect(),
            missing: all.len(),
        });
        incomplete.outputs[number - all.start] = Some(output);
        incomplete.missing -= 1;
        if incomplete.missing > 0 {
            return None;
        }
        let Incomplete { outputs, .. } = self.outputs.remove(&all.start)?;
        let rows = all.map(|row| self.rows.get(row)).collect();
        Some((rows, outputs.into_iter().flatten().collect()))
    }
}
