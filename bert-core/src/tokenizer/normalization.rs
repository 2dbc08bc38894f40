//! How a text is normalised before it is split into words.

use tokenizers::normalizers::BertNormalizer;

/// The normalisation of a text before it is split into words.
///
/// The fields match Hugging Face's `BertNormalizer`, which does what `BasicTokenizer` does in BERT's own
/// `tokenization.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Normalization {
    /// Lower-cases: `do_lower_case` in `tokenizer_config.json`.
    pub lowercase: bool,
    /// Removes accents from letters, `é` to `e`; `None` does so exactly where the text is lower-cased.
    pub strip_accents: Option<bool>,
    /// Makes each CJK ideograph a word of its own: `tokenize_chinese_chars` in `tokenizer_config.json`.
    pub chinese_chars: bool,
    /// Removes control characters and turns every kind of white space into a plain space.
    pub clean_text: bool,
}

impl Normalization {
    /// For the `uncased` models: lower-cased, without accents.
    pub const fn uncased() -> Self {
        Self {
            lowercase: true,
            strip_accents: None,
            chinese_chars: true,
            clean_text: true,
        }
    }

    /// For the `cased` models: case and accents stay.
    pub const fn cased() -> Self {
        Self {
            lowercase: false,
            ..Self::uncased()
        }
    }
}

impl Default for Normalization {
    /// [`Normalization::uncased`], the default of Hugging Face's `BertTokenizer`.
    fn default() -> Self {
        Self::uncased()
    }
}

impl From<Normalization> for BertNormalizer {
    fn from(n: Normalization) -> Self {
        BertNormalizer::new(n.clean_text, n.chinese_chars, n.strip_accents, n.lowercase)
    }
}

impl From<BertNormalizer> for Normalization {
    fn from(n: BertNormalizer) -> Self {
        Self {
            lowercase: n.lowercase,
            strip_accents: n.strip_accents,
            chinese_chars: n.handle_chinese_chars,
            clean_text: n.clean_text,
        }
    }
}
