//! A run folder, read for a report.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use bert_core::BertConfig;
use bert_core::models::ARCHITECTURES;
use bert_tasks::analysis::{Analysis, AnalysisError, Line};
use bert_tasks::{Entry, Options, Task, TaskCard, TaskVisitor, visit_tasks};
use serde_json::Value;

use super::ReportError;
use super::bootstrap::{Interval, bootstrap};
use crate::run::{check_folder, text};

/// A run folder, read for a report.
#[derive(Debug)]
pub struct RunView {
    /// The folder's name.
    pub name: String,
    /// The content of `run.toml`.
    pub settings: toml::Table,
    /// The content of `metrics.json`; null before the first evaluation.
    pub metrics: Value,
    /// The training lines of `log.jsonl`.
    pub steps: Vec<Line>,
    /// The evaluations in `log.jsonl`.
    pub evaluations: Vec<Line>,
    /// The transformers class of its model.
    pub class: String,
    /// The mask token of its tokenizer.
    pub mask: &'static str,
    /// What is known about the run's task; `None` if the corpus is not one of this program's.
    pub task: Option<TaskFacts>,
    /// The run's predictions.
    pub analysis: Analysis,
    /// The metrics of the predictions with their intervals.
    pub intervals: Vec<Interval>,
}

/// What the pages say about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskFacts {
    /// Its name.
    pub name: &'static str,
    /// A short description of the corpus.
    pub about: &'static str,
    /// The end of the transformers class of its models.
    pub head: &'static str,
    /// What the cards of its models say.
    pub card: TaskCard,
    /// Whether the run read pairs of texts.
    pub pairs: bool,
}

impl RunView {
    /// Reads a run folder. Files that appear only later in a run may be missing; the last line of the log may be
    /// incomplete.
    ///
    /// # Errors
    /// If the folder is not a run, or a file is damaged.
    pub fn open(dir: &Path) -> Result<Self, ReportError> {
        check_folder(dir)?;
        let path = dir.join("run.toml");
        let text = text::read(&path)?.ok_or_else(|| ReportError::NotARun(dir.into()))?;
        let settings: toml::Table = text::toml(&path, &text)?;
        let path = dir.join("metrics.json");
        let metrics = match text::read(&path)? {
            Some(text) => text::json(&path, 1, &text)?,
            None => Value::Null,
        };
        let log: Vec<Line> = text::json_lines(&dir.join("log.jsonl"))?;
        let of = |kind: &str| {
            log.iter()
                .filter(|line| line.get("type").and_then(Value::as_str) == Some(kind))
                .cloned()
                .collect()
        };
        let path = dir.join("predictions.jsonl");
        let mut visitor = ViewOfTask {
            corpus: settings
                .get("task")
                .and_then(toml::Value::as_str)
                .unwrap_or_default(),
            options: settings.get("options").and_then(toml::Value::as_table),
            predictions: &text::json_lines(&path)?,
        };
        let (task, analysis) = match visit_tasks(&mut visitor) {
            Some((task, analysis)) => (
                Some(task),
                analysis.map_err(|source| ReportError::Prediction { path, source })?,
            ),
            None => (None, Analysis::default()),
        };
        let config = BertConfig::from_dir(&dir.join("model")).ok();
        let architecture = config
            .as_ref()
            .map_or(ARCHITECTURES[0], |config| config.architecture());
        let class = config.and_then(|config| config.architectures?.into_iter().next());
        Ok(Self {
            name: name(dir),
            metrics,
            steps: of("train"),
            evaluations: of("evaluation"),
            class: class
                .unwrap_or_else(|| architecture.class(task.map_or("Model", |task: TaskFacts| task.head))),
            mask: architecture.tokenizer.mask,
            task,
            intervals: bootstrap(&analysis.scorer),
            analysis,
            settings,
        })
    }

    /// The name of the main metric.
    pub fn main_metric(&self) -> &str {
        self.metrics["main_metric"].as_str().unwrap_or("loss")
    }

    /// A metric of the run's model: from its predictions, else from its evaluation.
    pub fn value(&self, metric: &str) -> Option<f64> {
        let predicted = self.intervals.iter().find(|interval| interval.name == metric);
        let evaluation = self.kept_step().map_or("final", |_| "best");
        predicted
            .map(|interval| interval.value)
            .or_else(|| self.metrics[evaluation][metric].as_f64())
    }

    /// The step of the best evaluation, if model and predictions are from there and not from the end of the run.
    pub fn kept_step(&self) -> Option<u64> {
        let step = |field: &str| self.metrics[field].as_u64();
        step("model_step").filter(|kept| step("steps") != Some(*kept))
    }

    /// The names of the metrics of an evaluation, the main metric first, without the loss.
    pub fn metric_names(&self) -> Vec<String> {
        const OTHERS: [&str; 7] = [
            "type",
            "step",
            "epoch",
            "loss",
            "texts_per_second",
            "tokens_per_second",
            "seconds",
        ];
        let logged = self.evaluations.first().into_iter().flat_map(Line::iter);
        let mut names: Vec<String> = logged
            .filter(|(name, value)| value.is_number() && !OTHERS.contains(&name.as_str()))
            .map(|(name, _)| name.clone())
            .collect();
        names.sort_by_key(|name| name != self.main_metric());
        names
    }

    /// A field of the training lines, by step.
    pub fn curve(&self, field: &str) -> Vec<(f64, f64)> {
        points(&self.steps, field)
    }

    /// A field of the evaluations, by step.
    pub fn evaluated(&self, field: &str) -> Vec<(f64, f64)> {
        points(&self.evaluations, field)
    }
}

fn points(lines: &[Line], field: &str) -> Vec<(f64, f64)> {
    let number = |line: &Line, field: &str| line.get(field).and_then(Value::as_f64);
    lines
        .iter()
        .filter_map(|line| Some((number(line, "step")?, number(line, field)?)))
        .collect()
}

/// The folder's own name, also where the path is `.` or ends in `..`.
fn name(dir: &Path) -> String {
    let whole = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf());
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| dir.display().to_string())
}

/// Finds the task of a run, and analyses its predictions.
struct ViewOfTask<'a> {
    corpus: &'a str,
    options: Option<&'a toml::Table>,
    predictions: &'a [Line],
}

impl TaskVisitor for ViewOfTask<'_> {
    type Output = (TaskFacts, Result<Analysis, AnalysisError>);

    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
        let Some(corpus) = entry.corpus(self.corpus) else {
            return ControlFlow::Continue(());
        };
        // Options of another version of this program do not prevent a report.
        let options = self.options.and_then(|table| table.clone().try_into().ok());
        let facts = TaskFacts {
            name: K::NAME,
            about: corpus.about,
            head: K::HEAD,
            card: entry.card,
            pairs: options.is_some_and(|options: K::Options| options.reads_pairs()),
        };
        let analyse = |analyse: bert_tasks::registry::Analyser| analyse(self.predictions);
        let analysis = entry.analyse.map_or(Ok(Analysis::default()), analyse);
        ControlFlow::Break((facts, analysis))
    }
}
