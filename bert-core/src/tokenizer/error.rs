//! What can be wrong with the files of a tokenizer, or with the arguments of a call.

use std::path::PathBuf;

/// Why a tokenizer could not be loaded, saved, or used.
///
/// `file` is the file at fault, or `(vocabulary in memory)`; lines count from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// The folder has none of the files a tokenizer can be read from.
    #[error("{}: has {needed}", .dir.display())]
    NoFiles {
        /// The folder.
        dir: PathBuf,
        /// The missing files.
        needed: &'static str,
    },
    /// The operating system could not read or write.
    #[error("{}: {source}", .file.display())]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A vocabulary is not UTF-8.
    #[error("{}: line {line}: not UTF-8", .file.display())]
    NotUtf8 {
        /// The file.
        file: PathBuf,
        /// The first line that is not.
        line: usize,
    },
    /// The vocabulary has no token.
    #[error("{}: the vocabulary is empty", .file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// A token has an id that is out of range.
    #[error("{}: a token has the id {id}; ids must be below {most}", .file.display())]
    Ids {
        /// The file.
        file: PathBuf,
        /// The largest id.
        id: u32,
        /// The first one that no token can have.
        most: u32,
    },
    /// The tokenizer belongs to another model.
    #[error(
        "the tokenizer has ids up to {last}, but config.json's `vocab_size` is {rows}: they belong to different models"
    )]
    Vocabulary {
        /// The largest id.
        last: usize,
        /// The number of word embeddings.
        rows: usize,
    },
    /// The model has too few token types for pairs of texts.
    #[error(
        "this model cannot read pairs of texts: the second text has token type {second}, but config.json's \
         `type_vocab_size` is {types}"
    )]
    TokenTypes {
        /// The token type of the second text.
        second: usize,
        /// The number of token types.
        types: usize,
    },
    /// A required special token is missing.
    #[error("{}: no token {token}; BERT needs {needed}", .file.display())]
    MissingSpecial {
        /// The file.
        file: PathBuf,
        /// The first one missing.
        token: &'static str,
        /// All required special tokens.
        needed: String,
    },
    /// The file is not JSON, or does not have the expected structure.
    #[error("{}: {source}", .file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// The parser's reason, with line and column where it knows them.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The files describe another kind of tokenizer.
    #[error("{}: not a BERT tokenizer: {what}", .file.display())]
    NotBert {
        /// The file.
        file: PathBuf,
        /// The difference from BERT's.
        what: String,
    },
    /// The special tokens take up the maximum length.
    #[error("a maximum length of {max_length} leaves no room for text: it must be at least {least}")]
    MaxLength {
        /// The maximum length of the call.
        max_length: usize,
        /// The smallest that leaves room for a token.
        least: usize,
    },
    /// The text that may be truncated is missing, or is too short to lose the tokens that are too many.
    #[error(
        "cannot reach {max_length} tokens by truncating only the {which} text: it can lose {available} tokens, not {needed}"
    )]
    NoRoom {
        /// The maximum length of the call.
        max_length: usize,
        /// `first` or `second`.
        which: &'static str,
        /// The tokens that it could lose: all but one.
        available: usize,
        /// The tokens that are too many.
        needed: usize,
    },
    /// The windows of a long text overlap completely: the stride must be smaller than a window.
    #[error("a stride of {stride} is too large: a window holds only {window} tokens of the truncated text")]
    Stride {
        /// The stride of the call.
        stride: usize,
        /// The tokens of the text in a window.
        window: usize,
    },
    /// There is nothing to learn a vocabulary from.
    #[error("the texts have no words to learn a vocabulary from")]
    NoWords,
    /// A special token of a new vocabulary cannot be one.
    #[error("the special token {token:?} is refused: {reason}")]
    SpecialToken {
        /// The token.
        token: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The texts are more than the trainer of vocabularies can count.
    #[error(
        "the characters {pair:?} occur {count} times side by side, more than can be counted (2147483647): learn the \
         vocabulary from a part of the texts"
    )]
    TooManyPairs {
        /// The two characters.
        pair: String,
        /// How often they occur.
        count: u64,
    },
    /// The `tokenizers` crate failed.
    #[error("tokenizer: {0}")]
    Encode(Box<dyn std::error::Error + Send + Sync>),
}
