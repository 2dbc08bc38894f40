//! Logits to labels with their probabilities, and their metrics.

use burn::tensor::Tensor;
use datasets::TextExample;
use serde_json::{Map, Value, json};

use super::SequenceClassification;
use super::SequenceClassifier;
use super::options::{ALL, DEFAULT_TOP_K};
use crate::heads::{argmax, row_values, softmax};
use crate::metrics::{Confusion, Metrics};
use crate::row::Row;
use crate::task::{Decode, Prediction};

/// The model's answer to one text.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassAnswer {
    /// The number of the most probable label.
    pub label: usize,
    /// The probability of each label, in the labels' order; they sum to 1.
    pub probabilities: Vec<f64>,
    /// The head's outputs, in the labels' order.
    pub logits: Vec<f32>,
}

impl ClassAnswer {
    /// The most probable label with the probabilities of all of them.
    pub fn of(logits: Vec<f32>) -> Self {
        Self {
            label: argmax(&logits),
            probabilities: softmax(&logits),
            logits,
        }
    }
}

impl Decode for SequenceClassification {
    /// `[batch, 1, labels]`.
    type Model = SequenceClassifier;
    type RowOutput = Vec<f32>;
    type Answer = ClassAnswer;
    /// The numbers of the right label and of the answer.
    type Score = (u32, u32);

    const METRICS: &'static [&'static str] = &["accuracy", "f1", "macro_f1", "matthews"];

    fn row_outputs(&self, output: Tensor<3>, _: &[Self::Row]) -> Vec<Vec<f32>> {
        row_values(output)
    }

    fn decode(&self, _: &TextExample, _: &[Row<(), u32>], mut outputs: Vec<Vec<f32>>) -> ClassAnswer {
        ClassAnswer::of(outputs.swap_remove(0))
    }

    fn score(&self, example: &TextExample, answer: &ClassAnswer) -> Option<(u32, u32)> {
        let gold = self.target(example)?;
        Some((gold as u32, answer.label as u32))
    }

    fn metrics(&self, scores: &[(u32, u32)]) -> Metrics {
        let mut confusion = Confusion::new(self.labels.len());
        for &(gold, answer) in scores {
            confusion.add(gold as usize, answer as usize);
        }
        metrics(&confusion)
    }

    fn metric_names(&self) -> Vec<&'static str> {
        let binary = self.labels.len() == 2;
        Self::METRICS
            .iter()
            .copied()
            .filter(|name| binary || *name != "f1")
            .collect()
    }

    fn main_metric(&self) -> &str {
        &self.main_metric
    }

    fn prediction(&self, example: &TextExample, answer: &ClassAnswer) -> Prediction {
        let mut line = Map::new();
        line.insert("text".into(), example.text.as_str().into());
        if let Some(second) = &example.second {
            line.insert("second".into(), second.as_str().into());
        }
        if let Some(gold) = &example.label {
            line.insert("gold".into(), gold.as_str().into());
        }
        let shown = self.shown(answer);
        let complete = shown.is_none();
        let shown = shown.unwrap_or_else(|| (0..self.labels.len()).collect());
        let by_name: Map<String, Value> = shown
            .into_iter()
            .map(|label| {
                let name = self.labels.name(label).to_owned();
                (name, json!(answer.probabilities[label]))
            })
            .collect();
        line.insert("label".into(), self.labels.name(answer.label).into());
        line.insert("probability".into(), json!(answer.probabilities[answer.label]));
        line.insert("probabilities".into(), by_name.into());
        if complete {
            line.insert("logits".into(), json!(answer.logits));
        }
        line
    }
}

impl SequenceClassification {
    /// The labels that a prediction shows, the most probable first; `None` for all, in their order.
    fn shown(&self, answer: &ClassAnswer) -> Option<Vec<usize>> {
        let all = self.labels.len();
        let count = match self.top_k {
            Some(0) => all,
            Some(count) => count,
            None if all > ALL => DEFAULT_TOP_K,
            None => all,
        };
        if count >= all {
            return None;
        }
        let mut labels: Vec<usize> = (0..all).collect();
        let more_probable = |a: &usize, b: &usize| {
            let by_probability = answer.probabilities[*b].total_cmp(&answer.probabilities[*a]);
            by_probability.then(a.cmp(b))
        };
        labels.select_nth_unstable_by(count, more_probable);
        labels.truncate(count);
        labels.sort_unstable_by(more_probable);
        Some(labels)
    }
}

/// The metrics of classification: `f1` where there are two labels, of the second one.
pub(crate) fn metrics(confusion: &Confusion) -> Metrics {
    let mut metrics = Metrics::default();
    metrics.set("accuracy", confusion.accuracy());
    if confusion.classes() == 2 {
        metrics.set("f1", confusion.f1(1));
    }
    metrics.set("macro_f1", confusion.macro_f1());
    metrics.set("matthews", confusion.matthews());
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_the_softmax() {
        let answer = ClassAnswer::of(vec![1.0, 3.0, 2.0]);
        assert_eq!(answer.label, 1);
        // scipy.special.softmax([1, 3, 2])
        let expected = [0.09003057317038046, 0.6652409557748219, 0.24472847105479764];
        for (found, expected) in answer.probabilities.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    }

    #[test]
    fn of_many_labels_the_most_probable_are_shown() {
        let prediction = |labels: usize, top_k| {
            let names = (0..labels).map(|label| format!("l{label}")).collect();
            let task = SequenceClassification::new(datasets::Labels::from_names(names).unwrap(), "accuracy");
            let logits = (0..labels)
                .map(|label| (label * 7 % labels) as f32 / 10.0)
                .collect();
            let example = TextExample {
                text: "a".into(),
                second: None,
                label: None,
                source: datasets::Source::file("a".as_ref()),
            };
            task.with_top_k(top_k)
                .prediction(&example, &ClassAnswer::of(logits))
        };
        let names = |line: &Prediction| -> Vec<String> {
            let shown = line["probabilities"].as_object().unwrap();
            shown.keys().cloned().collect()
        };
        let line = prediction(10_000, None);
        // 7 * 2857 = 19 999, 7 * 5714 = 39 998, 7 * 8571 = 59 997.
        assert_eq!(names(&line)[..3], ["l2857", "l5714", "l8571"]);
        assert_eq!(names(&line).len(), 10);
        assert_eq!(line["label"], names(&line)[0].as_str());
        assert!(!line.contains_key("logits") && line.len() == 4);
        assert_eq!(names(&prediction(10_000, Some(2))).len(), 2);
        for (labels, top_k) in [
            (10_000, Some(0)),
            (10_000, Some(10_000)),
            (100, None),
            (3, Some(5)),
        ] {
            let line = prediction(labels, top_k);
            assert_eq!(names(&line).len(), labels, "{labels} {top_k:?}");
            assert_eq!(names(&line)[1], "l1");
            assert!(line.contains_key("logits"));
        }
    }
}
