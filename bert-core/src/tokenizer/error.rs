//! What can be wrong with a tokenizer's files, or with what is asked of it.

use std::path::PathBuf;

/// Why a tokenizer could not be loaded, saved, or used.
///
/// `file` is the file at fault, or `(vocabulary in memory)`; lines count from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// The folder has none of the files a tokenizer can be read from.
    #[error("{}: has neither a tokenizer.json nor a vocab.txt; a BERT model's folder has at least one", .dir.display())]
    NoFiles {
        /// The folder.
        dir: PathBuf,
    },
    /// The operating system could not read or write.
    #[error("{}: {source}", .file.display())]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A vocabulary is in another encoding.
    #[error("{}: line {line}: not UTF-8", .file.display())]
    NotUtf8 {
        /// The file.
        file: PathBuf,
        /// The first line at fault.
        line: usize,
    },
    /// There is no token at all.
    #[error("{}: the vocabulary is empty", .file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// A token is there twice, so that it has no one id.
    #[error("{}: line {line}: the token {token:?} is on line {first} already", .file.display())]
    Duplicate {
        /// The file.
        file: PathBuf,
        /// Where the token is met again.
        line: usize,
        /// Where it was met first.
        first: usize,
        /// The token.
        token: String,
    },
    /// A token that goes over several lines could not be written to a `vocab.txt`.
    #[error("{}: the token {token:?} (id {id}) contains a line break", .file.display())]
    LineBreak {
        /// The file.
        file: PathBuf,
        /// The token.
        token: String,
        /// Its id.
        id: usize,
    },
    /// The ids of a `tokenizer.json` have a hole, or two tokens share one.
    #[error("{}: the ids of its {size} tokens must be 0 to {}, each once; id {id} breaks this", .file.display(), .size - 1)]
    Ids {
        /// The file.
        file: PathBuf,
        /// How many tokens there are.
        size: usize,
        /// The first id that is not the one expected.
        id: u32,
    },
    /// A special token that BERT cannot do without is missing.
    #[error("{}: no token {token}; BERT needs {needed}", .file.display())]
    MissingSpecial {
        /// The file.
        file: PathBuf,
        /// The first one missing.
        token: &'static str,
        /// All that are needed.
        needed: String,
    },
    /// The file is not JSON, or not of the shape it should have.
    #[error("{}: {source}", .file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// What the parser said, with line and column where it knows them.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A `tokenizer.json` describes some other tokenizer.
    #[error("{}: not a BERT tokenizer: {what}", .file.display())]
    NotBert {
        /// The file.
        file: PathBuf,
        /// What is not as in BERT.
        what: String,
    },
    /// The maximum length is taken up by special tokens.
    #[error("a maximum length of {max_length} leaves no room for text: it must be at least {least}")]
    MaxLength {
        /// What was asked for.
        max_length: usize,
        /// The smallest that makes sense for this input.
        least: usize,
    },
    /// The one text that may be cut is missing, or has no more tokens than would have to go.
    #[error(
        "a maximum length of {max_length} cannot be kept by cutting the {which} text alone: {available} of its tokens \
         could go, {needed} would have to"
    )]
    NoRoom {
        /// What was asked for.
        max_length: usize,
        /// `first` or `second`.
        which: &'static str,
        /// How many tokens it has besides one that stays.
        available: usize,
        /// How many tokens are too many.
        needed: usize,
    },
    /// Windows of a long text must move on, so they must overlap by less than they hold.
    #[error(
        "a stride of {stride} is too large: the windows hold only {window} tokens of the text that is cut"
    )]
    Stride {
        /// What was asked for.
        stride: usize,
        /// How many tokens of the text a window holds.
        window: usize,
    },
    /// The `tokenizers` crate failed.
    #[error("tokenizer: {0}")]
    Encode(Box<dyn std::error::Error + Send + Sync>),
}
