//! The analysis of a run's predictions for its report: how certain the metrics are, and where the model errs.
//!
//! It reads the lines of `predictions.jsonl` alone, so that it works on any run folder, without the model.

mod answers;
mod gaps;
mod labels;
mod next_words;
mod rankings;
mod scores;
mod tags;

use std::fmt;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::metrics::Metrics;

pub use answers::analyse_answers;
pub use gaps::analyse_gaps;
pub use labels::{analyse_labels, confusion, label_scores};
pub use next_words::analyse_next_words;
pub use rankings::analyse_rankings;
pub use scores::analyse_scores;
pub use tags::analyse_tags;

/// One line of `predictions.jsonl`.
pub type Line = Map<String, Value>;

/// The analysis of a run's predictions.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Computes the metrics of chosen examples.
    pub scorer: Scorer,
    /// Tables and figures that fit the task.
    pub panels: Vec<Panel>,
    /// The heading of `mistakes`.
    pub mistakes_title: String,
    /// The mistakes that show most about the model, the most telling first.
    pub mistakes: Vec<Mistake>,
}

/// Computes the task's metrics over any choice of the evaluated examples: what a bootstrap needs.
#[derive(Default)]
pub struct Scorer {
    /// The number of evaluated examples.
    pub examples: usize,
    score: Option<ScoreOf>,
}

type ScoreOf = Box<dyn Fn(&[usize]) -> Metrics + Send + Sync>;

impl Scorer {
    /// A scorer of `examples` examples; `score` takes indices of examples, some of them several times.
    pub fn new(examples: usize, score: impl Fn(&[usize]) -> Metrics + Send + Sync + 'static) -> Self {
        let score: Option<ScoreOf> = Some(Box::new(score));
        Self { examples, score }
    }

    /// The metrics of the examples with these indices; `None` if the task has none.
    pub fn score(&self, numbers: &[usize]) -> Option<Metrics> {
        self.score.as_ref().map(|score| score(numbers))
    }
}

impl fmt::Debug for Scorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scorer")
            .field("examples", &self.examples)
            .finish_non_exhaustive()
    }
}

/// A table or a figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Panel {
    /// How often each label was predicted for each true one.
    Confusion(ConfusionPanel),
    /// Scores of groups of examples: by label, by length.
    Groups(GroupsPanel),
    /// One point per example.
    Scatter(ScatterPanel),
}

/// See [`Panel::Confusion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionPanel {
    /// The labels, in the order of rows and columns.
    pub labels: Vec<String>,
    /// `counts[true][given]`.
    pub counts: Vec<Vec<u64>>,
    /// How many labels were left out, those with the fewest mistakes.
    pub left_out: usize,
}

/// See [`Panel::Groups`].
#[derive(Clone, Debug, PartialEq)]
pub struct GroupsPanel {
    /// The heading.
    pub title: String,
    /// What a group is.
    pub group: String,
    /// What the scores are; each lies between 0 and 1.
    pub scores: Vec<String>,
    /// What is counted.
    pub counted: String,
    /// One row per group.
    pub rows: Vec<Group>,
}

/// One row of a [`GroupsPanel`].
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// One value per score.
    pub scores: Vec<f64>,
    /// Its size.
    pub count: usize,
}

/// See [`Panel::Scatter`].
#[derive(Clone, Debug, PartialEq)]
pub struct ScatterPanel {
    /// The heading.
    pub title: String,
    /// The horizontal axis.
    pub x: String,
    /// The vertical axis.
    pub y: String,
    /// One per example.
    pub points: Vec<(f64, f64)>,
}

/// An example on which the model is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// The texts of the example.
    pub parts: Vec<Part>,
    /// The right answer.
    pub gold: String,
    /// The model's answer.
    pub answer: String,
    /// The model's confidence, or how far off it is.
    pub weight: f64,
}

/// A text of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name; empty if it is the only text.
    pub name: String,
    /// The text.
    pub text: String,
    /// The bytes that the mistake is about, if it is not about the whole text.
    pub mark: Option<Range<usize>>,
}

/// How many mistakes are shown.
pub const MISTAKES: usize = 20;

/// A line that cannot be analysed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: field `{field}` is missing or has another type")]
pub struct AnalysisError {
    /// The line's number, from 1.
    pub line: usize,
    /// The field.
    pub field: &'static str,
}

/// The `mistakes` with the greatest weights, greatest first; equal ones in the order of the examples.
pub fn heaviest_mistakes(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    mistakes.truncate(MISTAKES);
    mistakes
}

/// The texts of a line, by the names of their fields.
pub fn texts(line: &Line, names: &[&str]) -> Vec<Part> {
    let found = names.iter().filter_map(|name| {
        let text = line.get(*name)?.as_str()?;
        Some((name, text))
    });
    let found: Vec<_> = found.collect();
    let alone = found.len() == 1;
    let part = |(name, text): (&&str, &str)| Part {
        name: if alone { String::new() } else { (*name).to_owned() },
        text: text.to_owned(),
        mark: None,
    };
    found.into_iter().map(part).collect()
}

/// A field that is text.
///
/// # Errors
/// If it is missing or has another type.
pub fn text<'a>(line: &'a Line, number: usize, field: &'static str) -> Result<&'a str, AnalysisError> {
    let error = AnalysisError { line: number, field };
    line.get(field).and_then(Value::as_str).ok_or(error)
}

/// A field that is a number.
///
/// # Errors
/// If it is missing or has another type.
pub fn number(line: &Line, number: usize, field: &'static str) -> Result<f64, AnalysisError> {
    let error = AnalysisError { line: number, field };
    line.get(field).and_then(Value::as_f64).ok_or(error)
}

/// The probability of an answer in line `number`; 0 if the model's output was not a number, which JSON writes as null.
///
/// # Errors
/// If it is missing or has another type.
pub fn probability(answer: Option<&Value>, number: usize) -> Result<f64, AnalysisError> {
    match answer {
        Some(Value::Null) => Ok(0.0),
        answer => answer.and_then(Value::as_f64).ok_or(AnalysisError {
            line: number,
            field: "probability",
        }),
    }
}
