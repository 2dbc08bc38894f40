//! The names of weights in checkpoints.

/// The rules from the path of a parameter in a module to its name in a checkpoint.
///
/// ```
/// use bert_core::models::bert::ARCHITECTURE;
/// let names = ARCHITECTURE.names("ForSequenceClassification");
/// assert_eq!(
///     names.name("bert.encoder.layer.0.attention.self_attention.query.weight"),
///     "bert.encoder.layer.0.attention.self.query.weight",
/// );
/// assert_eq!(
///     names.name("bert.embeddings.layer_norm.gamma"),
///     "bert.embeddings.LayerNorm.weight",
/// );
/// ```
#[derive(Debug)]
pub struct WeightNames {
    /// What the names of the encoder's weights start with in a model with a head, such as `bert.`. A checkpoint of the
    /// bare encoder has the names without it.
    pub prefix: &'static str,
    /// Parts of a module's paths that have another name in a checkpoint, and that name; applied in order.
    pub renames: &'static [(&'static str, &'static str)],
    /// The layers of heads whose names differ from BERT's.
    pub heads: &'static [HeadNames],
    /// Parts of names that older checkpoints spell differently, and the older spelling.
    pub old_spellings: &'static [(&'static str, &'static str)],
    /// Pairs of tied tensors, of which a checkpoint can have both, the copy first: the output layer of a language model and the
    /// word embeddings.
    pub tied: &'static [(&'static str, &'static str)],
    /// The ends of the names of buffers that old versions of transformers saved: they are no weights.
    pub buffers: &'static [&'static str],
    /// A weight with one of these parts in its name must be in the checkpoint.
    pub required: &'static [&'static str],
}

/// The names of the layers of a head, where they differ from BERT's.
#[derive(Debug)]
pub struct HeadNames {
    /// The end of the transformers class: `ForSequenceClassification`, for example.
    pub head: &'static str,
    /// What the path of a layer in a module starts with, and what its name in a checkpoint starts with. RoBERTa's classifier,
    /// for example, has `("classifier.", "classifier.out_proj.")`.
    pub renames: &'static [(&'static str, &'static str)],
}

/// The names of the weights of a model: of an encoder and of its head.
#[derive(Clone, Copy, Debug)]
pub struct ModelNames {
    weights: &'static WeightNames,
    head: &'static [(&'static str, &'static str)],
    /// Whether the model is an encoder without a head, whose names have no prefix.
    is_bare: bool,
}

impl ModelNames {
    /// The names of a model with this head.
    pub(super) fn new(weights: &'static WeightNames, head: &str) -> Self {
        let own = weights.heads.iter().find(|names| names.head == head);
        Self {
            weights,
            head: own.map_or(&[], |names| names.renames),
            is_bare: head == "Model",
        }
    }

    /// The name in a checkpoint of the parameter with this path in a module.
    pub fn name(&self, path: &str) -> String {
        for (ours, theirs) in self.head {
            if let Some(rest) = path.strip_prefix(ours) {
                return format!("{theirs}{rest}");
            }
        }
        let renames = self.weights.renames.iter();
        let name = renames.fold(path.to_owned(), |name, (ours, theirs)| name.replace(ours, theirs));
        match name.strip_prefix(self.weights.prefix) {
            Some(bare) if self.is_bare => bare.to_owned(),
            _ => name,
        }
    }

    /// The names that a weight may have in a file, the usual one first: with and without the prefix, in the usual and in
    /// the older spelling.
    pub fn spellings(&self, name: &str) -> Vec<String> {
        let prefix = self.weights.prefix;
        let bare = name.strip_prefix(prefix).unwrap_or(name);
        let mut all = vec![name.to_owned()];
        for other in [format!("{prefix}{bare}"), bare.to_owned()] {
            if !all.contains(&other) {
                all.push(other);
            }
        }
        for usual in all.clone() {
            let spellings = self.weights.old_spellings.iter();
            let old = spellings.fold(usual.clone(), |name, (new, old)| name.replace(new, old));
            if old != usual {
                all.push(old);
            }
        }
        all
    }

    /// Possible names, in a file, of the tensor that `name` is tied to; none if it is not tied.
    pub fn tied_to(&self, name: &str) -> Option<Vec<String>> {
        let (_, to) = self.weights.tied.iter().find(|(tied, _)| *tied == name)?;
        Some(self.spellings(to))
    }

    /// Whether a tensor in a file is a buffer and no weight.
    pub fn is_buffer(&self, name: &str) -> bool {
        self.weights.buffers.iter().any(|end| name.ends_with(end))
    }

    /// Whether a model without this weight cannot be used.
    pub fn is_required(&self, name: &str) -> bool {
        self.weights.required.iter().any(|part| name.contains(part))
    }
}

/// Whether a parameter is the weight of a dense layer, which PyTorch stores transposed, `[outputs, inputs]`.
pub(crate) fn is_transposed(name: &str, rank: usize) -> bool {
    rank == 2 && name.ends_with(".weight") && !name.contains("embeddings.")
}
