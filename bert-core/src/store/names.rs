//! What Hugging Face calls each parameter.
//!
//! The modules of this crate are named after theirs, so a few rules say it all: `self` is no field name in Rust,
//! normalisations have a `weight` and a `bias` there and a `gamma` and a `beta` in Burn, and dense layers hold the
//! transpose of Burn's weight.

/// A parameter's name in Hugging Face's layout from its path in the module.
///
/// ```
/// use bert_core::store::names::hugging_face;
/// assert_eq!(
///     hugging_face("bert.encoder.layer.0.attention.self_attention.query.weight"),
///     "bert.encoder.layer.0.attention.self.query.weight",
/// );
/// assert_eq!(
///     hugging_face("bert.embeddings.layer_norm.gamma"),
///     "bert.embeddings.LayerNorm.weight",
/// );
/// ```
pub fn hugging_face(path: &str) -> String {
    path.replace(".self_attention.", ".self.")
        .replace("layer_norm.gamma", "LayerNorm.weight")
        .replace("layer_norm.beta", "LayerNorm.bias")
}

/// Whether the parameter is a dense layer's weight, which Hugging Face stores transposed, `[outputs, inputs]`.
pub fn is_transposed(name: &str, rank: usize) -> bool {
    rank == 2 && name.ends_with(".weight") && !name.contains("embeddings.")
}

/// The names under which a parameter may stand in a file, the usual one first: with and without the `bert.` prefix,
/// and with the `gamma` and `beta` that checkpoints converted from TensorFlow have.
pub fn spellings(name: &str) -> Vec<String> {
    let bare = name.strip_prefix("bert.").unwrap_or(name);
    let mut all = vec![name.to_owned()];
    let prefixed = format!("bert.{bare}");
    for other in [prefixed, bare.to_owned()] {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    for old in all.clone() {
        if old.contains("LayerNorm.") {
            all.push(
                old.replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta"),
            );
        }
    }
    all
}

/// Whether a tensor in a file is a buffer that old versions of transformers saved: position numbers, no weights.
pub fn is_buffer(name: &str) -> bool {
    name.ends_with("embeddings.position_ids") || name.ends_with("embeddings.token_type_ids")
}
