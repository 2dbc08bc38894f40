//! Classification of texts and of pairs of texts: the pooled `[CLS]` vector into one dense layer, cross-entropy
//! (Devlin et al. 2019, section 4.1; `BertForSequenceClassification` in Hugging Face transformers).

use bert_core::Init;
use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, BertModel, BertTokenizer, Checkpoint, EncoderInput, Mode};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use clap::Args;
use datasets::{DataError, Labels, TextDataset, TextExample};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::card::Card;
use crate::corpora::texts;
use crate::corpus::{Corpus, CorpusError};
use crate::inputs::Inputs;
use crate::metrics::{Confusion, Metrics};
use crate::objective::Objective;
use crate::options::Options;
use crate::pooled_head::pooled_outputs;
use crate::probability::{argmax, softmax};
use crate::review::{Line, Review, ReviewError, review_labels};
use crate::row::Row;
use crate::task::{Task, TaskError, TaskModel};

/// Classification of texts, or of pairs of them, into one of a set of labels.
#[derive(Clone, Debug)]
pub struct SequenceClassification {
    labels: Labels,
    main_metric: String,
    objective: Objective,
}

/// What can be chosen for classification.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextOptions {
    /// Column with the texts, or with the first text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the labels [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
    /// Read pairs of texts.
    #[arg(long)]
    pub pairs: bool,
    /// Share of a label that is spread over all of them (label smoothing).
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = crate::options::finite)]
    pub label_smoothing: f64,
    /// What classes weigh in the loss: `balanced`, or label=weight with commas between [default: all alike].
    #[arg(long, value_name = "WEIGHTS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<String>,
}

impl Options for TextOptions {}

impl Default for TextOptions {
    fn default() -> Self {
        Self::defaults()
    }
}

impl SequenceClassification {
    /// Classification into `labels`; `main_metric` is one of `accuracy`, `f1`, `macro_f1` and `matthews`.
    pub fn new(labels: Labels, main_metric: &str) -> Self {
        Self {
            labels,
            main_metric: main_metric.into(),
            objective: Objective::default(),
        }
    }

    /// The same task, learned by `objective`.
    pub fn with_objective(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// The labels in the order of their numbers.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The most probable label with the probabilities of all of them.
    pub fn classify(&self, logits: &[f32]) -> ClassAnswer {
        ClassAnswer {
            label: argmax(logits),
            probabilities: softmax(logits),
            logits: logits.to_vec(),
        }
    }

    fn target(&self, example: &TextExample) -> Option<usize> {
        example
            .label
            .as_deref()
            .and_then(|label| self.labels.index(label))
    }
}

/// What the model says of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassAnswer {
    /// The number of the most probable label.
    pub label: usize,
    /// The probability of each label, in the labels' order; they sum to 1.
    pub probabilities: Vec<f64>,
    /// The head's outputs, in the labels' order.
    pub logits: Vec<f32>,
}

impl Task for SequenceClassification {
    type Example = TextExample;
    type Place = ();
    type Target = u32;
    type Answer = ClassAnswer;
    type Options = TextOptions;
    type Model = SequenceClassifier;

    const NAME: &'static str = "classification";
    const ABOUT: &'static str = "One of a set of labels for a text, or for a pair of texts";
    const ARCHITECTURE: &'static str = "BertForSequenceClassification";
    const METRICS: &'static [&'static str] = &["accuracy", "f1", "macro_f1", "matthews"];
    const CARD: Card = Card {
        pipeline: "text-classification",
        example: "\"some text\"",
        pair: "\"a text\" \"another\"",
        longer: "of longer ones the end is cut off",
    };
    const TRAINING_OPTIONS: &'static [&'static str] = &["label_smoothing", "class_weights"];

    fn corpora() -> &'static [Corpus<Self>] {
        texts::CORPORA
    }

    fn from_data(
        corpus: &Corpus<Self>,
        train: &TextDataset,
        options: &TextOptions,
    ) -> Result<Self, TaskError> {
        let labels = match corpus.labels {
            Some(labels) => labels(),
            None => train.labels()?,
        };
        let learned = train.examples().iter().filter_map(|e| e.label.as_deref());
        let weights = options.class_weights.as_deref();
        let objective = Objective::new(options.label_smoothing, weights, &labels, learned)?;
        Ok(Self::new(labels, corpus.main_metric).with_objective(objective))
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        main_metric: Option<&str>,
        _: &TextOptions,
    ) -> Result<Self, String> {
        let labels = head_labels(config, checkpoint)?;
        if labels.len() < 2 {
            return Err("this model has one output: a regression, no classification".into());
        }
        match config.problem_type.as_deref() {
            None | Some("single_label_classification") => {}
            Some(other) => return Err(format!("this model's `problem_type` is \"{other}\"")),
        }
        let labels = Labels::from_names(labels).map_err(|e| format!("config.json, `id2label`: {e}"))?;
        Ok(Self::new(labels, main_metric.unwrap_or("accuracy")))
    }

    fn adopt_labels(&mut self, corpus: &Corpus<Self>, data: &TextDataset) -> Option<String> {
        let unnamed = |label: &str| {
            label
                .strip_prefix("LABEL_")
                .is_some_and(|number| number.parse::<usize>().is_ok())
        };
        let known = corpus
            .labels
            .map(|labels| labels())
            .or_else(|| data.labels().ok())?;
        if known.len() != self.labels.len() || !self.labels.iter().all(unnamed) {
            return None;
        }
        let names: Vec<String> = known
            .iter()
            .enumerate()
            .map(|(index, name)| format!("LABEL_{index} as {name}"))
            .collect();
        self.labels = known;
        Some(format!(
            "the model does not name its labels: taking {}",
            names.join(", ")
        ))
    }

    fn check(&self, examples: &TextDataset) -> Result<(), DataError> {
        examples.require_labels(&self.labels).map(drop)
    }

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError> {
        let texts: Vec<_> = examples
            .iter()
            .map(|e| (e.text.as_str(), e.second.as_deref()))
            .collect();
        let target = |example: usize| self.target(&examples[example]).map(|label| label as u32);
        Row::of_texts(&texts, tokenizer, max_length, target)
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceClassifier {
        SequenceClassifier {
            objective: self.objective.clone(),
            ..SequenceClassifier::new(config, self.labels.len(), seed, device)
        }
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::ARCHITECTURE.into()]);
        config.problem_type = Some("single_label_classification".into());
        let names: Vec<String> = self.labels.iter().map(str::to_owned).collect();
        config.set_labels(&names);
    }

    fn decode(&self, _: &TextExample, _: &[Row<Self>], logits: &[Vec<f32>]) -> ClassAnswer {
        self.classify(&logits[0])
    }

    fn score(&self, examples: &[TextExample], answers: &[ClassAnswer]) -> Metrics {
        let mut confusion = Confusion::new(self.labels.len());
        for (example, answer) in examples.iter().zip(answers) {
            if let Some(gold) = self.target(example) {
                confusion.add(gold, answer.label);
            }
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

    fn line(&self, example: &TextExample, answer: &ClassAnswer) -> Map<String, Value> {
        let mut line = Map::new();
        line.insert("text".into(), example.text.as_str().into());
        if let Some(second) = &example.second {
            line.insert("second".into(), second.as_str().into());
        }
        if let Some(gold) = &example.label {
            line.insert("gold".into(), gold.as_str().into());
        }
        let by_name: Map<String, Value> = self
            .labels
            .iter()
            .zip(&answer.probabilities)
            .map(|(name, &probability)| (name.to_owned(), json!(probability)))
            .collect();
        line.insert("label".into(), self.labels.name(answer.label).into());
        line.insert("probability".into(), json!(answer.probabilities[answer.label]));
        line.insert("probabilities".into(), by_name.into());
        line.insert("logits".into(), json!(answer.logits));
        line
    }

    fn review(lines: &[Line]) -> Result<Review, ReviewError> {
        review_labels(lines, metrics)
    }

    fn read(inputs: &Inputs, options: &TextOptions) -> Result<TextDataset, CorpusError> {
        texts::read_inputs(inputs, options)
    }
}

fn metrics(confusion: &Confusion) -> Metrics {
    let mut metrics = Metrics::default();
    metrics.set("accuracy", confusion.accuracy());
    if confusion.classes() == 2 {
        metrics.set("f1", confusion.f1(1));
    }
    metrics.set("macro_f1", confusion.macro_f1());
    metrics.set("matthews", confusion.matthews());
    metrics
}

/// The labels of a dense head on whole texts or on tokens: as config.json names them, else by number.
pub(crate) fn head_labels(config: &BertConfig, checkpoint: &Checkpoint) -> Result<Vec<String>, String> {
    let Some(&[outputs, _]) = checkpoint.shape("classifier.weight") else {
        return Err("this model has no classification head (no tensor `classifier.weight`)".into());
    };
    match config.labels().map_err(|e| e.to_string())? {
        Some(names) if names.len() == outputs => Ok(names),
        Some(names) => Err(format!(
            "config.json names {} labels, the head has {outputs} outputs",
            names.len()
        )),
        None => Ok((0..outputs).map(|i| format!("LABEL_{i}")).collect()),
    }
}

/// BERT with a dense layer on the pooled `[CLS]` vector.
#[derive(Module, Debug)]
pub struct SequenceClassifier {
    /// The pre-trained encoder, all of which is fine-tuned.
    pub bert: BertModel,
    /// `[hidden, labels]`, learned from scratch.
    pub classifier: Linear,
    dropout: f64,
    #[module(skip)]
    objective: Objective,
}

impl SequenceClassifier {
    /// Random weights drawn from `seed`.
    pub fn new(config: &BertConfig, labels: usize, seed: u64, device: &Device) -> Self {
        // The head draws from a seed of its own: its weights do not depend on the encoder's size.
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: BertModel::new(config, seed, device),
            classifier: init.linear(config.hidden_size, labels, device),
            dropout: config.classifier_dropout.unwrap_or(config.hidden_dropout_prob),
            objective: Objective::default(),
        }
    }
}

impl TaskModel for SequenceClassifier {
    type Target = u32;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        pooled_outputs(&self.bert, &self.classifier, self.dropout, input, mode)
    }

    fn loss(&self, logits: Tensor<3>, targets: &[u32], count: usize) -> Tensor<1> {
        let [batch, _, labels] = logits.dims();
        assert_eq!(batch, targets.len(), "a target for each row");
        let classes = targets.iter().map(|&target| target as i32).collect();
        let shares = vec![1.0 / count.max(1) as f32; batch];
        self.objective
            .loss(logits.reshape([batch, labels]), classes, shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(names: &[&str]) -> SequenceClassification {
        let names = names.iter().map(|name| name.to_string()).collect();
        SequenceClassification::new(Labels::from_names(names).unwrap(), "accuracy")
    }

    #[test]
    fn probabilities_are_those_of_the_softmax() {
        let prediction = task(&["a", "b", "c"]).classify(&[1.0, 3.0, 2.0]);
        assert_eq!(prediction.label, 1);
        // scipy.special.softmax([1, 3, 2])
        let expected = [0.09003057317038046, 0.6652409557748219, 0.24472847105479764];
        for (found, expected) in prediction.probabilities.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    }

    #[test]
    fn configuration_carries_the_labels() {
        let mut config = BertConfig::default();
        task(&["no", "yes"]).configure(&mut config);
        let again = BertConfig::from_json(&config.to_json()).unwrap();
        assert_eq!(again.labels().unwrap().unwrap(), ["no", "yes"]);
        assert_eq!(again.label2id.unwrap()["yes"], 1);
        assert_eq!(again.architectures.unwrap(), ["BertForSequenceClassification"]);
    }

    #[test]
    fn loss_is_the_mean_negative_log_likelihood() {
        let device = Device::default();
        let config = BertConfig::compact(10, 8, 1, 2);
        let model = SequenceClassifier::new(&config, 3, 1, &device);
        let logits = Tensor::<3>::from_data([[[1.0, 3.0, 2.0]], [[0.0, 0.0, 0.0]]], &device);
        let loss = model.loss(logits, &[1, 2], 2).into_scalar::<f32>();
        // (-log .6652409557748219 + log 3) / 2
        assert!((loss - 0.753_109_4).abs() < 1e-6, "{loss}");
    }
}
