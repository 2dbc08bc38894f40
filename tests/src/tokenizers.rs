//! Using a tokenizer in every way that the program does.

use std::path::Path;

use bert_core::{BertConfig, BertTokenizer};

/// Encodes texts, saves the tokenizer in `dir` and matches it with a model; what is refused is refused without a panic.
pub fn use_tokenizer(tokenizer: BertTokenizer, dir: &Path) {
    for text in [
        "The cats sat!",
        "[CLS] [MASK]\u{feff}\u{ad} caf\u{e9} \u{6771}",
        "",
    ] {
        let _ = tokenizer.encode(text, None, 16);
        let _ = tokenizer.encode(text, Some("the cat"), 16);
        let _ = tokenizer.tokenize(text);
    }
    let _ = (tokenizer.loses_capitals(), tokenizer.vocab_size());
    let _ = tokenizer.save(dir);
    let _ = tokenizer.for_model(&BertConfig::compact(10, 8, 1, 2));
}
