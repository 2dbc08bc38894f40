//! BERT (Devlin et al. 2019, "BERT: Pre-training of deep bidirectional transformers for language understanding").

use super::architecture::{Architecture, PoolerActivation, PoolerForm, Positions};
use super::{ParameterPaths, TokenizerForm, WeightNames};

/// BERT, as transformers' `BertModel` has it.
///
/// The modules are named after those of transformers, so that a few rules give the names of all weights: `self` is a
/// keyword in Rust, and layer normalisation has a `weight` and a `bias` there, and a `gamma` and a `beta` in Burn and in
/// checkpoints converted from TensorFlow.
pub static ARCHITECTURE: Architecture = Architecture {
    model_type: "bert",
    class_prefix: "Bert",
    config_keys: &[],
    positions: Positions::FromZero,
    token_types: true,
    pooler: PoolerForm {
        dropout: false,
        activation: PoolerActivation::Tanh,
    },
    weights: WeightNames {
        prefix: "bert.",
        renames: &[
            (".self_attention.", ".self."),
            ("layer_norm.gamma", "LayerNorm.weight"),
            ("layer_norm.beta", "LayerNorm.bias"),
        ],
        heads: &[],
        old_spellings: &[
            ("LayerNorm.weight", "LayerNorm.gamma"),
            ("LayerNorm.bias", "LayerNorm.beta"),
            ("cls.predictions.bias", "cls.predictions.decoder.bias"),
        ],
        tied: &[
            (
                "cls.predictions.decoder.weight",
                "bert.embeddings.word_embeddings.weight",
            ),
            ("cls.predictions.decoder.bias", "cls.predictions.bias"),
        ],
        buffers: &["embeddings.position_ids", "embeddings.token_type_ids"],
        required: &["embeddings.", "encoder."],
    },
    parameters: ParameterPaths::OF_ENCODER,
    tokenizer: TOKENIZER,
};

/// The special tokens of BERT's tokenizer, which other families have too.
pub const TOKENIZER: TokenizerForm = TokenizerForm {
    class: "BertTokenizer",
    // By comparison of all classes of transformers 5.24.0 on one vocabulary.
    aliases: &[
        "ConvBertTokenizer",
        "DPRContextEncoderTokenizer",
        "DPRQuestionEncoderTokenizer",
        "DPRReaderTokenizer",
        "DistilBertTokenizer",
        "ElectraTokenizer",
        "LayoutLMTokenizer",
        "LxmertTokenizer",
        "MobileBertTokenizer",
        "SqueezeBertTokenizer",
    ],
    model: "WordPiece",
    pad: "[PAD]",
    unk: "[UNK]",
    cls: "[CLS]",
    sep: "[SEP]",
    mask: "[MASK]",
    separators: 1,
    second_type: 1,
};
