//! Single-text classification: the pooled `[CLS]` vector into one dense layer, cross-entropy (Devlin et al. 2019,
//! section 4.1; `BertForSequenceClassification` in Hugging Face transformers).

use bert_core::init::Init;
use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, BertModel, BertTokenizer, EncoderInput, Mode, ops};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::{Labels, TextExample};
use serde_json::{Map, Value, json};

use crate::batch::Features;
use crate::metrics::{Confusion, Metrics};
use crate::task::{Task, TaskError, TaskModel};

/// Classification of texts into one of a set of labels.
#[derive(Clone, Debug)]
pub struct SequenceClassification {
    labels: Labels,
    main_metric: String,
}

impl SequenceClassification {
    /// Classification into `labels`; `main_metric` is one of `accuracy`, `f1`, `macro_f1` and `matthews`.
    pub fn new(labels: Labels, main_metric: &str) -> Self {
        Self {
            labels,
            main_metric: main_metric.into(),
        }
    }

    /// The labels in the order of their numbers.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The most probable label with the probabilities of all of them.
    pub fn decode(&self, logits: &[f32]) -> ClassPrediction {
        let probabilities = softmax(logits);
        let best = argmax(logits);
        ClassPrediction {
            label: self.labels.name(best).to_owned(),
            index: best,
            probability: probabilities[best],
            probabilities,
        }
    }
}

/// What the model says of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassPrediction {
    /// The most probable label.
    pub label: String,
    /// Its number.
    pub index: usize,
    /// Its probability.
    pub probability: f64,
    /// The probability of each label, in the labels' order; they sum to 1.
    pub probabilities: Vec<f64>,
}

impl Task for SequenceClassification {
    type Example = TextExample;
    type Target = u32;
    type Model = SequenceClassifier;

    const ARCHITECTURE: &'static str = "BertForSequenceClassification";

    fn encode(
        &self,
        examples: &[TextExample],
        targets: Option<&[u32]>,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Features<u32>>, TaskError> {
        let texts: Vec<_> = examples.iter().map(|e| (e.text.as_str(), None)).collect();
        let encodings = tokenizer.encode_batch(&texts, max_length)?;
        let features = encodings.into_iter().enumerate().map(|(row, encoding)| Features {
            encoding,
            target: targets.map(|targets| targets[row]),
        });
        Ok(features.collect())
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceClassifier {
        SequenceClassifier::new(config, self.labels.len(), seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::ARCHITECTURE.into()]);
        config.problem_type = Some("single_label_classification".into());
        let names: Vec<String> = self.labels.iter().map(str::to_owned).collect();
        config.set_labels(&names);
    }

    fn score(&self, logits: &[Vec<f32>], targets: &[u32]) -> Metrics {
        let mut confusion = Confusion::new(self.labels.len());
        for (row, &target) in logits.iter().zip(targets) {
            confusion.add(target as usize, argmax(row));
        }
        let mut metrics = Metrics::default();
        metrics.set("accuracy", confusion.accuracy());
        if self.labels.len() == 2 {
            metrics.set("f1", confusion.f1(1));
        }
        metrics.set("macro_f1", confusion.macro_f1());
        metrics.set("matthews", confusion.matthews());
        metrics
    }

    fn metric_names(&self) -> Vec<&'static str> {
        match self.labels.len() {
            2 => vec!["accuracy", "f1", "macro_f1", "matthews"],
            _ => vec!["accuracy", "macro_f1", "matthews"],
        }
    }

    fn main_metric(&self) -> &str {
        &self.main_metric
    }

    fn show(&self, example: &TextExample) -> Map<String, Value> {
        Map::from_iter([("text".into(), example.text.as_str().into())])
    }

    fn describe(&self, logits: &[f32], target: Option<&u32>) -> Map<String, Value> {
        let prediction = self.decode(logits);
        let mut line = Map::new();
        if let Some(&target) = target {
            line.insert("gold".into(), self.labels.name(target as usize).into());
        }
        let by_name: Map<String, Value> = self
            .labels
            .iter()
            .zip(&prediction.probabilities)
            .map(|(name, &probability)| (name.to_owned(), json!(probability)))
            .collect();
        line.insert("label".into(), prediction.label.into());
        line.insert("probability".into(), json!(prediction.probability));
        line.insert("probabilities".into(), by_name.into());
        line.insert("logits".into(), json!(logits));
        line
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
        }
    }
}

impl TaskModel for SequenceClassifier {
    type Target = u32;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        let output = self.bert.forward(input, mode);
        let pooled = output.pooled.expect("a classifier's BERT has its pooler");
        let pooled = ops::dropout(pooled, mode.dropout(self.dropout, HEAD_SITE));
        ops::linear(pooled.unsqueeze_dim(1), &self.classifier)
    }

    fn loss(&self, logits: Tensor<3>, targets: &[u32]) -> Tensor<1> {
        let [batch, _, labels] = logits.dims();
        let device = logits.device();
        assert_eq!(batch, targets.len(), "a target for each row");
        let targets: Vec<i32> = targets.iter().map(|&target| target as i32).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [batch]), &device);
        let weights = Tensor::full([batch], 1.0 / batch as f64, &device);
        ops::cross_entropy(logits.reshape([batch, labels]), targets, weights)
    }
}

/// The first place of the highest value; NaN is never the highest.
fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (place, &value) in values.iter().enumerate() {
        if value > values[best] || values[best].is_nan() {
            best = place;
        }
    }
    best
}

/// `exp(x_i) / sum exp(x_j)` in f64, shifted so that nothing overflows.
fn softmax(logits: &[f32]) -> Vec<f64> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f64> = logits.iter().map(|&x| f64::from(x - highest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.into_iter().map(|e| e / sum).collect()
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
        let prediction = task(&["a", "b", "c"]).decode(&[1.0, 3.0, 2.0]);
        assert_eq!((prediction.label.as_str(), prediction.index), ("b", 1));
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
        let loss = model.loss(logits, &[1, 2]).into_scalar::<f32>();
        // (-log .6652409557748219 + log 3) / 2
        assert!((loss - 0.753_109_4).abs() < 1e-6, "{loss}");
    }
}
