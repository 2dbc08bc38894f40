//! Classification of texts and of pairs of texts: the pooled `[CLS]` vector into one dense layer, cross-entropy
//! (Devlin et al. 2019, section 4.1; `BertForSequenceClassification` in Hugging Face transformers).

mod decode;
mod encode;
mod model;
mod options;

use std::iter;

use bert_core::{BertConfig, Checkpoint};
use burn::tensor::Device;
use datasets::{DataError, Labels, Message, TextDataset, TextExample};

use crate::heads::{CrossEntropyLoss, check_encoder, check_pooler, head_labels};
use crate::task::{CorpusFacts, Task, TaskError};

pub use self::decode::ClassAnswer;
#[cfg(feature = "files")]
pub(crate) use self::decode::metrics;
pub use self::model::SequenceClassifier;
pub use self::options::TextOptions;

/// Classification of texts, or of pairs of them, into one of a set of labels.
#[derive(Clone, Debug)]
pub struct SequenceClassification {
    labels: Labels,
    main_metric: String,
    cross_entropy: CrossEntropyLoss,
    top_k: Option<usize>,
}

impl SequenceClassification {
    /// Classification into `labels`; `main_metric` is one of `accuracy`, `f1`, `macro_f1` and `matthews`.
    pub fn new(labels: Labels, main_metric: &str) -> Self {
        Self {
            labels,
            main_metric: main_metric.into(),
            cross_entropy: CrossEntropyLoss::default(),
            top_k: None,
        }
    }

    /// The same task with probabilities of the `top_k` most probable labels in each prediction; see
    /// [`TextOptions::top_k`].
    pub fn with_top_k(mut self, top_k: Option<usize>) -> Self {
        self.top_k = top_k;
        self
    }

    /// The same task, trained with `cross_entropy`.
    pub fn with_cross_entropy(mut self, cross_entropy: CrossEntropyLoss) -> Self {
        self.cross_entropy = cross_entropy;
        self
    }

    /// The labels in the order of their numbers.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The number of the example's label, if it has one of the task's labels.
    fn target(&self, example: &TextExample) -> Option<usize> {
        let label = example.label.as_deref()?;
        self.labels.index(label)
    }
}

impl Task for SequenceClassification {
    type Options = TextOptions;

    const NAME: &'static str = "classification";
    const ABOUT: &'static str = "One of a set of labels for a text, or for a pair of texts";
    const HEAD: &'static str = "ForSequenceClassification";

    fn from_data(
        corpus: &CorpusFacts<'_>,
        train: &TextDataset,
        options: &TextOptions,
    ) -> Result<Self, TaskError> {
        let labels = match &corpus.labels {
            Some(labels) => labels.clone(),
            None => train.labels()?,
        };
        let counts = train.label_counts()?;
        let learned = counts
            .iter()
            .flat_map(|(label, &count)| iter::repeat_n(label.as_str(), count));
        let weights = options.class_weights.as_ref();
        let cross_entropy = CrossEntropyLoss::new(options.label_smoothing, weights, &labels, learned)?;
        let task = Self::new(labels, corpus.main_metric).with_cross_entropy(cross_entropy);
        Ok(task.with_top_k(options.top_k))
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        main_metric: Option<&str>,
        options: &TextOptions,
    ) -> Result<Self, Message> {
        let labels = head_labels(config, checkpoint, Self::HEAD)?;
        check_encoder(config)?;
        check_pooler(config, checkpoint, Self::HEAD)?;
        if labels.len() < 2 {
            return Err("this model has one output: it does regression, not classification".into());
        }
        match config.problem_type.as_deref() {
            None | Some("single_label_classification") => {}
            Some(other) => return Err(format!("this model's `problem_type` is \"{other}\"").into()),
        }
        let labels = Labels::from_names(labels).map_err(|e| format!("config.json, `id2label`: {e}"))?;
        let task = Self::new(labels, main_metric.unwrap_or("accuracy"));
        Ok(task.with_top_k(options.top_k))
    }

    fn adopt_labels(&mut self, corpus: &CorpusFacts<'_>, data: &TextDataset) -> Option<String> {
        let unnamed = |label: &str| {
            label
                .strip_prefix("LABEL_")
                .is_some_and(|number| number.parse::<usize>().is_ok())
        };
        let known = corpus.labels.clone().or_else(|| data.labels().ok())?;
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

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceClassifier {
        SequenceClassifier::new(config, self.labels.len(), seed, device)
            .with_cross_entropy(self.cross_entropy.clone())
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
        config.problem_type = Some("single_label_classification".into());
        let names: Vec<String> = self.labels.iter().map(str::to_owned).collect();
        config.set_labels(&names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_carries_the_labels() {
        let names = ["no", "yes"].map(String::from).to_vec();
        let task = SequenceClassification::new(Labels::from_names(names).unwrap(), "accuracy");
        let mut config = BertConfig::default();
        task.configure(&mut config);
        let again = BertConfig::from_json(&config.to_json()).unwrap();
        assert_eq!(again.labels().unwrap().unwrap(), ["no", "yes"]);
        assert_eq!(again.label2id.unwrap()["yes"], 1);
        assert_eq!(again.architectures.unwrap(), ["BertForSequenceClassification"]);
    }
}
