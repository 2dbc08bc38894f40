//! How a model is fine-tuned: the numbers of a run.

use std::path::PathBuf;

use bert_tasks::task::{at_least_one, finite};
use bert_tasks::{Options, Task};
use clap::{ArgAction, Args};
use serde::{Deserialize, Serialize};

use crate::optim::schedule::Decay;
use crate::precision::Precision;

/// The recipe of the BERT paper (Devlin et al. 2019, appendix A.3), with the names of Hugging Face's `run_glue`.
///
/// ```
/// use bert_train::Recipe;
/// let recipe = Recipe { epochs: 2, ..Recipe::default() };
/// assert!(recipe.check().is_ok());
/// assert!(Recipe { lr: -1.0, ..recipe }.check().unwrap_err().contains("lr"));
/// ```
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Times to go through the training examples.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = at_least_one)]
    pub epochs: usize,
    /// Highest learning rate.
    #[arg(long, value_name = "RATE", default_value_t = 5e-5, value_parser = finite)]
    pub lr: f64,
    /// Optimiser steps to take, however many epochs that is.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub max_steps: Option<usize>,
    /// Texts at once in training.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = at_least_one)]
    pub batch_size: usize,
    /// Most places at once in training, padding included, in the place of a number of texts.
    #[arg(long, value_name = "TOKENS", value_parser = at_least_one)]
    pub tokens_per_batch: Option<usize>,
    /// Round the length of a batch up to a multiple of this [default: 16 on GPUs, 1 on processors].
    #[arg(long, value_name = "TOKENS", value_parser = at_least_one)]
    pub pad_to_multiple: Option<usize>,
    /// Batches to an optimiser step: it is that of one batch so many times larger, in the memory of a small one.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    pub gradient_accumulation_steps: usize,
    /// Texts at once in evaluation.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub eval_batch_size: usize,
    /// Most tokens of a text, `[CLS]` and `[SEP]` included; what is done with longer ones is the task's.
    #[arg(long, value_name = "TOKENS", default_value_t = 128)]
    pub max_length: usize,
    /// Share of the steps over which the rate rises.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = finite)]
    pub warmup: f64,
    /// Steps over which the rate rises, in the place of a share.
    #[arg(long, value_name = "N")]
    pub warmup_steps: Option<usize>,
    /// How the rate goes down after that.
    #[arg(long, value_name = "NAME", default_value = "linear")]
    pub schedule: Decay,
    /// The power of the polynomial schedule.
    #[arg(long, value_name = "POWER", default_value_t = 2.0, value_parser = finite)]
    pub schedule_power: f64,
    /// What the rate is multiplied by from each layer to the one below.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = finite)]
    pub layer_decay: f64,
    /// Leave the embeddings as they are.
    #[arg(long)]
    pub freeze_embeddings: bool,
    /// Leave the lowest layers as they are, so many of them.
    #[arg(long, value_name = "LAYERS", default_value_t = 0)]
    pub freeze_layers: usize,
    /// Begin the topmost layers from random weights, so many of them, and the pooler.
    #[arg(long, value_name = "LAYERS", default_value_t = 0)]
    pub reinit_layers: usize,
    /// Learn only so many dimensions of each query and value projection, and the head (LoRA); 0 is all of everything.
    #[arg(long, value_name = "RANK", default_value_t = 0)]
    pub lora_rank: usize,
    /// What LoRA's part is multiplied by, times its rank.
    #[arg(long, value_name = "ALPHA", default_value_t = 16.0, value_parser = finite)]
    pub lora_alpha: f64,
    /// Decay of weights; biases and normalisations never decay.
    #[arg(long, value_name = "DECAY", default_value_t = 0.01, value_parser = finite)]
    pub weight_decay: f64,
    /// Most that the gradients' global norm may be.
    #[arg(long, value_name = "NORM", default_value_t = 1.0, value_parser = finite)]
    pub max_grad_norm: f64,
    /// What order, dropout and new weights are drawn from.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Several seeds, as in 1,2,3: a run for each, in the folders seed-1 and so on, with mean and spread in seeds.json.
    #[arg(long, value_name = "SEEDS", value_delimiter = ',')]
    pub seeds: Vec<u64>,
    /// Put texts of near length into the same batch.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    pub group_by_length: bool,
    /// Compute no padding, where the device can do without, as the CPU can.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    pub packing: bool,
    /// What matrix products multiply on the CPU, where the processor can; sums, weights and all else stay in f32.
    #[arg(long, value_name = "NAME", default_value = "f32")]
    pub precision: Precision,
    /// Optimiser steps from one line of the log to the next.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = at_least_one)]
    pub logging_steps: usize,
    /// Optimiser steps from one evaluation to the next [default: an epoch].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub eval_every: Option<usize>,
    /// Keep in model/ the best evaluation's model, by this metric (or `loss`), in the place of the last one's.
    #[arg(long, value_name = "METRIC")]
    pub best_by: Option<String>,
    /// Whether more of that metric is better [default: yes, but for losses and errors].
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    pub greater_is_better: Option<bool>,
    /// End the run when so many evaluations in a row were not better; model/ is then the best one's.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub patience: Option<usize>,
    /// By how much an evaluation must be better to renew the patience.
    #[arg(long, value_name = "DELTA", default_value_t = 0.0, value_parser = finite)]
    pub min_delta: f64,
    /// Optimiser steps from one checkpoint to the next; one is written at the end of each epoch in any case.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub save_every: Option<usize>,
    /// Checkpoints to keep: the newest ones, and the best one besides. With 0 none is written, and a run that is cut
    /// short cannot go on.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub keep: usize,
    /// Folder in which encoded texts are kept, and found again by every run whose texts, tokenizer and options are the
    /// same; they are then read from there as they are needed. What it holds may be deleted at any time.
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
}

impl Options for Recipe {}

impl Default for Recipe {
    fn default() -> Self {
        Self::defaults()
    }
}

impl Recipe {
    /// What suits a task where nothing is said.
    pub fn of_task<K: Task>() -> Self {
        Self {
            max_length: K::MAX_LENGTH,
            ..Self::default()
        }
    }

    /// What suits a small model without pre-training on a demo's short texts.
    pub fn demo(epochs: usize, max_length: usize) -> Self {
        Self {
            epochs,
            lr: 3e-4,
            batch_size: 16,
            max_length,
            ..Self::default()
        }
    }

    /// Whether the numbers make sense.
    ///
    /// # Errors
    /// A sentence that names the option and what it may be.
    pub fn check(&self) -> Result<(), String> {
        let counts = [
            ("epochs", self.epochs),
            ("batch-size", self.batch_size),
            ("eval-batch-size", self.eval_batch_size),
            ("logging-steps", self.logging_steps),
            ("gradient-accumulation-steps", self.gradient_accumulation_steps),
            ("tokens-per-batch", self.tokens_per_batch.unwrap_or(1)),
            ("pad-to-multiple", self.pad_to_multiple.unwrap_or(1)),
            ("max-steps", self.max_steps.unwrap_or(1)),
            ("eval-every", self.eval_every.unwrap_or(1)),
            ("save-every", self.save_every.unwrap_or(1)),
            ("patience", self.patience.unwrap_or(1)),
        ];
        match counts.iter().find(|(_, count)| *count == 0) {
            Some((name, _)) => Err(format!("--{name} is 0; it must be at least 1")),
            None => self.check_ranges(),
        }
    }

    fn check_ranges(&self) -> Result<(), String> {
        let ranges = [
            (
                "lr",
                self.lr,
                self.lr > 0.0 && self.lr <= 1.0,
                "above 0 and at most 1",
            ),
            (
                "warmup",
                self.warmup,
                (0.0..=1.0).contains(&self.warmup),
                "from 0 to 1: it is a share of the steps",
            ),
            (
                "weight-decay",
                self.weight_decay,
                (0.0..1.0).contains(&self.weight_decay),
                "at least 0 and below 1",
            ),
            (
                "schedule-power",
                self.schedule_power,
                self.schedule_power > 0.0 && self.schedule_power.is_finite(),
                "above 0",
            ),
            (
                "layer-decay",
                self.layer_decay,
                self.layer_decay > 0.0 && self.layer_decay <= 1.0,
                "above 0 and at most 1",
            ),
            (
                "min-delta",
                self.min_delta,
                self.min_delta >= 0.0 && self.min_delta.is_finite(),
                "at least 0",
            ),
            (
                "max-grad-norm",
                self.max_grad_norm,
                self.max_grad_norm > 0.0 && self.max_grad_norm.is_finite(),
                "above 0",
            ),
        ];
        match ranges.iter().find(|(_, _, fits, _)| !fits) {
            Some((name, value, _, range)) => Err(format!("--{name} is {value}; it must be {range}")),
            None => Ok(()),
        }
    }

    /// Steps of warm-up in a run of `total` steps: of a share at least one, so that the first update is a small one.
    pub fn warmup_of(&self, total: usize) -> usize {
        match (self.warmup_steps, self.warmup) {
            (Some(steps), _) => steps,
            (None, 0.0) => 0,
            (None, share) => ((share * total as f64) as usize).max(1),
        }
    }
}
