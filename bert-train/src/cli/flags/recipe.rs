//! The flags of the recipe.

use std::path::PathBuf;

use bert_core::ops::Precision;
use bert_train::Recipe;
use bert_train::optim::lr_schedule::Decay;

use super::group::flags;
use super::names::parser;
use super::numbers::{Count, Finite, Number, Switch, parse_seed};

flags! {
    /// The numbers of a training run.
    RecipeFlags for Recipe {
        /// Passes over the training data.
        #[arg(value_name = "N")]
        epochs: Count,
        /// Peak learning rate.
        #[arg(value_name = "RATE")]
        lr: Finite,
        /// Total number of optimiser steps, instead of a number of epochs.
        #[arg(value_name = "N")]
        max_steps: Count,
        /// Texts per training batch.
        #[arg(value_name = "N")]
        batch_size: Count,
        /// Maximum number of tokens per training batch, padding included, instead of a number of texts.
        #[arg(value_name = "TOKENS")]
        tokens_per_batch: Count,
        /// Round the length of each batch up to a multiple of this [default: 16 on GPUs, 1 on CPUs].
        #[arg(value_name = "TOKENS")]
        pad_to_multiple: Count,
        /// Batches per optimiser step: the step of one large batch, in the memory of a small one.
        #[arg(value_name = "N")]
        gradient_accumulation_steps: Count,
        /// Texts per evaluation batch.
        #[arg(value_name = "N")]
        eval_batch_size: Count,
        /// Maximum number of tokens per text, `[CLS]` and `[SEP]` included; the task decides what happens to longer
        /// texts.
        #[arg(value_name = "TOKENS")]
        max_length: Number,
        /// Share of the steps over which the learning rate rises.
        #[arg(value_name = "SHARE")]
        warmup: Finite,
        /// Number of steps over which the learning rate rises, instead of a share.
        #[arg(value_name = "N", conflicts_with = "warmup")]
        warmup_steps: Number,
        /// How the learning rate falls after the warm-up.
        #[arg(value_name = "NAME", value_parser = parser::<Decay>())]
        schedule: Decay,
        /// Power of the polynomial schedule.
        #[arg(value_name = "POWER")]
        schedule_power: Finite,
        /// Factor on the learning rate from each layer to the layer below.
        #[arg(value_name = "FACTOR")]
        layer_decay: Finite,
        /// Do not train the embeddings.
        #[arg(num_args = 0, default_missing_value = "true")]
        freeze_embeddings: Switch,
        /// Freeze the N lowest layers.
        #[arg(value_name = "N")]
        freeze_layers: Number,
        /// Start the N highest layers and the pooler from random weights.
        #[arg(value_name = "N")]
        reinit_layers: Number,
        /// Start a new regression head at the mean of the training scores and in their scale, instead of at zero.
        #[arg(value_name = "BOOL")]
        init_from_data: bool,
        /// Rank of LoRA: train only low-rank updates of the query and value projections, and the head; 0 trains all
        /// weights.
        #[arg(value_name = "RANK")]
        lora_rank: Number,
        /// Scale of LoRA: its updates are multiplied by this number divided by the rank.
        #[arg(value_name = "ALPHA")]
        lora_alpha: Finite,
        /// Weight decay; biases and LayerNorm weights never decay.
        #[arg(value_name = "DECAY")]
        weight_decay: Finite,
        /// Maximum global norm of the gradients; larger gradients are scaled down to it.
        #[arg(value_name = "NORM")]
        max_grad_norm: Finite,
        /// Seed of the order of examples, of dropout and of new weights.
        #[arg(value_parser = parse_seed)]
        seed: u64,
        /// Several seeds, as in 1,2,3: one run for each, in the folders seed-1 and so on, with mean and standard
        /// deviation in seeds.json.
        #[arg(value_name = "SEEDS", value_delimiter = ',', value_parser = parse_seed)]
        seeds: Vec<u64>,
        /// Put texts of similar length into the same batch.
        #[arg(value_name = "BOOL")]
        group_by_length: bool,
        /// Shuffle groups of N consecutive examples, such as minimal pairs; a group shares a batch.
        #[arg(value_name = "N")]
        keep_together: Count,
        /// Compute no padding, on devices that can pack sequences, such as the CPU.
        #[arg(value_name = "BOOL")]
        packing: bool,
        /// Number format in which the CPU multiplies matrices, where the processor supports it; sums, weights and
        /// everything else stay in f32.
        #[arg(value_name = "NAME", value_parser = parser::<Precision>())]
        precision: Precision,
        /// Optimiser steps between two lines of the log.
        #[arg(value_name = "N")]
        logging_steps: Count,
        /// Optimiser steps between two evaluations [default: one epoch].
        #[arg(value_name = "N")]
        eval_every: Count,
        /// Keep the model of the best evaluation in model/, compared by this metric (or `loss`), instead of the last
        /// one.
        #[arg(value_name = "METRIC")]
        best_by: String,
        /// Whether a higher value of that metric is better [default: yes, except for losses and errors].
        #[arg(value_name = "BOOL")]
        greater_is_better: bool,
        /// Stop after this many evaluations in a row without improvement; model/ then holds the best model.
        #[arg(value_name = "N")]
        patience: Count,
        /// Smallest improvement that counts for --patience.
        #[arg(value_name = "DELTA")]
        min_delta: Finite,
        /// Optimiser steps between two checkpoints; one is always written at the end of each epoch.
        #[arg(value_name = "N")]
        save_every: Count,
        /// Number of newest checkpoints to keep; the best one is kept too. With 0 no checkpoint is written, and an
        /// interrupted run cannot be resumed.
        #[arg(value_name = "N")]
        keep: Number,
        /// Folder for encoded texts. Runs with the same texts, tokenizer and options reuse them and read them from disk
        /// as needed. You may delete its content at any time.
        #[arg(value_name = "DIR")]
        cache: PathBuf,
    }
}
