//! Groups of parameters, by their paths in a module.

use std::fmt;

use burn::module::ParamGroup;

/// A part of a model, from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The embeddings.
    Embeddings,
    /// A layer of the encoder, from 0.
    Layer(usize),
    /// Everything above the last layer: the pooler and the task's head.
    Head,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Embeddings => f.pad("embeddings"),
            Part::Layer(layer) => f.pad(&format!("layer {layer}")),
            Part::Head => f.pad("head"),
        }
    }
}

/// Where the parts of an encoder are in a module: names of fields, joined with dots.
///
/// ```
/// use bert_core::models::{Part, bert::ARCHITECTURE};
/// let paths = &ARCHITECTURE.parameters;
/// assert_eq!(paths.part("bert.encoder.layer.11.output.dense.bias"), Part::Layer(11));
/// assert_eq!(paths.part("bert.embeddings.layer_norm.gamma"), Part::Embeddings);
/// assert_eq!(paths.part("classifier.weight"), Part::Head);
/// ```
#[derive(Debug)]
pub struct ParameterPaths {
    /// The pre-trained encoder, in a model with a head.
    pub encoder: &'static str,
    /// The embeddings.
    pub embeddings: &'static str,
    /// The list of layers.
    pub layers: &'static str,
    /// The pooler.
    pub pooler: &'static str,
    /// The weights that low-rank adaptation adapts (Hu et al. 2022, section 4.2: queries and values).
    pub low_rank: &'static [&'static str],
}

impl ParameterPaths {
    /// Those of [`Encoder`](super::encoder::Encoder), which all families share.
    pub const OF_ENCODER: Self = Self {
        encoder: "bert",
        embeddings: "embeddings",
        layers: "encoder.layer",
        pooler: "pooler",
        low_rank: &["self_attention.query.weight", "self_attention.value.weight"],
    };

    /// The part that the parameter with this path belongs to.
    pub fn part(&self, path: &str) -> Part {
        let layer = || after(path, self.layers)?.split('.').next()?.parse().ok();
        match layer() {
            Some(layer) => Part::Layer(layer),
            None if after(path, self.embeddings).is_some() => Part::Embeddings,
            None => Part::Head,
        }
    }

    /// Whether the parameter with this path belongs to the pooler.
    pub fn is_pooler(&self, path: &str) -> bool {
        after(path, self.pooler).is_some()
    }

    /// The parameters of the embeddings or of a layer; `None` for the head, which is the rest.
    pub fn group(&self, part: Part) -> Option<ParamGroup> {
        match part {
            Part::Embeddings => Some(inside(self.embeddings)),
            Part::Layer(layer) => Some(inside(&format!("{}.{layer}", self.layers))),
            Part::Head => None,
        }
    }

    /// All parameters of the pre-trained encoder.
    pub fn encoder_group(&self) -> ParamGroup {
        inside(self.encoder)
    }

    /// The weights that low-rank adaptation adapts.
    pub fn low_rank_group(&self) -> ParamGroup {
        let paths: Vec<String> = self.low_rank.iter().map(|path| escape(path)).collect();
        matching(format!(r"(^|\.)({})$", paths.join("|")))
    }
}

/// What follows `prefix` and a dot in a path that contains them, from the start of a name on.
fn after<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.match_indices(prefix).find_map(|(start, _)| {
        let starts_a_name = start == 0 || path[..start].ends_with('.');
        let rest = path[start + prefix.len()..].strip_prefix('.')?;
        starts_a_name.then_some(rest)
    })
}

fn inside(prefix: &str) -> ParamGroup {
    matching(format!(r"(^|\.){}\.", escape(prefix)))
}

fn escape(path: &str) -> String {
    path.replace('.', r"\.")
}

fn matching(pattern: String) -> ParamGroup {
    ParamGroup::from_regex(pattern).expect("a valid pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_whole() {
        assert_eq!(after("model.bert.pooler.dense", "pooler"), Some("dense"));
        assert_eq!(after("model.my_pooler.pooler.dense", "pooler"), Some("dense"));
        for path in ["pooler", "pooler2.dense", "my_pooler.dense"] {
            assert_eq!(after(path, "pooler"), None, "{path}");
        }
    }
}
