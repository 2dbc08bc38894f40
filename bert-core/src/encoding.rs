//! Texts as token ids.

/// One text, or a pair, as the encoder reads it: `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`, without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The ids of all tokens, special tokens included.
    pub ids: Vec<u32>,
    /// The token type of each token: 1 for the second text and the `[SEP]` after it, 0 for all before.
    pub type_ids: Vec<u8>,
    /// Whether the text was truncated to the maximum length.
    pub truncated: bool,
}

/// A text in the vocabulary's pieces, without special tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// The pieces' ids.
    pub ids: Vec<u32>,
    /// Each piece's range in the text, in bytes: `&text[start..end]`.
    pub offsets: Vec<(u32, u32)>,
}
