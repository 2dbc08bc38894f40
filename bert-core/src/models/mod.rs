//! Models: one folder for each family of encoders.
//!
//! A folder holds the family's forward pass and fills one [`Architecture`], which is all that the rest of the program
//! knows of it: the `model_type` of its `config.json`, the names of its weights in checkpoints, which parameters are its
//! embeddings and layers, and how its tokenizer marks texts.

mod architecture;
pub mod bert;
mod parameters;
mod tokenizer_form;
mod weight_names;

use serde::Deserialize;

pub use architecture::Architecture;
pub use parameters::{ParameterPaths, Part, no_decay};
pub use tokenizer_form::TokenizerForm;
pub use weight_names::WeightNames;
pub(crate) use weight_names::is_transposed;

/// Every architecture that can be read.
pub const ARCHITECTURES: [&Architecture; 1] = [&bert::ARCHITECTURE];

/// The architecture of a `model_type`, if it is supported.
///
/// ```
/// use bert_core::models::architecture;
/// assert_eq!(architecture("bert").unwrap().class_prefix, "Bert");
/// assert!(architecture("roberta").is_none());
/// ```
pub fn architecture(model_type: &str) -> Option<&'static Architecture> {
    ARCHITECTURES
        .into_iter()
        .find(|architecture| architecture.model_type == model_type)
}

/// The architecture that the text of a `config.json` names in `model_type`; BERT without one.
///
/// # Errors
/// If the text is no JSON object, or the `model_type` is not supported.
pub fn architecture_of(config: &str) -> Result<&'static Architecture, String> {
    #[derive(Deserialize)]
    struct ModelType {
        model_type: Option<String>,
    }
    let ModelType { model_type } = serde_json::from_str(config).map_err(|e| e.to_string())?;
    let Some(model_type) = model_type else {
        return Ok(&bert::ARCHITECTURE);
    };
    architecture(&model_type).ok_or_else(|| {
        let known = ARCHITECTURES.map(|known| format!("\"{}\"", known.model_type));
        format!(
            "`model_type` is \"{model_type}\"; only {} models can be read",
            known.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DistilBERT's and RoBERTa's names and forms, by data alone.
    #[test]
    fn other_families_can_be_described() {
        let distilbert = WeightNames {
            prefix: "distilbert.",
            renames: &[
                ("bert.encoder.layer.", "distilbert.transformer.layer."),
                ("attention.self_attention.query.", "attention.q_lin."),
                ("intermediate.dense.", "ffn.lin1."),
                ("output.layer_norm.gamma", "output_layer_norm.weight"),
            ],
            old_spellings: &[],
            buffers: &[],
            required: &["embeddings.", "transformer."],
        };
        let name = |path| distilbert.name(&format!("bert.encoder.layer.3.{path}"));
        for (path, expected) in [
            ("attention.self_attention.query.weight", "attention.q_lin.weight"),
            ("intermediate.dense.bias", "ffn.lin1.bias"),
            ("output.layer_norm.gamma", "output_layer_norm.weight"),
        ] {
            assert_eq!(name(path), format!("distilbert.transformer.layer.3.{expected}"));
        }
        let bare = "transformer.layer.0.ffn.lin1.bias";
        let prefixed = format!("distilbert.{bare}");
        assert_eq!(distilbert.spellings(&prefixed), [prefixed.as_str(), bare]);
        assert!(distilbert.is_required(bare));

        let roberta = TokenizerForm {
            class: "RobertaTokenizer",
            model: "BPE",
            pad: "<pad>",
            unk: "<unk>",
            cls: "<s>",
            sep: "</s>",
            mask: "<mask>",
            separators: 2,
            second_type: 0,
        };
        assert_eq!(roberta.pair(), "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0");
        assert_eq!(
            (roberta.special_count(false), roberta.special_count(true)),
            (2, 4)
        );
    }
}
