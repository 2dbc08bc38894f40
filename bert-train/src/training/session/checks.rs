//! What a recipe asks of the model.

use bert_core::BertConfig;
use datasets::counted;

use crate::recipe::{InvalidOption, Recipe};

/// `[CLS]`, a token and `[SEP]`.
const MIN_LENGTH: usize = 3;

/// Checks the recipe, and whether it fits a model with this configuration.
///
/// # Errors
/// For the first option that has an invalid value or does not fit the model.
pub fn check_recipe(recipe: &Recipe, config: &BertConfig) -> Result<(), InvalidOption> {
    recipe.check()?;
    check_length(recipe.max_length, config)?;
    let layers = config.num_hidden_layers;
    for (option, count) in [
        ("freeze_layers", recipe.freeze_layers),
        ("reinit_layers", recipe.reinit_layers),
    ] {
        if count > layers {
            return Err(InvalidOption {
                option,
                value: count.to_string(),
                reason: format!("this model has {}", counted(layers, "layer")),
            });
        }
    }
    // An update of a higher rank would be larger than the weights that it updates.
    if recipe.lora_rank > config.hidden_size {
        return Err(InvalidOption {
            option: "lora_rank",
            value: recipe.lora_rank.to_string(),
            reason: format!(
                "this model's layers are {} wide, and no rank is higher",
                config.hidden_size
            ),
        });
    }
    Ok(())
}

/// Whether texts of `max_length` tokens fit the model, and leave room for text.
///
/// # Errors
/// If they do not.
pub fn check_length(max_length: usize, config: &BertConfig) -> Result<(), InvalidOption> {
    let positions = config.max_tokens();
    let reason = match max_length {
        0..MIN_LENGTH => {
            format!("it must be at least {MIN_LENGTH}, to leave room for text between two special tokens")
        }
        _ if max_length > positions => format!("this model reads at most {positions} tokens"),
        _ => return Ok(()),
    };
    Err(InvalidOption {
        option: "max_length",
        value: max_length.to_string(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_limits_layers_ranks_and_lengths() {
        let config = BertConfig::compact(10, 8, 2, 2);
        let fits = Recipe {
            freeze_layers: 2,
            reinit_layers: 2,
            lora_rank: 8,
            max_length: config.max_tokens(),
            ..Recipe::default()
        };
        check_recipe(&fits, &config).unwrap();
        type Change = fn(&mut Recipe);
        let changes: [(&str, Change); 4] = [
            ("freeze_layers", |recipe| recipe.freeze_layers += 1),
            ("reinit_layers", |recipe| recipe.reinit_layers = 1 << 62),
            ("lora_rank", |recipe| recipe.lora_rank += 1),
            ("max_length", |recipe| recipe.max_length += 1),
        ];
        for (option, change) in changes {
            let mut recipe = fits.clone();
            change(&mut recipe);
            assert_eq!(check_recipe(&recipe, &config).unwrap_err().option, option);
        }
    }
}
