//! Models: one encoder, and what each family of encoders has of its own.
//!
//! [`encoder`] is the forward pass that all families share. Each family has a file beside this one, which fills one
//! [`Architecture`]: the `model_type` of its `config.json` and the keys there, the names of its weights in checkpoints, its
//! positions, token types and pooler, which parameters are its embeddings and layers, and how its tokenizer marks texts. To
//! add a family, add its file, and its line in [`ARCHITECTURES`]; nothing else in the program names one.

mod architecture;
pub mod bert;
pub mod encoder;
mod parameters;
pub mod pretraining;
#[cfg(test)]
mod tests;
mod tokenizer_form;
mod weight_names;

use serde::Deserialize;

pub use architecture::{Architecture, PoolerActivation, PoolerForm, Positions};
pub use parameters::{ParameterPaths, Part};
pub use tokenizer_form::TokenizerForm;
pub(crate) use weight_names::is_transposed;
pub use weight_names::{HeadNames, ModelNames, WeightNames};

/// Every architecture that can be read. A `config.json` without `model_type` means the first one.
pub static ARCHITECTURES: &[&Architecture] = &[
    &bert::ARCHITECTURE,
    #[cfg(test)]
    &tests::ROBERTA,
    #[cfg(test)]
    &tests::DISTILBERT,
];

/// The architecture of a `model_type`, if it is supported.
///
/// ```
/// use bert_core::models::architecture;
/// assert_eq!(architecture("bert").unwrap().class_prefix, "Bert");
/// assert!(architecture("gpt2").is_none());
/// ```
pub fn architecture(model_type: &str) -> Option<&'static Architecture> {
    let mut all = ARCHITECTURES.iter().copied();
    all.find(|architecture| architecture.model_type == model_type)
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
        return Ok(ARCHITECTURES[0]);
    };
    architecture(&model_type).ok_or_else(|| {
        let known = ARCHITECTURES.iter();
        let known: Vec<String> = known.map(|known| format!("\"{}\"", known.model_type)).collect();
        format!(
            "`model_type` is \"{model_type}\"; only {} models can be read",
            known.join(" and ")
        )
    })
}
