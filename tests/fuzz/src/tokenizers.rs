//! Reading tokenizers, and using them as the program does.

use std::path::PathBuf;

use bert_core::models::bert::ARCHITECTURE;
use bert_core::{BertTokenizer, TokenizerError};
use bert_tests::use_tokenizer;

use crate::{Parts, folder};

/// The vocabulary of the first inputs.
pub const WORDS: [&str; 10] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", "sat", "!",
];

/// The files of a tokenizer's folder.
pub const FILES: [&str; 6] = [
    "tokenizer.json",
    "vocab.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "config.json",
];

/// A tokenizer of [`WORDS`].
pub fn tokenizer() -> BertTokenizer {
    let words = WORDS.map(String::from).to_vec();
    BertTokenizer::from_vocabulary(words, Default::default()).expect("it is BERT's")
}

/// The files that the program writes for a tokenizer.
pub fn saved() -> PathBuf {
    let dir = folder().join("saved");
    tokenizer().save(&dir).expect("files can be written");
    dir
}

/// The tokenizer of a folder with the files of an input.
pub fn of_folder(input: &[u8]) -> Result<BertTokenizer, TokenizerError> {
    BertTokenizer::from_dir(&Parts::of(input).write("tokenizer", &FILES))
}

/// The tokenizer that a `tokenizer.json` describes as it is.
pub fn of_json(input: &[u8]) -> Result<BertTokenizer, TokenizerError> {
    BertTokenizer::from_json(&String::from_utf8_lossy(input), &ARCHITECTURE)
}

/// Uses a tokenizer, if it was read.
pub fn used(tokenizer: Result<BertTokenizer, TokenizerError>) {
    if let Ok(tokenizer) = tokenizer {
        use_tokenizer(tokenizer, &folder().join("again"));
    }
}
