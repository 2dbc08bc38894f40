//! Regression over texts or pairs of texts: the pooled `[CLS]` vector into one output, mean squared error
//! (`BertForSequenceClassification` with `problem_type` `regression` in Hugging Face transformers).

mod decode;
mod encode;
mod model;
mod options;
mod target_scale;

use bert_core::{BertConfig, Checkpoint};
use burn::tensor::Device;
use datasets::{DataError, Message, ScoredDataset, ScoredExample};

use crate::heads::{CLASSIFIER, check_encoder, check_pooler, outputs};
use crate::task::{CorpusFacts, Options, Task, TaskError};

#[cfg(feature = "files")]
pub(crate) use self::decode::metrics;
pub use self::model::SequenceRegressor;
pub use self::options::ScoreOptions;
pub use self::target_scale::TargetScale;

/// The square of a difference of greater scores overflows 32-bit floats.
const MAX_SCORE: f64 = 1e18;

/// A number for a text, or for a pair of texts.
#[derive(Clone, Debug)]
pub struct SequenceRegression {
    main_metric: String,
    clip: Option<(f64, f64)>,
}

impl SequenceRegression {
    /// Regression compared by `main_metric`, `pearson` or `spearman`; predictions are kept within `clip`, if given.
    ///
    /// # Panics
    /// If the lower end of `clip` is above the upper one.
    pub fn new(main_metric: &str, clip: Option<(f64, f64)>) -> Self {
        assert!(
            clip.is_none_or(|(low, high)| low <= high),
            "{clip:?} is not a range"
        );
        Self {
            main_metric: main_metric.into(),
            clip,
        }
    }

    fn from_options(main_metric: &str, options: &ScoreOptions) -> Result<Self, TaskError> {
        options.check()?;
        let (below, above) = (options.clip_below, options.clip_above);
        let low = below.unwrap_or(f64::NEG_INFINITY);
        let high = above.unwrap_or(f64::INFINITY);
        let clip = (below.is_some() || above.is_some()).then_some((low, high));
        Ok(Self::new(main_metric, clip))
    }
}

impl Task for SequenceRegression {
    type Options = ScoreOptions;

    const NAME: &'static str = "regression";
    const ABOUT: &'static str = "A number for a text, or for a pair of texts";
    const HEAD: &'static str = "ForSequenceClassification";

    fn from_data(
        corpus: &CorpusFacts<'_>,
        _: &ScoredDataset,
        options: &ScoreOptions,
    ) -> Result<Self, TaskError> {
        Self::from_options(corpus.main_metric, options)
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        main_metric: Option<&str>,
        options: &ScoreOptions,
    ) -> Result<Self, Message> {
        match outputs(config, checkpoint, Self::HEAD, CLASSIFIER) {
            Ok(1) => {}
            Ok(outputs) => {
                return Err(format!("this model has {outputs} outputs; a regression has one").into());
            }
            Err(tensor) => {
                return Err(format!("this model has no regression head (no tensor `{tensor}`)").into());
            }
        }
        check_encoder(config)?;
        check_pooler(config, checkpoint, Self::HEAD)?;
        match config.problem_type.as_deref() {
            None | Some("regression") => {
                let task = Self::from_options(main_metric.unwrap_or("pearson"), options);
                task.map_err(|error| error.message())
            }
            Some(other) => Err(format!("this model's `problem_type` is \"{other}\"").into()),
        }
    }

    fn check(&self, examples: &ScoredDataset) -> Result<(), DataError> {
        let error = |example: &ScoredExample| match example.score {
            None => Some("no score".into()),
            Some(score) if score.abs() > MAX_SCORE => Some(format!(
                "the score {score:e} is too large: its square does not fit a 32-bit float; scores may be at most {MAX_SCORE:e}"
            )),
            Some(_) => None,
        };
        examples.try_for_each(|example| match error(example) {
            Some(reason) => Err(example.source.error(None, reason)),
            None => Ok(()),
        })
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceRegressor {
        SequenceRegressor::new(config, seed, device)
    }

    fn init_head(
        &self,
        model: SequenceRegressor,
        train: &ScoredDataset,
    ) -> (SequenceRegressor, Option<String>) {
        let mut scores = Vec::with_capacity(train.len());
        let read = train.try_for_each(|example| {
            scores.extend(example.score);
            Ok::<(), DataError>(())
        });
        match TargetScale::of(scores).filter(|_| read.is_ok()) {
            Some(targets) => (model.with_targets(targets), Some(targets.to_string())),
            None => (model, None),
        }
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
        config.problem_type = Some("regression".into());
        // transformers builds the head with as many outputs as there are labels: one.
        config.set_labels(&["score".into()]);
    }
}
