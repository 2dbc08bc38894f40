//! The model at the start of a run: pre-trained weights, new layers, LoRA, frozen parts.

use bert_core::{BertConfig, Checkpoint, StoreError};
use bert_tasks::TaskModel;
use datasets::Message;

use crate::optim::lora::{self, LoraOptions};
use crate::optim::parameter_groups::{PartOptions, freeze, reinitialise};
use crate::recipe::Recipe;

/// The new `model` with the pre-trained weights, if there are any, prepared as the recipe asks; and whether its head is new.
pub(super) fn prepared<M: TaskModel>(
    model: M,
    weights: Option<Checkpoint>,
    recipe: &Recipe,
    config: &BertConfig,
    notes: &mut Vec<Message>,
) -> Result<(M, bool), StoreError> {
    let (model, new_head) = match weights {
        None => (model, true),
        Some(weights) => {
            let fresh = model.clone();
            let (model, report) = weights.load_into(model, config.weight_names())?;
            notes.push(format!("{}: {report}", weights.path().display()).into());
            let paths = &config.architecture().parameters;
            let new_head = report.missing.iter().any(|name| !paths.is_pooler(name));
            (
                reinitialise(model, &fresh, recipe.reinit_layers, config),
                new_head,
            )
        }
    };
    let model = match recipe.lora_rank {
        0 => model,
        rank => {
            let alpha = recipe.lora_alpha;
            lora::adapt(model, LoraOptions { rank, alpha }, recipe.seed, config)
        }
    };
    Ok((freeze(model, part_options(recipe), config), new_head))
}

/// Which parts of the model are frozen or have rates of their own.
pub(super) fn part_options(recipe: &Recipe) -> PartOptions {
    PartOptions {
        layer_decay: recipe.layer_decay,
        freeze_embeddings: recipe.freeze_embeddings,
        freeze_layers: recipe.freeze_layers,
    }
}
