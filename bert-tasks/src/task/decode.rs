//! From a model's output to answers, and from answers to metrics, predictions and files.

use std::fmt::Debug;

use serde_json::{Map, Value};

use super::encode::Encode;
use super::model::TaskModel;
use crate::metrics::Metrics;

/// A line of `predictions.jsonl`: a JSON object.
pub type Prediction = Map<String, Value>;

/// What a task's model computes for a batch.
pub type ModelOutput<K> = <<K as Decode>::Model as TaskModel>::Output;

/// Outputs to answers, and answers to metrics, predictions and files.
///
/// An evaluation streams: it keeps each row's [`RowOutput`](Self::RowOutput) until all rows of the example are there,
/// then decodes the example, keeps its [`Score`](Self::Score), and writes its prediction. So `RowOutput` holds no more
/// than [`decode`](Self::decode) needs, and `Score` no more than [`metrics`](Self::metrics) needs.
pub trait Decode: Encode {
    /// BERT with the head whose outputs these are.
    type Model: TaskModel<Input = Self::Input, Target = Self::Target>;
    /// What [`decode`](Self::decode) needs of one row's output, on the host.
    type RowOutput: Send + 'static;
    /// The model's answer to one example.
    type Answer: Clone + Debug + Send + Sync + 'static;
    /// What the metrics need of one example: small, since one is kept for each example.
    type Score: Clone + Debug + Send + Sync + 'static;

    /// The names of all metrics that the task can have.
    const METRICS: &'static [&'static str];

    /// The output of each of `rows`, read from the device in one go.
    fn row_outputs(&self, output: ModelOutput<Self>, rows: &[Self::Row]) -> Vec<Self::RowOutput>;

    /// The answer to `example`, from all of its rows and their outputs.
    fn decode(
        &self,
        example: &Self::Example,
        rows: &[Self::Row],
        outputs: Vec<Self::RowOutput>,
    ) -> Self::Answer;

    /// Whether the answer to an example depends on those to all others, as its rank in a collection does: see
    /// [`relate`](Self::relate).
    const RELATED: bool = false;

    /// Completes the answers to all examples of a dataset, in its order, before they are scored. Only an evaluation calls it, and
    /// only where they are [`RELATED`](Self::RELATED): it then keeps all of them. Returns the mean loss, if it is one over all
    /// answers and not the mean of those of batches.
    fn relate(&self, _answers: &mut [Self::Answer]) -> Option<f64> {
        None
    }

    /// What the metrics need of an example and its answer; none if the right answer is unknown.
    fn score(&self, example: &Self::Example, answer: &Self::Answer) -> Option<Self::Score>;

    /// The metrics of a dataset, from the scores of its examples in the dataset's order.
    fn metrics(&self, scores: &[Self::Score]) -> Metrics;

    /// The names of the metrics that this task gives.
    fn metric_names(&self) -> Vec<&'static str> {
        Self::METRICS.to_vec()
    }

    /// The main metric, which compares models: higher is better.
    fn main_metric(&self) -> &str;

    /// An example and its answer as a line of `predictions.jsonl`; an empty one is left out.
    fn prediction(&self, example: &Self::Example, answer: &Self::Answer) -> Prediction;

    /// The names of further files that programs for this task expect: each is one JSON object with a member for each
    /// example.
    fn files(&self) -> Vec<&'static str> {
        vec![]
    }

    /// The members that an example adds to those files: one for each, in their order.
    fn entries(&self, _example: &Self::Example, _answer: &Self::Answer) -> Vec<(String, Value)> {
        vec![]
    }
}
