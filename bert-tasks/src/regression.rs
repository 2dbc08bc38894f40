//! Regression over pairs of texts, or over single ones: the pooled `[CLS]` vector into one output, mean squared error
//! (`BertForSequenceClassification` with `problem_type` `regression` in Hugging Face transformers).

use bert_core::Init;
use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, BertModel, BertTokenizer, Checkpoint, EncoderInput, Mode};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use clap::Args;
use datasets::{DataError, ScoredDataset, ScoredExample};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::card::Card;
use crate::corpora::scores;
use crate::corpus::{Corpus, CorpusError};
use crate::inputs::Inputs;
use crate::metrics::{Metrics, pearson, spearman};
use crate::options::{Options, finite};
use crate::pooled_head::pooled_outputs;
use crate::review::{Line, Review, ReviewError, review_scores};
use crate::row::Row;
use crate::task::{Task, TaskError, TaskModel};

/// A number for a text, or for a pair of texts.
#[derive(Clone, Debug)]
pub struct SequenceRegression {
    main_metric: String,
    clip: Option<(f64, f64)>,
}

/// What can be chosen for regression.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreOptions {
    /// Column with the texts, or with the first text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// Column with the second text of each pair [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_column: Option<String>,
    /// Column with the scores [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_column: Option<String>,
    /// Read pairs of texts.
    #[arg(long)]
    pub pairs: bool,
    /// Lowest score to predict: what is below is raised to it.
    #[arg(long, value_name = "SCORE", value_parser = finite, allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_below: Option<f64>,
    /// Highest score to predict: what is above is lowered to it.
    #[arg(long, value_name = "SCORE", value_parser = finite, allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_above: Option<f64>,
}

impl Options for ScoreOptions {}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self::defaults()
    }
}

impl SequenceRegression {
    /// Regression compared by `main_metric`, `pearson` or `spearman`; predictions are kept within `clip`, if given.
    ///
    /// # Panics
    /// If the lower end of `clip` is above the upper one.
    pub fn new(main_metric: &str, clip: Option<(f64, f64)>) -> Self {
        assert!(clip.is_none_or(|(low, high)| low <= high), "{clip:?} is no range");
        Self {
            main_metric: main_metric.into(),
            clip,
        }
    }

    fn from_options(main_metric: &str, options: &ScoreOptions) -> Result<Self, String> {
        let (below, above) = (options.clip_below, options.clip_above);
        let low = below.unwrap_or(f64::NEG_INFINITY);
        let high = above.unwrap_or(f64::INFINITY);
        if low > high {
            return Err(format!("--clip-below {low} is above --clip-above {high}"));
        }
        let clip = (below.is_some() || above.is_some()).then_some((low, high));
        Ok(Self::new(main_metric, clip))
    }
}

impl Task for SequenceRegression {
    type Example = ScoredExample;
    type Place = ();
    type Target = f32;
    type Answer = f64;
    type Options = ScoreOptions;
    type Model = SequenceRegressor;

    const NAME: &'static str = "regression";
    const ABOUT: &'static str = "A number for a text, or for a pair of texts";
    const ARCHITECTURE: &'static str = "BertForSequenceClassification";
    const METRICS: &'static [&'static str] = &["pearson", "spearman", "mean_squared_error"];

    const CARD: Card = Card {
        pipeline: "text-classification",
        example: "\"some text\"",
        pair: "\"a text\" \"another\"",
        longer: "of longer ones the end is cut off",
    };

    fn corpora() -> &'static [Corpus<Self>] {
        scores::CORPORA
    }

    fn from_data(
        corpus: &Corpus<Self>,
        _: &ScoredDataset,
        options: &ScoreOptions,
    ) -> Result<Self, TaskError> {
        let task = Self::from_options(corpus.main_metric, options);
        task.map_err(|reason| DataError::Labels(reason).into())
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        main_metric: Option<&str>,
        options: &ScoreOptions,
    ) -> Result<Self, String> {
        match checkpoint.shape("classifier.weight") {
            Some(&[1, _]) => {}
            Some(&[outputs, _]) => {
                return Err(format!("this model has {outputs} outputs; a regression has one"));
            }
            _ => return Err("this model has no regression head (no tensor `classifier.weight`)".into()),
        }
        match config.problem_type.as_deref() {
            None | Some("regression") => Self::from_options(main_metric.unwrap_or("pearson"), options),
            Some(other) => Err(format!("this model's `problem_type` is \"{other}\"")),
        }
    }

    fn check(&self, examples: &ScoredDataset) -> Result<(), DataError> {
        match examples.examples().iter().find(|example| example.score.is_none()) {
            Some(example) => Err(example.source.fault(None, "no score")),
            None => Ok(()),
        }
    }

    fn encode(
        &self,
        examples: &[ScoredExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError> {
        let texts: Vec<_> = examples
            .iter()
            .map(|e| (e.text.as_str(), e.second.as_deref()))
            .collect();
        let target = |example: usize| examples[example].score.map(|score| score as f32);
        Row::of_texts(&texts, tokenizer, max_length, target)
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceRegressor {
        SequenceRegressor::new(config, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::ARCHITECTURE.into()]);
        config.problem_type = Some("regression".into());
        // transformers builds the head with as many outputs as there are labels: one.
        config.set_labels(&["score".into()]);
    }

    fn decode(&self, _: &ScoredExample, _: &[Row<Self>], logits: &[Vec<f32>]) -> f64 {
        let score = f64::from(logits[0][0]);
        self.clip.map_or(score, |(low, high)| score.clamp(low, high))
    }

    fn score(&self, examples: &[ScoredExample], answers: &[f64]) -> Metrics {
        let known = examples
            .iter()
            .zip(answers)
            .filter_map(|(example, &answer)| Some((example.score?, answer)));
        let (gold, found): (Vec<f64>, Vec<f64>) = known.unzip();
        metrics(&gold, &found)
    }

    fn main_metric(&self) -> &str {
        &self.main_metric
    }

    fn line(&self, example: &ScoredExample, answer: &f64) -> Map<String, Value> {
        let mut line = Map::new();
        line.insert("text".into(), example.text.as_str().into());
        if let Some(second) = &example.second {
            line.insert("second".into(), second.as_str().into());
        }
        if let Some(gold) = example.score {
            line.insert("gold".into(), json!(gold));
        }
        line.insert("score".into(), json!(answer));
        line
    }

    fn review(lines: &[Line]) -> Result<Review, ReviewError> {
        review_scores(lines, metrics)
    }

    fn read(inputs: &Inputs, options: &ScoreOptions) -> Result<ScoredDataset, CorpusError> {
        scores::read_inputs(inputs, options)
    }
}

fn metrics(gold: &[f64], found: &[f64]) -> Metrics {
    let squares: f64 = gold.iter().zip(found).map(|(a, b)| (a - b).powi(2)).sum();
    let mut metrics = Metrics::default();
    metrics.set("pearson", pearson(found, gold));
    metrics.set("spearman", spearman(found, gold));
    metrics.set("mean_squared_error", squares / gold.len().max(1) as f64);
    metrics
}

/// BERT with one dense output on the pooled `[CLS]` vector.
#[derive(Module, Debug)]
pub struct SequenceRegressor {
    /// The pre-trained encoder, all of which is fine-tuned.
    pub bert: BertModel,
    /// `[hidden, 1]`, learned from scratch.
    pub classifier: Linear,
    dropout: f64,
}

impl SequenceRegressor {
    /// Random weights drawn from `seed`.
    pub fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: BertModel::new(config, seed, device),
            classifier: init.linear(config.hidden_size, 1, device),
            dropout: config.classifier_dropout.unwrap_or(config.hidden_dropout_prob),
        }
    }
}

impl TaskModel for SequenceRegressor {
    type Target = f32;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        pooled_outputs(&self.bert, &self.classifier, self.dropout, input, mode)
    }

    fn loss(&self, logits: Tensor<3>, targets: &[f32], count: usize) -> Tensor<1> {
        let [batch, _, _] = logits.dims();
        assert_eq!(batch, targets.len(), "a target for each row");
        let targets = TensorData::new(targets.to_vec(), [batch, 1, 1]);
        let difference = logits.clone() - Tensor::from_data(targets, &logits.device());
        (difference.clone() * difference).sum() / count.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::Source;

    fn example(score: f64) -> ScoredExample {
        ScoredExample {
            text: "a".into(),
            second: None,
            score: Some(score),
            source: Source::file("scores".as_ref()),
        }
    }

    #[test]
    fn loss_is_the_mean_square() {
        let device = Device::default();
        let model = SequenceRegressor::new(&BertConfig::compact(10, 8, 1, 2), 1, &device);
        let logits = Tensor::<3>::from_data([[[1.0]], [[4.0]]], &device);
        let loss = model.loss(logits.clone(), &[2.0, 1.0], 2).into_scalar::<f32>();
        assert_eq!(loss, (1.0 + 9.0) / 2.0);
        // Over a window of four rows, these two give their share.
        assert_eq!(model.loss(logits, &[2.0, 1.0], 4).into_scalar::<f32>(), 2.5);
    }

    #[test]
    fn predictions_are_clipped_only_where_asked() {
        let decode = |clip| SequenceRegression::new("pearson", clip).decode(&example(0.0), &[], &[vec![5.5]]);
        assert_eq!(decode(None), 5.5);
        assert_eq!(decode(Some((0.0, 5.0))), 5.0);
        assert_eq!(decode(Some((6.0, f64::INFINITY))), 6.0);
    }

    #[test]
    fn scores_are_compared_over_the_whole_set() {
        let examples: Vec<ScoredExample> = [1.0, 2.0, 4.0].map(example).into();
        let metrics = SequenceRegression::new("pearson", None).score(&examples, &[2.0, 4.0, 8.0]);
        assert!((metrics.get("pearson").unwrap() - 1.0).abs() < 1e-15);
        assert!((metrics.get("spearman").unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(metrics.get("mean_squared_error"), Some((1.0 + 4.0 + 16.0) / 3.0));
    }
}
