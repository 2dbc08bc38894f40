//! How a model is fine-tuned: the numbers of a run.

use std::path::PathBuf;

use bert_core::ops::Precision;
use bert_tasks::{Demo, Task};
use datasets::Message;
use serde::{Deserialize, Serialize};

use crate::optim::lr_schedule::Decay;

pub use bert_tasks::MAX_COUNT;
/// The most epochs of a run. The order of the steps takes a few bytes for each.
const EPOCHS: usize = 1_000_000;
/// The most optimiser steps, of a run or between two events.
const STEPS: usize = 10_000_000;
/// The most rows of a batch, and batches of a step.
const ROWS: usize = 1_000_000;
/// The most tokens of a batch or a row.
const TOKENS: usize = 1_000_000;
/// The greatest seed: TOML's integers are signed.
pub const MAX_SEED: u64 = i64::MAX as u64;
/// The largest value of a number without a natural limit.
const LARGE: f64 = 1e9;

/// The recipe of the BERT paper (Devlin et al. 2019, appendix A.3), with the names of Hugging Face's `run_glue`.
///
/// ```
/// use bert_train::Recipe;
/// let recipe = Recipe { epochs: 2, ..Recipe::default() };
/// assert!(recipe.check().is_ok());
/// assert_eq!(Recipe { lr: -1.0, ..recipe }.check().unwrap_err().option, "lr");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Passes over the training data.
    pub epochs: usize,
    /// Peak learning rate.
    pub lr: f64,
    /// Total number of optimiser steps, instead of a number of epochs.
    pub max_steps: Option<usize>,
    /// Rows per training batch.
    pub batch_size: usize,
    /// Maximum number of tokens per training batch, padding included, instead of a number of rows.
    pub tokens_per_batch: Option<usize>,
    /// The length of each batch is rounded up to a multiple of this; 16 on GPUs and 1 on CPUs if it is not set.
    pub pad_to_multiple: Option<usize>,
    /// Batches per optimiser step.
    pub gradient_accumulation_steps: usize,
    /// Rows per evaluation batch.
    pub eval_batch_size: usize,
    /// Maximum number of tokens per row, `[CLS]` and `[SEP]` included.
    pub max_length: usize,
    /// Share of the steps over which the learning rate rises.
    pub warmup: f64,
    /// Number of steps over which the learning rate rises, instead of a share.
    pub warmup_steps: Option<usize>,
    /// How the learning rate falls after the warm-up.
    pub schedule: Decay,
    /// Power of [`Decay::Polynomial`].
    pub schedule_power: f64,
    /// Factor on the learning rate from each layer to the layer below.
    pub layer_decay: f64,
    /// Whether the embeddings are not trained.
    pub freeze_embeddings: bool,
    /// Number of lowest layers that are not trained.
    pub freeze_layers: usize,
    /// Number of highest layers that start from random weights, together with the pooler.
    pub reinit_layers: usize,
    /// Whether a new head starts from the training targets ([`Task::init_head`]), such as a regression at their mean,
    /// instead of at zero. A `run.toml` without this option is from before it existed: its run resumes without it.
    #[serde(default = "from_before")]
    pub init_from_data: bool,
    /// Rank of LoRA's updates of the query and value projections; 0 trains all weights.
    pub lora_rank: usize,
    /// LoRA's updates are multiplied by this number divided by the rank.
    pub lora_alpha: f64,
    /// Weight decay; biases and LayerNorm weights never decay.
    pub weight_decay: f64,
    /// Maximum global norm of the gradients.
    pub max_grad_norm: f64,
    /// Seed of the order of examples, of dropout and of new weights.
    pub seed: u64,
    /// Several seeds: one run for each.
    pub seeds: Vec<u64>,
    /// Whether texts of similar length share a batch.
    pub group_by_length: bool,
    /// Number of consecutive training examples that are shuffled as one, so that they share a batch, such as minimal pairs.
    pub keep_together: usize,
    /// Whether sequences are packed, on devices that can do without padding.
    pub packing: bool,
    /// Number format in which the CPU multiplies matrices.
    pub precision: Precision,
    /// Optimiser steps between two lines of the log.
    pub logging_steps: usize,
    /// Optimiser steps between two evaluations; an epoch if it is not set.
    pub eval_every: Option<usize>,
    /// The metric (or `loss`) that chooses the model to keep; the last model is kept if it is not set.
    pub best_by: Option<String>,
    /// Whether a higher value of that metric is better; for losses and errors a lower value is, if it is not set.
    pub greater_is_better: Option<bool>,
    /// Evaluations in a row without improvement after which training stops.
    pub patience: Option<usize>,
    /// Smallest improvement that counts for the patience.
    pub min_delta: f64,
    /// Optimiser steps between two checkpoints, besides the one at the end of each epoch.
    pub save_every: Option<usize>,
    /// Number of newest checkpoints to keep; none is written if it is 0.
    pub keep: usize,
    /// Folder for encoded texts.
    pub cache: Option<PathBuf>,
}

/// An option with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{option}` is {value}; {reason}")]
pub struct InvalidOption {
    /// The option: the name of a field.
    pub option: &'static str,
    /// Its value.
    pub value: String,
    /// What it must be, as a sentence.
    pub reason: String,
}

impl InvalidOption {
    /// The message; the option can be written in the caller's way.
    pub fn message(&self) -> Message {
        let text = format!(" is {}; {}", self.value, self.reason);
        Message::default().option(self.option).text(text)
    }
}

/// The value of `init_from_data` in settings from before it existed.
fn from_before() -> bool {
    false
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            epochs: 3,
            lr: 5e-5,
            max_steps: None,
            batch_size: 32,
            tokens_per_batch: None,
            pad_to_multiple: None,
            gradient_accumulation_steps: 1,
            eval_batch_size: 64,
            max_length: 128,
            warmup: 0.1,
            warmup_steps: None,
            schedule: Decay::Linear,
            schedule_power: 2.0,
            layer_decay: 1.0,
            freeze_embeddings: false,
            freeze_layers: 0,
            reinit_layers: 0,
            init_from_data: true,
            lora_rank: 0,
            lora_alpha: 16.0,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
            seed: 42,
            seeds: vec![],
            group_by_length: true,
            keep_together: 1,
            packing: true,
            precision: Precision::F32,
            logging_steps: 10,
            eval_every: None,
            best_by: None,
            greater_is_better: None,
            patience: None,
            min_delta: 0.0,
            save_every: None,
            keep: 2,
            cache: None,
        }
    }
}

impl Recipe {
    /// The defaults for a task.
    pub fn of_task<K: Task>() -> Self {
        Self {
            max_length: K::MAX_LENGTH,
            ..Self::default()
        }
    }

    /// The defaults for a small model without pre-training on a demo's short texts.
    pub fn demo(epochs: usize, max_length: usize) -> Self {
        Self {
            epochs,
            lr: 3e-4,
            batch_size: 16,
            max_length,
            ..Self::default()
        }
    }

    /// The defaults of a demo of the registry.
    pub fn of_demo(demo: &Demo) -> Self {
        Self {
            lr: demo.lr,
            warmup: demo.warmup,
            batch_size: demo.batch_size,
            keep_together: demo.keep_together,
            ..Self::demo(demo.epochs, demo.max_length)
        }
    }

    /// Whether the numbers make sense.
    ///
    /// # Errors
    /// For the first option that is out of its range.
    pub fn check(&self) -> Result<(), InvalidOption> {
        let counts = [
            ("epochs", self.epochs, EPOCHS),
            ("batch_size", self.batch_size, ROWS),
            ("eval_batch_size", self.eval_batch_size, ROWS),
            ("logging_steps", self.logging_steps, STEPS),
            (
                "gradient_accumulation_steps",
                self.gradient_accumulation_steps,
                ROWS,
            ),
            ("keep_together", self.keep_together, ROWS),
            ("tokens_per_batch", self.tokens_per_batch.unwrap_or(1), TOKENS),
            ("pad_to_multiple", self.pad_to_multiple.unwrap_or(1), TOKENS),
            ("max_steps", self.max_steps.unwrap_or(1), STEPS),
            ("warmup_steps", self.warmup_steps.unwrap_or(0).max(1), STEPS),
            ("eval_every", self.eval_every.unwrap_or(1), STEPS),
            ("save_every", self.save_every.unwrap_or(1), STEPS),
            ("patience", self.patience.unwrap_or(1), STEPS),
            ("keep", self.keep.max(1), STEPS),
            ("freeze_layers", self.freeze_layers.max(1), MAX_COUNT),
            ("reinit_layers", self.reinit_layers.max(1), MAX_COUNT),
            ("lora_rank", self.lora_rank.max(1), MAX_COUNT),
        ];
        if let Some((option, count, most)) = counts
            .into_iter()
            .find(|&(_, count, most)| !(1..=most).contains(&count))
        {
            return Err(InvalidOption {
                option,
                value: count.to_string(),
                reason: match count {
                    0 => "it must be at least 1".into(),
                    _ => format!("it must be at most {most}"),
                },
            });
        }
        let invalid = self.ranges().find(|(_, _, fits, _)| !fits);
        match invalid {
            Some((option, value, _, range)) => Err(InvalidOption {
                option,
                value: value.to_string(),
                reason: format!("it must be {range}"),
            }),
            None => self.check_seeds(),
        }
    }

    /// Whether `run.toml` can hold the seeds, and each is there once.
    fn check_seeds(&self) -> Result<(), InvalidOption> {
        let invalid = |option, value: String, reason| {
            Err(InvalidOption {
                option,
                value,
                reason,
            })
        };
        let seeds = self.seeds.iter().map(|&seed| ("seeds", seed));
        if let Some((option, seed)) = seeds
            .chain([("seed", self.seed)])
            .find(|(_, seed)| *seed > MAX_SEED)
        {
            return invalid(option, seed.to_string(), format!("it must be at most {MAX_SEED}"));
        }
        for (at, seed) in self.seeds.iter().enumerate() {
            if self.seeds[..at].contains(seed) {
                let all: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
                return invalid(
                    "seeds",
                    all.join(","),
                    format!("{seed} is given twice; give each seed once"),
                );
            }
        }
        Ok(())
    }

    /// The options with a range: name, value, whether it is in the range, and the range.
    fn ranges(&self) -> impl Iterator<Item = (&'static str, f64, bool, &'static str)> {
        let positive = |value: f64| value > 0.0 && value <= LARGE;
        let up_to_one = |value: f64| value > 0.0 && value <= 1.0;
        [
            ("lr", self.lr, up_to_one(self.lr), "above 0 and at most 1"),
            (
                "max_length",
                self.max_length as f64,
                (3..=TOKENS).contains(&self.max_length),
                "at least 3, to leave room for text between two special tokens, and at most 1000000",
            ),
            (
                "warmup",
                self.warmup,
                (0.0..=1.0).contains(&self.warmup),
                "from 0 to 1: it is a share of the steps",
            ),
            (
                "weight_decay",
                self.weight_decay,
                (0.0..1.0).contains(&self.weight_decay),
                "at least 0 and below 1",
            ),
            (
                "schedule_power",
                self.schedule_power,
                positive(self.schedule_power),
                "above 0 and at most 1e9",
            ),
            (
                "layer_decay",
                self.layer_decay,
                up_to_one(self.layer_decay),
                "above 0 and at most 1",
            ),
            (
                "min_delta",
                self.min_delta,
                (0.0..=LARGE).contains(&self.min_delta),
                "at least 0 and at most 1e9",
            ),
            (
                "lora_alpha",
                self.lora_alpha,
                positive(self.lora_alpha),
                "above 0 and at most 1e9: LoRA's updates are multiplied by it",
            ),
            (
                "max_grad_norm",
                self.max_grad_norm,
                self.max_grad_norm > 0.0 && self.max_grad_norm <= f64::from(f32::MAX),
                "above 0 and a 32-bit float",
            ),
        ]
        .into_iter()
    }

    /// Steps of warm-up in a run of `total` steps; at least one if it is a share above 0, so that the first update is
    /// small.
    pub fn warmup_of(&self, total: usize) -> usize {
        match (self.warmup_steps, self.warmup) {
            (Some(steps), _) => steps,
            (None, 0.0) => 0,
            (None, share) => ((share * total as f64) as usize).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_limits() {
        // Refused values of each field that is a number, as a file has them.
        let refused = [
            ("epochs", "0"),
            ("epochs", "4611686018427387904"),
            ("lr", "0"),
            ("lr", "1.5"),
            ("lr", "nan"),
            ("max_steps", "0"),
            ("max_steps", "4611686018427387904"),
            ("batch_size", "0"),
            ("batch_size", "4611686018427387904"),
            ("tokens_per_batch", "0"),
            ("tokens_per_batch", "4611686018427387904"),
            ("pad_to_multiple", "0"),
            ("pad_to_multiple", "4611686018427387904"),
            ("gradient_accumulation_steps", "0"),
            ("gradient_accumulation_steps", "4611686018427387904"),
            ("eval_batch_size", "0"),
            ("eval_batch_size", "4611686018427387904"),
            ("max_length", "2"),
            ("max_length", "4611686018427387904"),
            ("warmup", "-0.1"),
            ("warmup", "inf"),
            ("warmup_steps", "4611686018427387904"),
            ("schedule_power", "0"),
            ("schedule_power", "1e300"),
            ("layer_decay", "0"),
            ("layer_decay", "nan"),
            ("lora_alpha", "0"),
            ("lora_alpha", "1e300"),
            ("weight_decay", "1"),
            ("weight_decay", "-1"),
            ("max_grad_norm", "0"),
            ("max_grad_norm", "1e300"),
            ("keep_together", "0"),
            ("keep_together", "4611686018427387904"),
            ("seed", "9223372036854775808"),
            ("seeds", "[9223372036854775808]"),
            ("logging_steps", "0"),
            ("logging_steps", "4611686018427387904"),
            ("eval_every", "0"),
            ("eval_every", "4611686018427387904"),
            ("save_every", "0"),
            ("save_every", "4611686018427387904"),
            ("patience", "0"),
            ("patience", "4611686018427387904"),
            ("min_delta", "-1"),
            ("min_delta", "1e300"),
            ("keep", "4611686018427387904"),
        ];
        // Limited by the model, which the recipe does not know: see `check_recipe`.
        let by_model = ["freeze_layers", "reinit_layers", "lora_rank"];
        let fields = serde_json::to_value(Recipe {
            seeds: vec![1],
            ..Recipe::default()
        });
        let fields = fields.unwrap();
        for (name, value) in fields.as_object().unwrap() {
            let number = value.is_number() || value.as_array().is_some();
            let listed = refused.iter().any(|(field, _)| field == name) || by_model.contains(&name.as_str());
            assert!(!number || listed, "{name} has no limit in this test");
        }
        for (field, value) in refused {
            // TOML has no integer above i64::MAX; a program can set one.
            let recipe = match value.parse::<u64>() {
                Ok(seed) if field == "seed" => Recipe {
                    seed,
                    ..Recipe::default()
                },
                _ if field == "seeds" => Recipe {
                    seeds: vec![1 << 63],
                    ..Recipe::default()
                },
                _ => toml::from_str(&format!("{field} = {}", float(field, value))).unwrap(),
            };
            let error = recipe.check().expect_err(field);
            assert_eq!(error.option, field, "{error}");
        }
    }

    /// TOML tells integers from floats.
    fn float(field: &str, value: &str) -> String {
        let floats = serde_json::to_value(Recipe::default()).unwrap();
        match floats[field].is_f64() && value.parse::<i64>().is_ok() {
            true => format!("{value}.0"),
            false => value.into(),
        }
    }
}
